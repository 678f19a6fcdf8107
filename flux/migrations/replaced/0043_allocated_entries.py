"""The entries of what was allocated by an index of their own, made while everybody works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes such an index outside of any transaction

    dependencies = [("flux", "0042_told_units")]

    operations = [
        AddIndexConcurrently(
            model_name="flowentry",
            index=models.Index(
                condition=models.Q(stage="ALLOCATED"), fields=["vacancy", "holder"], name="flow_entry_allocated"
            ),
        ),
    ]
