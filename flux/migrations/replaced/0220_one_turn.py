from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """A unit is credited once in a year: accounts that are open already keep the rule under which they were written."""

    dependencies = [("flux", "0210_controls_of_facts")]

    operations = [
        migrations.AddField(
            model_name="ledger",
            name="accounting",
            field=models.PositiveSmallIntegerField(db_default=1, default=2, verbose_name="règle de compte"),
        ),
        migrations.AlterField(
            model_name="ledger",
            name="kind",
            field=models.CharField(
                choices=[
                    ("FIRST_LETTING", "premières locations"),
                    ("ORDINARY", "flux annuel"),
                    ("TURN", "logements passés pour un tour"),
                ],
                default="ORDINARY",
                max_length=13,
                verbose_name="nature",
            ),
        ),
        migrations.AddField(
            model_name="routing",
            name="one_turn",
            field=models.BooleanField(db_default=False, default=False, verbose_name="pour un tour"),
        ),
        *_sql.apply_files("flux", {"0220_one_turn": "4973d72db5a2"}),
    ]
