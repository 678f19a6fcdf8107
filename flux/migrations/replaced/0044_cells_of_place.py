"""The cells of an account in some communes by an index of their own, made while everybody works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes such an index outside of any transaction

    dependencies = [("flux", "0043_allocated_entries")]

    operations = [
        AddIndexConcurrently(
            model_name="flowcell",
            index=models.Index(fields=["commune", "ledger"], name="flow_cell_of_place"),
        ),
    ]
