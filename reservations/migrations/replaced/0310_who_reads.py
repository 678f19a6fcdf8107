from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """How long a seat reads the files of a session; files of conventions are read as their pages are."""

    dependencies = [
        ("reservations", "0305_verifiable_log"),
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
                    ("EXPIRY_WARNING_DAYS", "alerte avant la fin d’un droit ou d’une convention, en jours"),
                    ("RIGHT_END_DAYS", "délai avant de solder le compte d’un droit terminé, en jours"),
                    ("OFFER_DAYS_MIN", "délai de réponse du demandeur à une offre, en jours, au moins"),
                    ("COMMITTEE_MEMBERS", "membres de la CALEOL désignés par le bailleur"),
                    ("RETENTION_MONTHS", "conservation des données nominatives après la radiation, en mois"),
                    ("ACCESS_LOG_MONTHS", "conservation du journal des consultations nominatives, en mois"),
                    (
                        "MINUTES_READ_MONTHS",
                        "lecture des dossiers par les membres de la CALEOL après le procès-verbal, en mois",
                    ),
                    ("UNCONFIRMED_FILE_DAYS", "conservation d’un fichier donné et jamais confirmé, en jours"),
                    ("SMALL_CELL", "effectif sous lequel un décompte de ménages est groupé, en ménages"),
                    ("DORMANT_MONTHS", "fermeture d’un compte dont personne ne se sert, en mois"),
                    ("DORMANT_WARNING_DAYS", "avertissement avant cette fermeture, en jours"),
                    ("PROOF_MINUTES", "durée d’une identité prouvée pour signer ou donner des droits, en minutes"),
                    ("HOLDING_BACK_DAYS", "délai d’alerte entre le congé et l’enregistrement, en jours"),
                    ("REMARK_DAYS", "délai pour répondre à une remarque sur un bilan, en jours ouvrés"),
                    ("SPARE_ROOMS_MAX", "pièces de plus que d’occupants, au-delà : sous-occupation"),
                    ("AREA_ALONE_MIN", "surface pour une personne seule, en m², au moins"),
                    ("AREA_OF_TWO_MIN", "surface pour deux personnes, en m², au moins"),
                    ("AREA_OF_EACH_MIN", "surface pour chaque personne de plus, en m², au moins"),
                    ("AREA_MIN_MOST", "surface demandée au plus, quel que soit le nombre, en m²"),
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
                    ("EXPIRY_WARNING_DAYS", "alerte avant la fin d’un droit ou d’une convention, en jours"),
                    ("RIGHT_END_DAYS", "délai avant de solder le compte d’un droit terminé, en jours"),
                    ("OFFER_DAYS_MIN", "délai de réponse du demandeur à une offre, en jours, au moins"),
                    ("COMMITTEE_MEMBERS", "membres de la CALEOL désignés par le bailleur"),
                    ("RETENTION_MONTHS", "conservation des données nominatives après la radiation, en mois"),
                    ("ACCESS_LOG_MONTHS", "conservation du journal des consultations nominatives, en mois"),
                    (
                        "MINUTES_READ_MONTHS",
                        "lecture des dossiers par les membres de la CALEOL après le procès-verbal, en mois",
                    ),
                    ("UNCONFIRMED_FILE_DAYS", "conservation d’un fichier donné et jamais confirmé, en jours"),
                    ("SMALL_CELL", "effectif sous lequel un décompte de ménages est groupé, en ménages"),
                    ("DORMANT_MONTHS", "fermeture d’un compte dont personne ne se sert, en mois"),
                    ("DORMANT_WARNING_DAYS", "avertissement avant cette fermeture, en jours"),
                    ("PROOF_MINUTES", "durée d’une identité prouvée pour signer ou donner des droits, en minutes"),
                    ("HOLDING_BACK_DAYS", "délai d’alerte entre le congé et l’enregistrement, en jours"),
                    ("REMARK_DAYS", "délai pour répondre à une remarque sur un bilan, en jours ouvrés"),
                    ("SPARE_ROOMS_MAX", "pièces de plus que d’occupants, au-delà : sous-occupation"),
                    ("AREA_ALONE_MIN", "surface pour une personne seule, en m², au moins"),
                    ("AREA_OF_TWO_MIN", "surface pour deux personnes, en m², au moins"),
                    ("AREA_OF_EACH_MIN", "surface pour chaque personne de plus, en m², au moins"),
                    ("AREA_MIN_MOST", "surface demandée au plus, quel que soit le nombre, en m²"),
                ],
                max_length=32,
                verbose_name="paramètre",
            ),
        ),
        *_sql.apply_files("reservations", {"0310_who_reads": "33835cad6370"}),
    ]
