import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models

import reservations.models.searched
from reservations.migrations import _sql


class Migration(migrations.Migration):
    """A household is found by its name, by who reads its request."""

    dependencies = [
        ("attributions", "0255_acting_credential"),
        ("reservations", "0270_occupancy"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="application",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Lower(
                        reservations.models.searched.Folded(
                            django.db.models.functions.comparison.Cast("name", models.TextField())
                        )
                    ),
                    name="gin_trgm_ops",
                ),
                name="application_words",
            ),
        ),
        *_sql.apply_files("attributions", {"0270_named": "92844c8e187a"}),
    ]
