from django.db import migrations, models


class Migration(migrations.Migration):
    """What works took out is found without a reading of all that was given back."""

    dependencies = [("flux", "0250_one_dwelling")]

    operations = [
        migrations.AddIndex(
            model_name="return",
            index=models.Index(condition=models.Q(("reason", "WORKS")), fields=["routing"], name="return_for_works"),
        ),
    ]
