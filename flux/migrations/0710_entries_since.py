from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What came after a seal is read from its mark on, in each account."""

    atomic = False

    dependencies = [("flux", "0700_squashed")]

    operations = [
        AddIndexConcurrently(
            model_name="flowentry", index=models.Index(fields=["ledger", "id"], name="flow_entry_since")
        )
    ]
