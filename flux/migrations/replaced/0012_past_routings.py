from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0011_go_live"),
        ("reservations", "0007_archives"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="vacancy",
            name="source",
            field=models.CharField(
                choices=[("HERE", "enregistré ici"), ("PAST", "reprise d’une orientation passée")],
                default="HERE",
                max_length=4,
                verbose_name="origine",
            ),
        ),
        migrations.AlterField(
            model_name="auditalert",
            name="check_code",
            field=models.CharField(
                choices=[
                    ("LINE", "la ligne n’est pas la somme de ses mouvements"),
                    ("DUE", "le total dû n’est pas celui des logements entrés"),
                    ("RECEIVED", "le nombre de reçus n’est pas celui des logements attribués"),
                    ("DELAYS", "la somme des écarts n’est pas nulle"),
                    ("LACKS", "les manques d’un réservataire ne font pas son écart"),
                    ("SUMS", "ce que l’un a cédé n’est pas ce que l’autre a pris"),
                    ("SEQUENCE", "le rang du compte n’est pas celui de ses logements"),
                    ("OPENING", "ce qui est repris de l’ouverture n’est pas ce que le réservataire a accepté"),
                    ("RECORDED", "une orientation dite passée ne l’est pas, ou le contraire"),
                    ("ORDER", "un logement est passé avant un autre, enregistré plus tôt"),
                    ("REPLAY", "une recommandation recalculée diffère de celle qui est gardée"),
                    ("ASKED", "des décisions demandées hors de leur tour, par habitude"),
                ],
                max_length=8,
                verbose_name="contrôle",
            ),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", "HERE"), ("kind", "IN_FLOW"), _connector="OR"),
                name="vacancy_past_in_flow",
                violation_error_message="Seul un logement du flux se reprend du passé.",
            ),
        ),
    ]
