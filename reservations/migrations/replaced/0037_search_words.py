import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models

import reservations.models.searched


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0036_postal_address"),
    ]

    operations = [
        django.contrib.postgres.operations.TrigramExtension(),
        django.contrib.postgres.operations.BtreeGinExtension(),
        migrations.AddIndex(
            model_name="organisation",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Lower(
                        reservations.models.searched.Folded(
                            django.db.models.functions.comparison.Cast("name", models.TextField())
                        )
                    ),
                    name="gin_trgm_ops",
                ),
                name="organisation_words",
            ),
        ),
        migrations.AddIndex(
            model_name="territory",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_name"], name="territory_words", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="territory",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["postal_codes"], name="territory_postal_codes", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]
