"""A signed convention ends before its term by the accord of each party: those that ended before stay as they are."""

import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0215_what_is_written"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="pause",
            name="pause_period",
        ),
        migrations.AddField(
            model_name="pause",
            name="is_final",
            field=models.BooleanField(db_default=False, default=False, verbose_name="met fin à la convention"),
        ),
        migrations.AddField(
            model_name="pause",
            name="successor",
            field=models.ForeignKey(
                blank=True,
                help_text="qui reprendrait ce qui reste dû le jour de la fin",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.organisation",
                verbose_name="droits repris par",
            ),
        ),
        migrations.AlterField(
            model_name="historyentry",
            name="act",
            field=models.CharField(
                choices=[
                    ("RECORDED", "enregistrement"),
                    ("EDITED", "modification"),
                    ("PROPOSED", "proposition au signataire"),
                    ("WITHDRAWN", "retrait de la proposition"),
                    ("PARTY_SIGNED", "signature d’une partie"),
                    ("SIGNED", "signature"),
                    ("AMENDED", "remplacement par un avenant"),
                    ("FORMAL_NOTICE", "mise en demeure"),
                    ("DENOUNCED", "dénonciation : ne sera pas reconduite"),
                    ("NOT_DENOUNCED", "dénonciation retirée"),
                    ("PAUSE_ASKED", "suspension proposée"),
                    ("PAUSE_ACCORD", "accord d’une partie sur la suspension"),
                    ("PAUSED", "suspension convenue"),
                    ("PAUSE_DROPPED", "suspension retirée avant d’être convenue"),
                    ("LIFT_ASKED", "levée de la suspension proposée"),
                    ("LIFTED", "suspension levée plus tôt"),
                    ("END_ASKED", "fin proposée à chaque partie"),
                    ("END_ACCORD", "accord d’une partie sur la fin"),
                    ("END_DROPPED", "fin retirée avant d’être convenue"),
                    ("VOIDED", "sans effet avant d’avoir commencé"),
                    ("ENDED", "fin avancée"),
                    ("TERMINATED", "résiliation"),
                    ("DISCARDED", "suppression du brouillon"),
                    ("ATTACHED", "ajout d’une pièce signée"),
                    ("CONVERTED", "conversion en flux"),
                    ("IMPORTED", "import d’un fichier"),
                    ("SENT", "envoi"),
                    ("AGREED", "accord sur la répartition"),
                    ("CANCELLED", "annulation"),
                    ("GRANTED", "rôle donné"),
                    ("REVOKED", "rôle retiré"),
                    ("PASSWORD", "mot de passe changé"),
                    ("INVITED", "invitation"),
                    ("CLOSED", "fermeture"),
                    ("MERGED", "réunion à une autre organisation"),
                    ("WARNED", "avertissement avant fermeture"),
                    ("REVIEWED", "revue des personnes"),
                    ("ADDRESS", "changement d’adresse électronique"),
                    ("FACTOR", "second facteur ajouté"),
                    ("FACTOR_GONE", "second facteur retiré"),
                    ("SIGNED_IN", "première connexion avec un mot de passe donné"),
                    ("LOCKED", "connexions suspendues après trop d’essais"),
                ],
                max_length=13,
                verbose_name="acte",
            ),
        ),
        migrations.AlterField(
            model_name="pauseaccord",
            name="means",
            field=models.CharField(
                choices=[
                    ("ACCOUNT", "sur son compte"),
                    ("PAPER", "sur papier, pièce jointe"),
                    ("FILE", "sur papier, reprise d’un fichier"),
                    ("CARRIED", "déjà donné, pour la version précédente"),
                    ("SUCCESSION", "par l’organisation à laquelle elle succède"),
                ],
                max_length=10,
                verbose_name="comment",
            ),
        ),
        migrations.AddConstraint(
            model_name="pause",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_on", None), ("is_final", True), ("shortens", None)),
                    models.Q(
                        ("is_final", False),
                        ("successor", None),
                        models.Q(
                            models.Q(("ends_on", None), ("shortens__isnull", False)),
                            models.Q(("ends_on__gte", models.F("starts_on")), ("ends_on__isnull", False)),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="pause_period",
                violation_error_message="La suspension finit avant de commencer : corrigez l’un de ses deux jours.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="pause",
            name="pause_one_proposed",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "PROPOSED")),
                fields=("convention",),
                name="pause_one_proposed",
                violation_error_message="Une suspension ou une fin de cette convention est déjà proposée : acceptez-la, ou retirez-la d’abord.",
            ),
        ),
        *_sql.apply_files("reservations", {"0220_agreed_ends": "3a4e376e5ffb"}),
    ]
