from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What works took out is found without a reading of all that was given back."""

    atomic = False
    dependencies = [("flux", "0250_one_dwelling")]

    operations = [
        AddIndexConcurrently(
            model_name="return",
            index=models.Index(condition=models.Q(("reason", "WORKS")), fields=["routing"], name="return_for_works"),
        ),
    ]
