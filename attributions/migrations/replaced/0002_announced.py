import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0001_start"),
        ("flux", "0004_known_departures"),
        ("reservations", "0001_start"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="window",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="flux.decisionwindow",
                verbose_name="fenêtre de décision",
            ),
        ),
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
                    ("RULE", "la règle d’orientation d’un bailleur change"),
                ],
                max_length=14,
                verbose_name="événement",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="vacancy",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="flux.vacancy",
                verbose_name="logement libéré",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "RULE"), ("vacancy", None), ("window__isnull", False)),
                    models.Q(models.Q(("kind", "RULE"), _negated=True), ("vacancy__isnull", False), ("window", None)),
                    _connector="OR",
                ),
                name="notice_about_one_thing",
                violation_error_message="Un avis porte sur un logement, ou sur la règle d’un bailleur.",
            ),
        ),
        *_sql.apply_files("attributions", {"0002_announced": "c40c130de0e6"}),
    ]
