"""The delay after a notice beyond which registering a unit late is told to the landlord's manager."""

from datetime import date
from decimal import Decimal

from django.db import migrations, models

from reservations.migrations import _together


def record(apps, schema_editor):
    apps.get_model("reservations", "LegalParameter").objects.create(
        code="HOLDING_BACK_DAYS",
        value=Decimal(15),
        starts_on=date(2020, 2, 22),
        source="usage : un congé s’enregistre dans les deux semaines",
    )


class Migration(_together.Migration):
    dependencies = [
        ("reservations", "0008_history_cancelled"),
    ]

    operations = [
        migrations.AlterField(
            model_name="derogation",
            name="code",
            field=models.CharField(
                choices=[
                    ("STATE_SHARE_MAX", "part maximale de l’État dans le flux, en %"),
                    ("STATE_AGENTS_SHARE_MAX", "dont part maximale des agents de l’État, en %"),
                    ("STATE_OUTSIDE_QPV_MIN", "part minimale de l’État hors QPV, sauf accord, en %"),
                    ("GUARANTEE_SHARE_MAX", "part maximale des droits pour garantie d’emprunt, en %"),
                    ("GUARANTEE_EXTENSION_YEARS", "prolongation après l’emprunt garanti, en années"),
                    ("DEROGATION_MONTHS_MAX", "durée maximale d’une dérogation préfectorale, en mois"),
                    ("TERMINATION_NOTICE_MONTHS", "délai entre mise en demeure et résiliation par l’État, en mois"),
                    ("MINIMUM_CANDIDATES", "candidats à examiner par logement, au moins"),
                    ("PROPOSAL_DAYS", "délai d’usage pour proposer des candidats, en jours ouvrés"),
                    ("FIRST_LETTING_DAYS", "délai d’usage à la première location, en jours ouvrés"),
                    ("FORECAST_DUE", "jour limite du prévisionnel et du bilan (mois × 100 + jour)"),
                    ("FLOW_REQUIRED", "convention en flux exigée de tout réservataire (1 : oui)"),
                    (
                        "RETURNED_DELAY_MAX",
                        "reste dû qu’un réservataire garde, au plus, après un logement rendu sans compter, en logements",
                    ),
                    ("EXPIRY_WARNING_DAYS", "alerte avant la fin d’un droit ou d’une convention, en jours"),
                    ("HOLDING_BACK_DAYS", "délai d’alerte entre le congé et l’enregistrement, en jours"),
                ],
                max_length=32,
                verbose_name="plafond levé",
            ),
        ),
        migrations.AlterField(
            model_name="legalparameter",
            name="code",
            field=models.CharField(
                choices=[
                    ("STATE_SHARE_MAX", "part maximale de l’État dans le flux, en %"),
                    ("STATE_AGENTS_SHARE_MAX", "dont part maximale des agents de l’État, en %"),
                    ("STATE_OUTSIDE_QPV_MIN", "part minimale de l’État hors QPV, sauf accord, en %"),
                    ("GUARANTEE_SHARE_MAX", "part maximale des droits pour garantie d’emprunt, en %"),
                    ("GUARANTEE_EXTENSION_YEARS", "prolongation après l’emprunt garanti, en années"),
                    ("DEROGATION_MONTHS_MAX", "durée maximale d’une dérogation préfectorale, en mois"),
                    ("TERMINATION_NOTICE_MONTHS", "délai entre mise en demeure et résiliation par l’État, en mois"),
                    ("MINIMUM_CANDIDATES", "candidats à examiner par logement, au moins"),
                    ("PROPOSAL_DAYS", "délai d’usage pour proposer des candidats, en jours ouvrés"),
                    ("FIRST_LETTING_DAYS", "délai d’usage à la première location, en jours ouvrés"),
                    ("FORECAST_DUE", "jour limite du prévisionnel et du bilan (mois × 100 + jour)"),
                    ("FLOW_REQUIRED", "convention en flux exigée de tout réservataire (1 : oui)"),
                    (
                        "RETURNED_DELAY_MAX",
                        "reste dû qu’un réservataire garde, au plus, après un logement rendu sans compter, en logements",
                    ),
                    ("EXPIRY_WARNING_DAYS", "alerte avant la fin d’un droit ou d’une convention, en jours"),
                    ("HOLDING_BACK_DAYS", "délai d’alerte entre le congé et l’enregistrement, en jours"),
                ],
                max_length=32,
                verbose_name="paramètre",
            ),
        ),
        migrations.RunPython(record, migrations.RunPython.noop),
    ]
