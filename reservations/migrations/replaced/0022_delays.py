from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0021_unconfirmed"),
    ]

    operations = [
        migrations.AddField(
            model_name="convention",
            name="day_unit",
            field=models.CharField(
                choices=[
                    ("WORKING", "jours ouvrés"),
                    ("CALENDAR", "jours calendaires"),
                    ("POSTPONED", "jours calendaires, le dernier reporté s’il est chômé"),
                    ("CLEAR", "jours francs"),
                ],
                default="WORKING",
                max_length=9,
                verbose_name="jours comptés",
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="august_suspended",
            field=models.BooleanField(default=False, verbose_name="le mois d’août ne compte pas"),
        ),
        migrations.AddField(
            model_name="convention",
            name="opens_on",
            field=models.CharField(
                choices=[
                    ("NOTICE", "le congé reçu"),
                    ("AVAILABLE", "le logement libre"),
                    ("WORKS", "la fin des travaux"),
                ],
                default="NOTICE",
                max_length=9,
                verbose_name="ce qui ouvre le flux",
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="signal_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="vide : aucun délai convenu",
                null=True,
                verbose_name="délai pour signaler un logement",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="first_letting_days",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="délai pour proposer à la première location"
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="new_candidates_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="vide : le délai ne repart pas",
                null=True,
                verbose_name="nouveau délai après un refus",
            ),
        ),
        migrations.AlterField(
            model_name="convention",
            name="proposal_days",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="vide : aucun délai convenu", null=True, verbose_name="délai pour proposer"
            ),
        ),
        *_sql.apply_files("reservations", {"0022_delays": "1e04720d52fb"}),
    ]
