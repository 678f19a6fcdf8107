from django.db import migrations, models

from reservations.migrations import _together


class Migration(_together.Migration):
    dependencies = [("flux", "0008_forecast_content")]

    operations = [
        migrations.AlterModelOptions(
            name="carriedover",
            options={"ordering": ["ledger", "holder", "ordinal"], "verbose_name": "report"},
        ),
        migrations.RemoveConstraint(model_name="carriedover", name="carried_over_once"),
        migrations.AddField(
            model_name="carriedover",
            name="ordinal",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="numéro"),
        ),
        migrations.AddConstraint(
            model_name="carriedover",
            constraint=models.UniqueConstraint(fields=("ledger", "holder", "ordinal"), name="carried_over_ordinal"),
        ),
    ]
