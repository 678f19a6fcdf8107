import django.contrib.postgres.indexes
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

import reservations.models.searched


class Migration(migrations.Migration):
    """Names are found by an index of their words."""

    atomic = False
    dependencies = [("attributions", "0270_named")]

    operations = [
        AddIndexConcurrently(
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
    ]
