from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0200_counting_point"),
        ("reservations", "0215_what_is_written"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="auditalert",
            name="audit_alert_whose",
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
                    ("APART", "une tâche n’a pas pu traiter une ligne, et l’a mise de côté"),
                    ("COUNTS", "un cumul des comptes n’est pas ce qu’il additionne"),
                    ("LISTS", "un décompte des listes n’est pas ce que disent les demandes et les baux"),
                    ("STAGE", "l’étape d’un logement n’est pas celle de ses candidats"),
                    ("RECOUNT", "une case du bilan n’est pas celle des actes recomptés"),
                    ("LEASE", "un bail en vigueur n’est pas dans le compte"),
                    ("HOUSED", "un ménage a deux baux en vigueur"),
                    ("TWICE", "un ménage est deux fois candidat au même logement"),
                    ("GONE", "un logement sorti du parc est déclaré libéré"),
                    ("LOST", "ce qu’une année laisse dû n’est pas repris"),
                    ("CLOSED", "un logement est orienté vers une organisation fermée"),
                ],
                max_length=8,
                verbose_name="contrôle",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditalert",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("check_code", "ALTERED"), ("ledger", None)),
                    models.Q(("check_code", "BROKEN"), ("landlord", None)),
                    models.Q(("check_code", "APART"), ("landlord", None), ("ledger", None)),
                    models.Q(
                        (
                            "check_code__in",
                            (
                                "COUNTS",
                                "LISTS",
                                "STAGE",
                                "RECOUNT",
                                "LEASE",
                                "HOUSED",
                                "TWICE",
                                "GONE",
                                "LOST",
                                "CLOSED",
                            ),
                        ),
                        models.Q(("ledger", None), ("landlord", None), _connector="OR"),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "check_code__in",
                                [
                                    "ALTERED",
                                    "BROKEN",
                                    "APART",
                                    "COUNTS",
                                    "LISTS",
                                    "STAGE",
                                    "RECOUNT",
                                    "LEASE",
                                    "HOUSED",
                                    "TWICE",
                                    "GONE",
                                    "LOST",
                                    "CLOSED",
                                ],
                            ),
                            _negated=True,
                        ),
                        ("landlord", None),
                        ("ledger__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="audit_alert_whose",
                violation_error_message="Une alerte est celle d’un compte, d’un bailleur ou de toute l’installation.",
            ),
        ),
    ]
