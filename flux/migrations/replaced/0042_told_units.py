"""The units that the RPLS says reserved by an index of their own, made while everybody works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes such an index outside of any transaction

    dependencies = [("flux", "0041_descriptions_lacking")]

    operations = [
        AddIndexConcurrently(
            model_name="unit",
            index=models.Index(
                condition=models.Q(
                    ("left_on", None),
                    ("told_contingent__isnull", False),
                    models.Q(("told_contingent", 7), _negated=True),
                ),
                fields=["landlord", "told_contingent"],
                name="unit_told_reserved",
            ),
        ),
    ]
