from django.db import migrations, models


class Migration(migrations.Migration):
    """What the last year of a landlord absorbed left is carried by the next year of the other, and says so."""

    dependencies = [("flux", "0260_earlier_dues")]

    operations = [
        migrations.AddField(
            model_name="carriedover",
            name="absorption",
            field=models.ForeignKey(
                blank=True,
                help_text="dont la dernière année laisse ce report",
                null=True,
                on_delete=models.PROTECT,
                related_name="carried",
                to="flux.absorption",
                verbose_name="bailleur absorbé",
            ),
        ),
    ]
