"""What awaits a decision by the holder that it is recommended to, by an index made while everybody works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes such an index outside of any transaction

    dependencies = [("flux", "0046_awaited_holders")]

    operations = [
        AddIndexConcurrently(
            model_name="awaiteddecision",
            index=models.Index(
                condition=models.Q(("holder__isnull", False)), fields=["holder"], name="awaited_of_holder"
            ),
        ),
    ]
