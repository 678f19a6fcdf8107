from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attributions", "0019_printed_balance")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("SENT", "candidats transmis"),
                    ("NO_CANDIDATE", "aucun candidat : le logement repart"),
                    ("LAPSED", "délai écoulé sans candidat : le logement repart"),
                    ("RESTARTED", "nouveau délai pour proposer"),
                    ("DECIDED", "décisions de la CALEOL"),
                    ("CORRECTED", "décision rectificative de la CALEOL"),
                    ("OFFER_SENT", "offre envoyée"),
                    ("OFFER_ACCEPTED", "offre acceptée"),
                    ("OFFER_REFUSED", "offre refusée"),
                    ("WITHDREW", "désistement d’un candidat"),
                    ("NOBODY_LEFT", "plus aucun candidat"),
                    ("CONDITION_MET", "condition levée : la pièce est arrivée"),
                    ("CONDITION_LOST", "condition non levée dans le délai"),
                    ("LEASED", "bail signé"),
                    ("LEASE_UNDONE", "bail annulé"),
                    ("RELEASED", "candidats libérés"),
                    ("TAKEN_BACK", "logement repris par le bailleur"),
                ],
                max_length=14,
                verbose_name="événement",
            ),
        ),
    ]
