from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The latest motives of a person are found by their own index."""

    atomic = False

    dependencies = [("flux", "0300_settlements_controlled")]

    operations = [
        AddIndexConcurrently(
            model_name="routing",
            index=models.Index(
                condition=models.Q(("motive", ""), _negated=True), fields=["routed_by", "-id"], name="routing_motive_of"
            ),
        ),
    ]
