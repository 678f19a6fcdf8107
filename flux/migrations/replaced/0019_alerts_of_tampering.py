import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0018_imprints"),
        ("reservations", "0019_service_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="auditalert",
            name="audit_alert_once_while_it_stands",
        ),
        migrations.AddField(
            model_name="auditalert",
            name="landlord",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.landlord",
                verbose_name="bailleur",
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
                    ("UNFOUND", "des mouvements ne répondent à aucun acte"),
                    ("ASKED", "des décisions demandées hors de leur tour, par habitude"),
                    ("ALTERED", "des lignes gardées ont été écrites hors de l’application"),
                    ("BROKEN", "la chaîne des faits est rompue"),
                ],
                max_length=8,
                verbose_name="contrôle",
            ),
        ),
        migrations.AlterField(
            model_name="auditalert",
            name="ledger",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="alerts",
                to="flux.ledger",
                verbose_name="compte",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditalert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("acknowledged_at", None)),
                fields=("ledger", "difference"),
                name="audit_alert_once_while_it_stands",
                nulls_distinct=False,
                violation_error_message="Cette différence a déjà son alerte.",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditalert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("check_code", "ALTERED"), ("ledger", None)),
                    models.Q(("check_code", "BROKEN"), ("landlord", None)),
                    models.Q(
                        models.Q(("check_code__in", ["ALTERED", "BROKEN"]), _negated=True),
                        ("landlord", None),
                        ("ledger__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="audit_alert_whose",
                violation_error_message="Une alerte est celle d’un compte, sauf d’un écrit hors de l’application.",
            ),
        ),
        *_sql.apply_files("flux", {"0019_alerts_of_tampering": "c6a2b9223626"}),
    ]
