"""The working days that count for nobody: those when candidates, taken back since, were with the landlord."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flux", "0016_income_ceilings")]
    operations = [
        migrations.AddField(
            "routing",
            "clock_held",
            models.PositiveSmallIntegerField(
                "jours non décomptés",
                default=0,
                help_text="jours ouvrés où des candidats, retirés depuis, étaient transmis",
            ),
        ),
    ]
