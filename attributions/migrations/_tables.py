"""The tables of attributions, with their constraints and their indexes, as ./run squash wrote them.

The migration that makes them is 0700_squashed.py."""

import datetime
from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import reservations.models.periods
import reservations.models.searched

TABLES: list[migrations.operations.base.Operation] = [
    migrations.CreateModel(
        name="AnnualBalance",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="balances",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            (
                "departement",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="département",
                ),
            ),
            ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
        ],
        options={
            "verbose_name": "bilan annuel",
            "verbose_name_plural": "bilans annuels",
            "ordering": ["-exercise", "landlord", "departement"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("landlord", "departement", "exercise"),
                    name="annual_balance_once_a_year",
                    violation_error_message="Le bilan de cette année existe déjà pour ce département.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceVersion",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "balance",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="versions",
                    to="attributions.annualbalance",
                    verbose_name="bilan",
                ),
            ),
            ("number", models.PositiveSmallIntegerField(verbose_name="version")),
            ("content", models.TextField(verbose_name="fichier canonique")),
            (
                "seal",
                models.CharField(
                    max_length=64,
                    validators=[django.core.validators.MinLengthValidator(64)],
                    verbose_name="empreinte SHA-256",
                ),
            ),
            ("sent_at", models.DateTimeField(verbose_name="envoyée le")),
            (
                "sent_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="envoyée par",
                ),
            ),
            ("note", models.TextField(blank=True, verbose_name="ce qui a changé")),
            ("sealed_at", models.DateTimeField(blank=True, null=True, verbose_name="scellée le")),
            (
                "heads",
                models.CharField(
                    blank=True,
                    help_text="vide : envoyée avant qu’il y en ait",
                    max_length=400,
                    verbose_name="têtes des chaînes de faits",
                ),
            ),
        ],
        options={
            "verbose_name": "version du bilan",
            "verbose_name_plural": "versions du bilan",
            "ordering": ["balance", "number"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("balance", "number"),
                    name="balance_version_number",
                    violation_error_message="Cette version existe déjà. Rechargez la page.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("number__gte", 1)),
                    name="balance_version_from_one",
                    violation_error_message="Les versions se comptent à partir de 1.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("seal__regex", "^[0-9a-f]{64}$")),
                    name="balance_version_seal",
                    violation_error_message="L’empreinte d’une version est un SHA-256 en hexadécimal.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceDispatch",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "version",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="dispatches",
                    to="attributions.balanceversion",
                    verbose_name="version",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="destinataire",
                ),
            ),
            ("signs", models.BooleanField(verbose_name="signature demandée")),
            ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="ouvert le")),
            (
                "opened_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "envoi du bilan",
            "verbose_name_plural": "envois du bilan",
            "ordering": ["version", "organisation__name"],
            "constraints": [
                models.UniqueConstraint(fields=("version", "organisation"), name="balance_dispatch_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("opened_at", None), ("opened_by", None)),
                        models.Q(("opened_at__isnull", False), ("opened_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="balance_dispatch_opened_by_somebody",
                    violation_error_message="Une lecture porte sa date et la personne.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceRemark",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "version",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="remarks",
                    to="attributions.balanceversion",
                    verbose_name="version",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="de la part de",
                ),
            ),
            (
                "line",
                models.CharField(
                    choices=[
                        ("SUMMARY", "synthèse"),
                        ("TYPOLOGY", "typologie"),
                        ("FINANCING", "financement"),
                        ("QPV", "quartier prioritaire (QPV)"),
                        ("COMMUNE", "commune"),
                        ("PERIOD", "période de construction"),
                        ("SUBTRACTED", "logements soustraits du flux"),
                        ("STOCK", "logements gardés en stock"),
                        ("FLOW", "logements libérés"),
                    ],
                    max_length=10,
                    verbose_name="tableau",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="réservataire",
                ),
            ),
            ("category", models.CharField(blank=True, max_length=40, verbose_name="catégorie")),
            (
                "measure",
                models.CharField(
                    choices=[
                        ("due", "dû"),
                        ("received", "reçus"),
                        ("offered", "proposés"),
                        ("designated", "candidats désignés"),
                        ("returned", "rendus"),
                        ("lapsed", "délais écoulés sans candidat"),
                        ("refused", "candidatures non abouties"),
                        ("allocated", "attribués"),
                        ("leased", "loués"),
                        ("first_lettings", "premières mises en location"),
                        ("first_allocated", "premières mises en location attribuées"),
                        ("first_leased", "premières mises en location louées"),
                        ("units", "logements"),
                    ],
                    max_length=15,
                    verbose_name="colonne",
                ),
            ),
            (
                "shown",
                models.BigIntegerField(
                    help_text="en millionièmes de logement pour le dû", verbose_name="chiffre du bilan"
                ),
            ),
            ("claimed", models.BigIntegerField(blank=True, null=True, verbose_name="chiffre demandé")),
            ("reason", models.TextField(verbose_name="pourquoi")),
            ("made_at", models.DateTimeField(verbose_name="faite le")),
            (
                "made_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="faite par",
                ),
            ),
            (
                "answer",
                models.CharField(
                    blank=True,
                    choices=[("CORRECTED", "corrigée"), ("MAINTAINED", "maintenue")],
                    max_length=10,
                    verbose_name="réponse",
                ),
            ),
            ("answer_text", models.TextField(blank=True, verbose_name="réponse du bailleur")),
            ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="répondue le")),
            (
                "answered_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "corrected_in",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="corrects",
                    to="attributions.balanceversion",
                    verbose_name="corrigée dans",
                ),
            ),
        ],
        options={
            "verbose_name": "remarque",
            "ordering": ["pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("reason", ""), _negated=True),
                    name="balance_remark_says_why",
                    violation_error_message="Une remarque dit ce que vous contestez, et pourquoi.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("answer", ""),
                            ("answer_text", ""),
                            ("answered_at", None),
                            ("answered_by", None),
                            ("corrected_in", None),
                        ),
                        models.Q(
                            models.Q(("answer", ""), _negated=True),
                            models.Q(("answer_text", ""), _negated=True),
                            ("answered_at__isnull", False),
                            ("answered_by__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="balance_remark_answer",
                    violation_error_message="Une réponse porte sa date, son auteur et une phrase.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("corrected_in", None), ("answer", "CORRECTED"), _connector="OR"),
                    name="balance_remark_corrected_in",
                    violation_error_message="Seule une remarque corrigée l’est dans une version.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceSignature",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "version",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="signatures",
                    to="attributions.balanceversion",
                    verbose_name="version",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="signataire",
                ),
            ),
            ("signed_at", models.DateTimeField(verbose_name="signée le")),
            (
                "signed_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="signée par",
                ),
            ),
        ],
        options={
            "verbose_name": "signature du bilan",
            "verbose_name_plural": "signatures du bilan",
            "ordering": ["pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("version", "organisation"),
                    name="balance_signature_once",
                    violation_error_message="Cette version est déjà signée au nom de votre organisation.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceComment",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "balance",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="comments",
                    to="attributions.annualbalance",
                    verbose_name="bilan",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="réservataire",
                ),
            ),
            ("text", models.TextField(verbose_name="commentaire")),
            ("written_at", models.DateTimeField(verbose_name="écrit le")),
            (
                "written_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="écrit par",
                ),
            ),
        ],
        options={
            "verbose_name": "commentaire du bilan",
            "verbose_name_plural": "commentaires du bilan",
            "ordering": ["balance", "holder"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("balance", "holder"),
                    name="balance_comment_once",
                    nulls_distinct=False,
                    violation_error_message="Cette ligne a déjà un commentaire. Rechargez la page pour le modifier.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceCorrection",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "balance",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="corrections",
                    to="attributions.annualbalance",
                    verbose_name="bilan",
                ),
            ),
            (
                "remark",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="corrections",
                    to="attributions.balanceremark",
                    verbose_name="remarque",
                ),
            ),
            (
                "vacancy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="réservataire",
                ),
            ),
            (
                "entry",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="correction",
                    to="flux.flowentry",
                    verbose_name="mouvement",
                ),
            ),
            ("why", models.TextField(verbose_name="pourquoi")),
            ("made_at", models.DateTimeField(verbose_name="faite le")),
            (
                "made_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="faite par",
                ),
            ),
        ],
        options={
            "verbose_name": "correction du bilan",
            "verbose_name_plural": "corrections du bilan",
            "ordering": ["pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("why", ""), _negated=True),
                    name="balance_correction_says_why",
                    violation_error_message="Dites pourquoi cette ligne est corrigée : les réservataires le liront.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceTolerance",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "region",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="région",
                ),
            ),
            ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice du bilan")),
            ("until", models.DateField(help_text="dernier jour, inclus", verbose_name="toléré jusqu’au")),
            (
                "source",
                models.CharField(
                    help_text="lettre, circulaire ou page officielle", max_length=200, verbose_name="source"
                ),
            ),
        ],
        options={
            "verbose_name": "date tolérée",
            "verbose_name_plural": "dates tolérées",
            "ordering": ["-exercise", "region"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("region", "exercise"),
                    name="balance_tolerance_once",
                    violation_error_message="Une date est déjà tolérée dans cette région pour cet exercice.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceDownload",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
            (
                "territory",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="territoire",
                ),
            ),
            (
                "version",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="downloads",
                    to="attributions.balanceversion",
                    verbose_name="version",
                ),
            ),
            (
                "form",
                models.CharField(
                    choices=[
                        ("XLSX", "classeur XLSX"),
                        ("CSV", "tableau CSV"),
                        ("JSON", "données JSON"),
                        ("PDF", "document PDF"),
                        ("CIL", "dossier complet de la conférence (CIL)"),
                        ("PAGE", "lu à l’écran"),
                        ("KEPT", "tel quel, tenu ailleurs"),
                    ],
                    max_length=4,
                    verbose_name="fichier",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="agit pour",
                ),
            ),
            ("at", models.DateTimeField(verbose_name="le")),
        ],
        options={
            "verbose_name": "lecture ou téléchargement d’un bilan",
            "verbose_name_plural": "lectures et téléchargements d’un bilan",
            "ordering": ["-pk"],
            "indexes": [models.Index(fields=["landlord", "exercise"], name="balance_download_of")],
        },
    ),
    migrations.CreateModel(
        name="Objective",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "code",
                models.CharField(
                    choices=[
                        (
                            "FIRST_QUARTILE_OUTSIDE_QPV",
                            "hors QPV : ménages du premier quartile ou relogés (renouvellement urbain)",
                        ),
                        ("OTHERS_IN_QPV", "en QPV : ménages des trois autres quartiles"),
                        ("PRIORITY_AUTHORITY", "collectivités : ménages prioritaires"),
                        ("PRIORITY_ACTION_LOGEMENT", "Action Logement : ménages prioritaires"),
                        ("PRIORITY_LANDLORD", "bailleur : ménages prioritaires"),
                        ("ESSENTIAL_WORKERS", "travailleurs essentiels"),
                        ("MOBILITY", "mobilité : locataires mutés dans le parc du bailleur"),
                        (
                            "MIX_RESIDENCES",
                            "résidences à enjeu prioritaire de mixité : ménages des trois autres quartiles",
                        ),
                        ("STATE_AGENTS", "plafond des agents de l’État"),
                    ],
                    max_length=26,
                    verbose_name="objectif",
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="territoire",
                ),
            ),
            (
                "landlord",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            ("percent", models.DecimalField(decimal_places=4, max_digits=7, verbose_name="taux, en %")),
            ("starts_on", models.DateField(verbose_name="en vigueur depuis le")),
            ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
            (
                "source",
                models.CharField(
                    help_text="article de loi, ou convention intercommunale (CIA)",
                    max_length=200,
                    verbose_name="source",
                ),
            ),
        ],
        options={
            "verbose_name": "objectif",
            "ordering": ["code", "territory", "landlord", "-starts_on"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("percent__gte", 0), ("percent__lte", 100)),
                    name="objective_percent",
                    violation_error_message="Un taux va de 0 %% à 100 %%.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                    name="objective_period",
                    violation_error_message="La date de fin précède la date de début.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("landlord", None), ("territory__isnull", False), _connector="OR"),
                    name="objective_landlord_has_territory",
                    violation_error_message="L’objectif d’un bailleur est celui d’un territoire.",
                ),
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[
                        ("code", "="),
                        (
                            django.db.models.functions.comparison.Coalesce(
                                "territory", models.Value(0), output_field=models.BigIntegerField()
                            ),
                            "=",
                        ),
                        (
                            django.db.models.functions.comparison.Coalesce(
                                "landlord", models.Value(0), output_field=models.BigIntegerField()
                            ),
                            "=",
                        ),
                        (reservations.models.periods.DateRange("starts_on", "ends_on"), "&&"),
                    ],
                    name="objective_no_overlap",
                    violation_error_message="Deux taux de cet objectif se chevauchent dans le temps.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PrintedBalance",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "fingerprint",
                models.CharField(
                    max_length=64,
                    unique=True,
                    validators=[django.core.validators.MinLengthValidator(64)],
                    verbose_name="empreinte",
                ),
            ),
            (
                "version",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="printed",
                    to="attributions.balanceversion",
                    verbose_name="version",
                ),
            ),
            ("kept", models.BooleanField(default=False, verbose_name="gardé pour toujours")),
            ("address", models.CharField(max_length=300, verbose_name="où le prendre")),
            ("page", models.TextField(blank=True, verbose_name="page à dessiner")),
            ("content", models.BinaryField(blank=True, null=True, verbose_name="fichier")),
            ("size", models.PositiveIntegerField(default=0, verbose_name="taille, octets")),
            ("asked_at", models.DateTimeField(verbose_name="demandé le")),
            ("due_at", models.DateTimeField(verbose_name="à dessiner à partir de")),
            ("drawing_until", models.DateTimeField(blank=True, null=True, verbose_name="en cours jusqu’à")),
            ("drawn_at", models.DateTimeField(blank=True, null=True, verbose_name="dessiné le")),
            ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
            ("failure", models.CharField(blank=True, max_length=300, verbose_name="pourquoi il a échoué")),
        ],
        options={
            "verbose_name": "bilan imprimé",
            "verbose_name_plural": "bilans imprimés",
            "ordering": ["pk"],
            "indexes": [
                models.Index(condition=models.Q(("content", None)), fields=["due_at"], name="printed_balance_waiting"),
                models.Index(condition=models.Q(("kept", False)), fields=["asked_at"], name="printed_balance_asked"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("kept", True)),
                    fields=("version",),
                    name="printed_balance_kept_once",
                    violation_error_message="Le PDF de cette version scellée est déjà gardé.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("kept", False), ("version__isnull", False), _connector="OR"),
                    name="printed_balance_kept_of_a_version",
                    violation_error_message="Seul le PDF d’une version scellée est gardé pour toujours.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("size__lte", 20971520)),
                    name="printed_balance_size",
                    violation_error_message="Ce PDF dépasse 20 Mo : limitez le bilan à un territoire.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Reconciliation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
            (
                "source",
                models.CharField(
                    choices=[("SNE", "export du SNE"), ("SYPLO", "extrait de SYPLO")],
                    max_length=5,
                    verbose_name="fichier",
                ),
            ),
            (
                "state",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="service de l’État",
                ),
            ),
            ("file_name", models.CharField(max_length=100, verbose_name="nom du fichier")),
            ("digest", models.CharField(max_length=64, verbose_name="empreinte SHA-256")),
            ("rows", models.PositiveIntegerField(verbose_name="lignes lues")),
            ("counts", models.JSONField(verbose_name="comptes")),
            ("at", models.DateTimeField(verbose_name="le")),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="par",
                ),
            ),
        ],
        options={
            "verbose_name": "rapprochement",
            "ordering": ["-pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("source", "SNE"), ("state", None)),
                        models.Q(("source", "SYPLO"), ("state__isnull", False)),
                        _connector="OR",
                    ),
                    name="reconciliation_state",
                    violation_error_message="Un extrait de SYPLO est celui d’un service de l’État, et lui seul.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ReconciliationLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "reconciliation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="attributions.reconciliation"
                ),
            ),
            (
                "finding",
                models.CharField(
                    choices=[
                        ("NOT_OURS", "manquant chez le bailleur"),
                        ("NOT_THEIRS", "manquant dans le fichier"),
                        ("CONTINGENT", "contingent différent"),
                        ("NUMBER", "numéro unique différent"),
                        ("UNIT", "logement différent"),
                        ("DATE", "date différente"),
                        ("DUPLICATE", "en double dans le fichier"),
                        ("UNDECIDED", "à rapprocher à la main"),
                    ],
                    max_length=10,
                    verbose_name="constat",
                ),
            ),
            (
                "owner",
                models.CharField(
                    choices=[
                        ("LANDLORD", "le bailleur"),
                        ("HOLDER", "le réservataire"),
                        ("STATE", "le service de l’État"),
                        ("SNE", "le guichet du SNE"),
                    ],
                    max_length=8,
                    verbose_name="à régler par",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            ("line", models.PositiveIntegerField(blank=True, null=True, verbose_name="ligne du fichier")),
            (
                "vacancy",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            ("unit_reference", models.CharField(blank=True, max_length=40, verbose_name="logement")),
            ("number", models.CharField(blank=True, max_length=18, verbose_name="numéro unique")),
            ("forget_on", models.DateField(blank=True, null=True, verbose_name="numéro gardé jusqu’au")),
            ("their_contingent", models.CharField(blank=True, max_length=40, verbose_name="contingent du fichier")),
            (
                "our_holder",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="contingent du compte",
                ),
            ),
            ("their_day", models.DateField(blank=True, null=True, verbose_name="bail, d’après le fichier")),
            ("our_day", models.DateField(blank=True, null=True, verbose_name="bail, d’après le compte")),
        ],
        options={
            "verbose_name": "point à régler",
            "verbose_name_plural": "points à régler",
            "ordering": ["pk"],
            "indexes": [
                models.Index(
                    condition=models.Q(("number", ""), _negated=True),
                    fields=["number"],
                    name="reconciliation_line_number",
                ),
                models.Index(
                    condition=models.Q(("number", ""), _negated=True),
                    fields=["forget_on"],
                    name="reconciliation_line_forget",
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("organisation", None), ("owner__in", ["LANDLORD", "SNE"])),
                        models.Q(("organisation__isnull", False), ("owner__in", ["HOLDER", "STATE"])),
                        _connector="OR",
                    ),
                    name="reconciliation_line_owner",
                    violation_error_message="Un réservataire ou un service de l’État qui règle un point est nommé.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("number", ""), ("forget_on__isnull", False), _connector="OR"),
                    name="reconciliation_line_number_term",
                    violation_error_message="Un numéro unique se garde jusqu’à un jour dit.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceReminder",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="de la part de",
                ),
            ),
            ("at", models.DateTimeField(verbose_name="le")),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="par",
                ),
            ),
        ],
        options={
            "verbose_name": "relance de bilan",
            "verbose_name_plural": "relances de bilan",
            "ordering": ["pk"],
            "indexes": [models.Index(fields=["landlord", "exercise"], name="balance_reminder_of")],
        },
    ),
    migrations.CreateModel(
        name="AccessRecord",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="agit pour",
                ),
            ),
            (
                "keeper",
                models.ForeignKey(
                    help_text="le bailleur",
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="fichier tenu par",
                ),
            ),
            (
                "what",
                models.CharField(
                    choices=[
                        ("FILE", "fiche d’une candidature"),
                        ("CASES", "dossiers d’un point de l’ordre du jour"),
                        ("MINUTES", "procès-verbal"),
                        ("LETTER", "courrier au demandeur"),
                        ("LIST", "liste de candidats, fichier"),
                        ("IMPORT", "import d’un fichier du SNE"),
                        ("COMPARE", "rapprochement avec un fichier"),
                    ],
                    max_length=7,
                    verbose_name="quoi",
                ),
            ),
            (
                "subject",
                models.CharField(
                    help_text="un logement, une séance : jamais une personne", max_length=120, verbose_name="objet"
                ),
            ),
            ("files", models.PositiveIntegerField(default=1, verbose_name="dossiers")),
            ("downloaded", models.BooleanField(default=False, verbose_name="emporté")),
            ("why", models.CharField(blank=True, max_length=300, verbose_name="finalité")),
            ("at", models.DateTimeField(verbose_name="le")),
        ],
        options={
            "verbose_name": "consultation nominative",
            "verbose_name_plural": "consultations nominatives",
            "ordering": ["-pk"],
            "indexes": [models.Index(fields=["at"], name="access_record_at")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("downloaded", False), models.Q(("why", ""), _negated=True), _connector="OR"),
                    name="access_record_download_says_why",
                    violation_error_message="Dites pourquoi vous emportez ce fichier : le journal le garde.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PriorityCategory",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("code", models.CharField(max_length=24, verbose_name="code")),
            ("label", models.CharField(max_length=160, verbose_name="catégorie")),
            (
                "group",
                models.CharField(
                    choices=[("DALO", "DALO"), ("LAW", "priorité de l’article L441-1")],
                    max_length=4,
                    verbose_name="groupe",
                ),
            ),
            ("starts_on", models.DateField(verbose_name="en vigueur depuis le")),
            ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
            ("source", models.CharField(max_length=200, verbose_name="source")),
        ],
        options={
            "verbose_name": "catégorie prioritaire",
            "verbose_name_plural": "catégories prioritaires",
            "ordering": ["group", "label", "starts_on"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("code", "starts_on"),
                    name="priority_category_unique",
                    violation_error_message="Cette catégorie commence déjà ce jour-là.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                    name="priority_category_period",
                    violation_error_message="La date de fin précède la date de début.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Application",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("adults", models.SmallIntegerField(blank=True, null=True, verbose_name="adultes")),
            ("children", models.SmallIntegerField(blank=True, null=True, verbose_name="enfants")),
            ("income", models.IntegerField(blank=True, null=True, verbose_name="revenu fiscal de référence, €")),
            (
                "income_units",
                models.DecimalField(
                    blank=True, decimal_places=2, max_digits=4, null=True, verbose_name="unités de consommation"
                ),
            ),
            ("income_quartile", models.SmallIntegerField(blank=True, null=True, verbose_name="quartile de ressources")),
            ("has_priority", models.BooleanField(blank=True, null=True, verbose_name="ménage prioritaire")),
            (
                "priority",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="attributions.prioritycategory",
                    verbose_name="priorité",
                ),
            ),
            (
                "labelled_on",
                models.DateField(
                    blank=True, help_text="reconnu prioritaire par l’État", null=True, verbose_name="labellisé le"
                ),
            ),
            ("urban_renewal", models.BooleanField(default=False, verbose_name="relogement de renouvellement urbain")),
            ("state_agent", models.BooleanField(default=False, verbose_name="agent de l’État")),
            ("score", models.SmallIntegerField(blank=True, null=True, verbose_name="cotation, en points")),
            ("number", models.CharField(blank=True, max_length=18, verbose_name="numéro unique")),
            ("name", models.CharField(blank=True, max_length=120, verbose_name="nom du demandeur")),
            ("birth_date", models.DateField(blank=True, null=True, verbose_name="date de naissance")),
            (
                "nationality",
                models.CharField(
                    blank=True,
                    choices=[
                        ("FRENCH", "française"),
                        ("EUROPEAN", "Union européenne"),
                        ("OTHER", "hors Union européenne"),
                    ],
                    max_length=8,
                    verbose_name="nationalité",
                ),
            ),
            ("requested_on", models.DateField(blank=True, null=True, verbose_name="demande créée le")),
            (
                "merged_into",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="merged",
                    to="attributions.application",
                ),
            ),
            ("closed_on", models.DateField(blank=True, null=True, verbose_name="radiée le")),
            (
                "closure",
                models.CharField(
                    blank=True,
                    choices=[
                        ("LEASE", "a – attribution suivie d’un bail signé"),
                        ("WAIVED", "b – renonciation écrite du demandeur"),
                        ("NO_ANSWER", "c – absence de réponse du demandeur"),
                        ("INELIGIBLE", "d – demande irrecevable"),
                        ("NOT_RENEWED", "e – demande non renouvelée"),
                        ("MERGED", "f – demandes fusionnées"),
                    ],
                    max_length=11,
                    verbose_name="cause de radiation",
                ),
            ),
            ("pseudonymised_on", models.DateField(blank=True, null=True, verbose_name="pseudonymisée le")),
            ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="enregistrée le")),
            (
                "organisations",
                models.ManyToManyField(
                    related_name="+", to="reservations.organisation", verbose_name="enregistrée par"
                ),
            ),
            ("essential_worker", models.BooleanField(blank=True, null=True, verbose_name="travailleur essentiel")),
            (
                "documents",
                models.CharField(
                    blank=True,
                    choices=[("COMPLETE", "complètes"), ("LACKING", "à compléter")],
                    db_default="",
                    default="",
                    max_length=8,
                    verbose_name="état des pièces",
                ),
            ),
            ("labelled_until", models.DateField(blank=True, null=True, verbose_name="labellisation valable jusqu’au")),
            (
                "least_rooms",
                models.SmallIntegerField(blank=True, null=True, verbose_name="pièces souhaitées, au moins"),
            ),
            (
                "needs_accessible",
                models.BooleanField(blank=True, null=True, verbose_name="logement accessible nécessaire"),
            ),
            (
                "wanted_communes",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=5),
                    blank=True,
                    db_default=[],
                    default=list,
                    help_text="codes INSEE ; vide : non renseignées",
                    verbose_name="communes souhaitées",
                ),
            ),
        ],
        options={
            "verbose_name": "demande",
            "ordering": ["pk"],
            "indexes": [
                models.Index(
                    condition=models.Q(("closed_on__isnull", False), ("pseudonymised_on", None)),
                    fields=["closed_on"],
                    name="application_to_pseudonymise",
                ),
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass(
                        django.db.models.functions.text.Lower(
                            reservations.models.searched.Folded(
                                django.db.models.functions.comparison.Cast("name", models.TextField())
                            )
                        ),
                        name="gin_trgm_ops",
                    ),
                    name="application_words",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("number", ""), _negated=True),
                    fields=("number",),
                    name="application_unique_number",
                    violation_error_message="Une demande porte déjà ce numéro unique.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("closed_on", None), ("closure", "")),
                        models.Q(("closed_on__isnull", False), models.Q(("closure", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="application_closure",
                    violation_error_message="Une radiation porte sa date et sa cause.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("pseudonymised_on", None), models.Q(("number", ""), _negated=True)),
                        models.Q(
                            ("birth_date", None),
                            ("name", ""),
                            ("nationality", ""),
                            ("number", ""),
                            ("pseudonymised_on__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="application_pseudonymised",
                    violation_error_message="Une demande pseudonymisée ne garde ni numéro ni identité.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("priority", None),
                        models.Q(("has_priority", True), ("has_priority__isnull", False)),
                        _connector="OR",
                    ),
                    name="application_priority",
                    violation_error_message="Une catégorie prioritaire est celle d’un ménage prioritaire.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("adults", None), models.Q(("adults__gte", 1), ("adults__lte", 20)), _connector="OR"
                    ),
                    name="application_adults_bounds",
                    violation_error_message="Un ménage compte de 1 à 20 adultes : vérifiez le nombre.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("children", None), models.Q(("children__gte", 0), ("children__lte", 20)), _connector="OR"
                    ),
                    name="application_children_bounds",
                    violation_error_message="Un ménage compte de 0 à 20 enfants : vérifiez le nombre.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("income", None), models.Q(("income__gte", 0), ("income__lte", 1000000)), _connector="OR"
                    ),
                    name="application_income_bounds",
                    violation_error_message="Un revenu fiscal de référence va de 0 à 1\xa0000\xa0000 € par an : vérifiez le montant.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("income_units", None),
                        models.Q(("income_units__gte", 1), ("income_units__lte", Decimal("20.5"))),
                        _connector="OR",
                    ),
                    name="application_income_units_bounds",
                    violation_error_message="Les unités de consommation vont de 1 à 20,5, avec deux décimales au plus : 1 pour le premier adulte, 0,5 ou 0,3 pour chacun des autres.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("income_quartile", None),
                        models.Q(("income_quartile__gte", 1), ("income_quartile__lte", 4)),
                        _connector="OR",
                    ),
                    name="application_income_quartile_bounds",
                    violation_error_message="Le quartile de ressources va de 1 à 4.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("labelled_on", None),
                        models.Q(
                            ("labelled_on__gte", datetime.date(1990, 5, 31)),
                            ("labelled_on__lte", datetime.date(2099, 12, 31)),
                        ),
                        _connector="OR",
                    ),
                    name="application_labelled_on_bounds",
                    violation_error_message="Un ménage est labellisé entre la loi du 31 mai 1990 et aujourd’hui : vérifiez la date.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("score", None), models.Q(("score__gte", 0), ("score__lte", 9999)), _connector="OR"
                    ),
                    name="application_score_bounds",
                    violation_error_message="Une cotation va de 0 à 9\xa0999 points : vérifiez le nombre.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("birth_date", None),
                        models.Q(
                            ("birth_date__gte", datetime.date(1900, 1, 1)),
                            ("birth_date__lte", datetime.date(2099, 12, 31)),
                        ),
                        _connector="OR",
                    ),
                    name="application_birth_date_bounds",
                    violation_error_message="Vérifiez l’année de naissance.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("requested_on", None),
                        models.Q(
                            ("requested_on__gte", datetime.date(1980, 1, 1)),
                            ("requested_on__lte", datetime.date(2099, 12, 31)),
                        ),
                        _connector="OR",
                    ),
                    name="application_requested_on_bounds",
                    violation_error_message="Une demande date de 1980 au plus tôt, d’aujourd’hui au plus tard.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("least_rooms", None),
                        models.Q(("least_rooms__gte", 1), ("least_rooms__lte", 9)),
                        _connector="OR",
                    ),
                    name="application_least_rooms_bounds",
                    violation_error_message="Un ménage souhaite de 1 à 9 pièces au moins : vérifiez le nombre.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("labelled_until", None),
                        models.Q(
                            ("labelled_until__gte", datetime.date(1990, 5, 31)),
                            ("labelled_until__lte", datetime.date(2099, 12, 31)),
                        ),
                        _connector="OR",
                    ),
                    name="application_labelled_until_bounds",
                    violation_error_message="Une labellisation prend fin après la loi du 31 mai 1990 : vérifiez la date.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ApplicationAlias",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "application",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="aliases",
                    to="attributions.application",
                    verbose_name="demande",
                ),
            ),
            ("number", models.CharField(max_length=18, unique=True, verbose_name="numéro unique")),
            ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="enregistré le")),
            (
                "recorded_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistré par",
                ),
            ),
        ],
        options={
            "verbose_name": "autre numéro d’une demande",
            "verbose_name_plural": "autres numéros des demandes",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="Committee",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "landlord",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="committees",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            ("name", models.CharField(max_length=120, verbose_name="nom")),
            (
                "territory",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="territoire",
                ),
            ),
        ],
        options={
            "verbose_name": "commission (CALEOL)",
            "verbose_name_plural": "commissions (CALEOL)",
            "ordering": ["landlord", "name"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("landlord", "name"),
                    name="committee_unique_name",
                    violation_error_message="Ce bailleur a déjà une commission de ce nom.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="CommitteeRules",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "committee",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="rules",
                    to="attributions.committee",
                    verbose_name="commission",
                ),
            ),
            ("starts_on", models.DateField(verbose_name="en vigueur depuis le")),
            ("quorum", models.PositiveSmallIntegerField(verbose_name="quorum, parmi les membres désignés")),
            ("remote_allowed", models.BooleanField(default=False, verbose_name="vote à distance permis")),
            (
                "source",
                models.CharField(
                    help_text="délibération du conseil d’administration", max_length=200, verbose_name="source"
                ),
            ),
            (
                "convening_days",
                models.PositiveSmallIntegerField(
                    blank=True,
                    help_text="vide : le règlement n’en fixe pas",
                    null=True,
                    verbose_name="délai de convocation, en jours",
                ),
            ),
        ],
        options={
            "verbose_name": "règlement de la commission",
            "verbose_name_plural": "règlements des commissions",
            "ordering": ["committee", "-starts_on"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("committee", "starts_on"),
                    name="committee_rules_unique_date",
                    violation_error_message="Un règlement commence déjà ce jour-là.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("quorum__gte", 1)),
                    name="committee_rules_quorum",
                    violation_error_message="Le quorum est d’au moins un membre.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("convening_days", None),
                        models.Q(("convening_days__gte", 1), ("convening_days__lte", 60)),
                        _connector="OR",
                    ),
                    name="committee_rules_convening_days_bounds",
                    violation_error_message="Un délai de convocation va de 1 à 60 jours ; vide, il n’y en a pas.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CommitteeMember",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "committee",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="members",
                    to="attributions.committee",
                    verbose_name="commission",
                ),
            ),
            (
                "capacity",
                models.CharField(
                    choices=[
                        ("APPOINTED", "désigné par le conseil d’administration"),
                        ("PREFECT", "préfet ou son représentant"),
                        ("EPCI", "président de l’intercommunalité ou son représentant"),
                        ("MAYOR", "maire de la commune ou son représentant"),
                        ("OWNER", "président de la commission du propriétaire (mandat de gérance)"),
                        ("ADVISER", "organisme agréé d’ingénierie sociale (voix consultative)"),
                        ("HOLDER", "réservataire (voix consultative)"),
                        ("SECRETARY", "secrétariat (sans voix)"),
                    ],
                    max_length=9,
                    verbose_name="qualité",
                ),
            ),
            ("full_name", models.CharField(max_length=120, verbose_name="nom")),
            (
                "organisation",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="territoire",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="seats",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="se connecte comme",
                ),
            ),
            ("represents_tenants", models.BooleanField(default=False, verbose_name="représente les locataires")),
            ("presides", models.BooleanField(default=False, verbose_name="préside")),
            ("starts_on", models.DateField(verbose_name="depuis le")),
            ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
        ],
        options={
            "verbose_name": "membre de la commission",
            "verbose_name_plural": "membres de la commission",
            "ordering": ["committee", "-presides", "capacity", "full_name", "pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                    name="committee_member_period",
                    violation_error_message="La date de fin précède la date de début.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("capacity__in", ["EPCI", "MAYOR"]), ("territory__isnull", False)),
                        models.Q(models.Q(("capacity__in", ["EPCI", "MAYOR"]), _negated=True), ("territory", None)),
                        _connector="OR",
                    ),
                    name="committee_member_territory",
                    violation_error_message="Le maire et le président de l’intercommunalité siègent pour un territoire.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("presides", False), ("represents_tenants", False)),
                        ("capacity", "APPOINTED"),
                        _connector="OR",
                    ),
                    name="committee_member_appointed",
                    violation_error_message="Seul un membre désigné préside, ou représente les locataires.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("capacity", "HOLDER"), _negated=True),
                        ("organisation__isnull", False),
                        _connector="OR",
                    ),
                    name="committee_member_holder",
                    violation_error_message="Un réservataire siège pour son organisation.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("ends_on", None), ("user__isnull", False)),
                    fields=("committee", "capacity", "user"),
                    name="committee_member_once",
                    violation_error_message="Cette personne siège déjà en cette qualité.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Designation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "vacancy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="designations",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            (
                "routing",
                models.ForeignKey(
                    blank=True,
                    help_text="vide : soustrait du flux",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="designations",
                    to="flux.routing",
                ),
            ),
            (
                "exemption",
                models.CharField(
                    blank=True,
                    choices=[
                        ("TOO_FEW", "insuffisance du nombre de candidats"),
                        ("DALO", "ménage DALO désigné par le préfet"),
                        ("ADAPTED_PLAI", "logement PLAI adapté"),
                    ],
                    max_length=12,
                    verbose_name="exception",
                ),
            ),
            ("exemption_text", models.TextField(blank=True, verbose_name="précision")),
            ("sent_at", models.DateTimeField(verbose_name="transmise le")),
            (
                "sent_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="transmise par",
                ),
            ),
            (
                "sent_for",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="transmise pour",
                ),
            ),
        ],
        options={
            "verbose_name": "désignation",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="Proposal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("adults", models.SmallIntegerField(blank=True, null=True, verbose_name="adultes")),
            ("children", models.SmallIntegerField(blank=True, null=True, verbose_name="enfants")),
            ("income", models.IntegerField(blank=True, null=True, verbose_name="revenu fiscal de référence, €")),
            (
                "income_units",
                models.DecimalField(
                    blank=True, decimal_places=2, max_digits=4, null=True, verbose_name="unités de consommation"
                ),
            ),
            ("income_quartile", models.SmallIntegerField(blank=True, null=True, verbose_name="quartile de ressources")),
            ("has_priority", models.BooleanField(blank=True, null=True, verbose_name="ménage prioritaire")),
            (
                "priority",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="attributions.prioritycategory",
                    verbose_name="priorité",
                ),
            ),
            (
                "labelled_on",
                models.DateField(
                    blank=True, help_text="reconnu prioritaire par l’État", null=True, verbose_name="labellisé le"
                ),
            ),
            ("urban_renewal", models.BooleanField(default=False, verbose_name="relogement de renouvellement urbain")),
            ("state_agent", models.BooleanField(default=False, verbose_name="agent de l’État")),
            ("score", models.SmallIntegerField(blank=True, null=True, verbose_name="cotation, en points")),
            (
                "vacancy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="proposals",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            (
                "routing",
                models.ForeignKey(
                    blank=True,
                    help_text="vide : soustrait du flux",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="proposals",
                    to="flux.routing",
                ),
            ),
            (
                "application",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="proposals",
                    to="attributions.application",
                    verbose_name="demande",
                ),
            ),
            (
                "designation",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="proposals",
                    to="attributions.designation",
                    verbose_name="désignation",
                ),
            ),
            (
                "proposer",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="proposée par",
                ),
            ),
            ("position", models.PositiveSmallIntegerField(verbose_name="ordre")),
            ("dalo_designated", models.BooleanField(default=False, verbose_name="DALO désigné par le préfet")),
            (
                "status",
                models.CharField(
                    choices=[
                        ("DRAFT", "en préparation"),
                        ("SENT", "transmise"),
                        ("READY", "instruite, prête pour la CALEOL"),
                        ("ON_AGENDA", "à l’ordre du jour"),
                        ("ALLOCATED", "retenue par la CALEOL"),
                        ("OFFERED", "offre envoyée"),
                        ("ACCEPTED", "offre acceptée"),
                        ("HOUSED", "bail signé"),
                        ("ENDED", "terminée"),
                        ("RELEASED", "libérée"),
                    ],
                    default="DRAFT",
                    max_length=9,
                    verbose_name="état",
                ),
            ),
            ("since", models.DateTimeField(verbose_name="depuis le")),
            ("created_at", models.DateTimeField(verbose_name="enregistrée le")),
            (
                "created_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistrée par",
                ),
            ),
            ("ready_at", models.DateTimeField(blank=True, null=True, verbose_name="instruite le")),
            (
                "ready_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "effort_rate",
                models.DecimalField(
                    blank=True, decimal_places=1, max_digits=4, null=True, verbose_name="taux d’effort, %"
                ),
            ),
            (
                "living_rest",
                models.DecimalField(
                    blank=True,
                    decimal_places=2,
                    max_digits=6,
                    null=True,
                    verbose_name="reste pour vivre, € par personne et par jour",
                ),
            ),
            ("essential_worker", models.BooleanField(blank=True, null=True, verbose_name="travailleur essentiel")),
        ],
        options={
            "verbose_name": "candidature",
            "ordering": ["vacancy", "position", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("status__in", ["ENDED", "RELEASED"]), _negated=True),
                    fields=("routing", "application"),
                    name="proposal_once_per_routing",
                    violation_error_message="Ce ménage est déjà candidat à ce logement.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(
                        models.Q(("status__in", ["ENDED", "RELEASED"]), _negated=True), ("routing", None)
                    ),
                    fields=("vacancy", "application"),
                    name="proposal_once_per_unit",
                    violation_error_message="Ce ménage est déjà candidat à ce logement.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("status__in", ["OFFERED", "ACCEPTED", "HOUSED"])),
                    fields=("vacancy",),
                    name="proposal_one_offered_per_unit",
                    violation_error_message="Une offre est déjà en cours pour ce logement.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("designation", None), ("status__in", ["DRAFT", "ENDED", "RELEASED"])),
                        models.Q(("designation__isnull", False), models.Q(("status", "DRAFT"), _negated=True)),
                        _connector="OR",
                    ),
                    name="proposal_sent_with_designation",
                    violation_error_message="Une candidature transmise l’est dans une désignation.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("priority", None),
                        models.Q(("has_priority", True), ("has_priority__isnull", False)),
                        _connector="OR",
                    ),
                    name="proposal_priority",
                    violation_error_message="Une catégorie prioritaire est celle d’un ménage prioritaire.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("adults", None), models.Q(("adults__gte", 1), ("adults__lte", 20)), _connector="OR"
                    ),
                    name="proposal_adults_bounds",
                    violation_error_message="Un ménage compte de 1 à 20 adultes : vérifiez le nombre.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("children", None), models.Q(("children__gte", 0), ("children__lte", 20)), _connector="OR"
                    ),
                    name="proposal_children_bounds",
                    violation_error_message="Un ménage compte de 0 à 20 enfants : vérifiez le nombre.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("income", None), models.Q(("income__gte", 0), ("income__lte", 1000000)), _connector="OR"
                    ),
                    name="proposal_income_bounds",
                    violation_error_message="Un revenu fiscal de référence va de 0 à 1\xa0000\xa0000 € par an : vérifiez le montant.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("income_units", None),
                        models.Q(("income_units__gte", 1), ("income_units__lte", Decimal("20.5"))),
                        _connector="OR",
                    ),
                    name="proposal_income_units_bounds",
                    violation_error_message="Les unités de consommation vont de 1 à 20,5, avec deux décimales au plus : 1 pour le premier adulte, 0,5 ou 0,3 pour chacun des autres.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("income_quartile", None),
                        models.Q(("income_quartile__gte", 1), ("income_quartile__lte", 4)),
                        _connector="OR",
                    ),
                    name="proposal_income_quartile_bounds",
                    violation_error_message="Le quartile de ressources va de 1 à 4.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("labelled_on", None),
                        models.Q(
                            ("labelled_on__gte", datetime.date(1990, 5, 31)),
                            ("labelled_on__lte", datetime.date(2099, 12, 31)),
                        ),
                        _connector="OR",
                    ),
                    name="proposal_labelled_on_bounds",
                    violation_error_message="Un ménage est labellisé entre la loi du 31 mai 1990 et aujourd’hui : vérifiez la date.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("score", None), models.Q(("score__gte", 0), ("score__lte", 9999)), _connector="OR"
                    ),
                    name="proposal_score_bounds",
                    violation_error_message="Une cotation va de 0 à 9\xa0999 points : vérifiez le nombre.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("effort_rate", None),
                        models.Q(("effort_rate__gte", 0), ("effort_rate__lte", 200)),
                        _connector="OR",
                    ),
                    name="proposal_effort_rate_bounds",
                    violation_error_message="Un taux d’effort se lit en pourcentage du revenu : entre 0 et 200.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("living_rest", None),
                        models.Q(("living_rest__gte", 0), ("living_rest__lte", 1000)),
                        _connector="OR",
                    ),
                    name="proposal_living_rest_bounds",
                    violation_error_message="Vérifiez le reste pour vivre : de 0 à 1\xa0000 € par personne et par jour.",
                ),
            ],
            "indexes": [
                models.Index(
                    condition=models.Q(
                        ("status__in", ["DRAFT", "SENT", "READY", "ON_AGENDA", "ALLOCATED", "OFFERED", "ACCEPTED"])
                    ),
                    fields=["status", "vacancy"],
                    name="proposal_live",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ProposalEnd",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "proposal",
                models.OneToOneField(
                    help_text="vide : rectifiée",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="end",
                    to="attributions.proposal",
                    verbose_name="candidature",
                ),
            ),
            (
                "undone_of",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="undone_ends",
                    to="attributions.proposal",
                    verbose_name="fin rectifiée de",
                ),
            ),
            ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="rectifiée le")),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("UNIT_REFUSED", "refus : le logement ou la résidence"),
                        ("AREA_REFUSED", "refus : le quartier ou l’éloignement"),
                        ("RENT_REFUSED", "refus : le loyer et les charges"),
                        ("NO_ANSWER", "sans réponse dans le délai de l’offre"),
                        ("WITHDREW", "désistement"),
                        ("HOUSED_ELSEWHERE", "relogé ailleurs"),
                        ("CONDITION_NOT_MET", "pièce non fournie dans le délai fixé"),
                        ("HOLDER_WITHDREW", "retirée par le réservataire"),
                        ("LANDLORD_WITHDREW", "retirée par le bailleur"),
                        ("RECORDED_BY_MISTAKE", "enregistrée par erreur"),
                        ("SIZE", "logement inadapté à la composition du ménage"),
                        ("EFFORT", "taux d’effort trop élevé"),
                        ("BUILDING_BALANCE", "équilibre social de la résidence"),
                        ("OTHER_CANDIDATE", "logement attribué à un autre candidat"),
                        ("OVER_CEILING", "ressources supérieures au plafond"),
                        ("NOT_REGULAR", "conditions de séjour non remplies"),
                        ("UNIT_UNFIT", "logement impropre à la location : travaux, sinistre"),
                    ],
                    max_length=19,
                    verbose_name="motif",
                ),
            ),
            (
                "side",
                models.CharField(
                    choices=[
                        ("APPLICANT", "le demandeur"),
                        ("HOLDER", "le réservataire"),
                        ("LANDLORD", "le bailleur"),
                        ("COMMITTEE", "la CALEOL"),
                        ("UNIT", "le logement"),
                    ],
                    max_length=9,
                    verbose_name="de qui",
                ),
            ),
            ("offered", models.BooleanField(verbose_name="compte comme proposé")),
            ("consumed", models.BooleanField(verbose_name="décompté du droit")),
            ("restarts", models.BooleanField(verbose_name="le délai repart")),
            ("text", models.TextField(blank=True, verbose_name="précision")),
            ("on", models.DateField(verbose_name="le")),
            ("recorded_at", models.DateTimeField(verbose_name="enregistrée le")),
            (
                "recorded_by",
                models.ForeignKey(
                    blank=True,
                    help_text="vide : cela suit un délai, un bail",
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "fin de candidature",
            "verbose_name_plural": "fins de candidature",
            "ordering": ["pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("proposal__isnull", False), ("undone_at", None), ("undone_of", None)),
                        models.Q(("proposal", None), ("undone_at__isnull", False), ("undone_of__isnull", False)),
                        _connector="OR",
                    ),
                    name="proposal_end_stands_or_undone",
                    violation_error_message="Une fin vaut pour une candidature, ou a été rectifiée, pas les deux.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("consumed", False), ("offered", True), _connector="OR"),
                    name="proposal_end_consumed_is_offered",
                    violation_error_message="Une candidature décomptée du droit compte comme proposée.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="CommitteeSession",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "committee",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="sessions",
                    to="attributions.committee",
                    verbose_name="commission",
                ),
            ),
            ("held_at", models.DateTimeField(verbose_name="se tient le")),
            ("place", models.CharField(blank=True, max_length=200, verbose_name="lieu")),
            (
                "mode",
                models.CharField(
                    choices=[("ROOM", "en salle"), ("REMOTE", "à distance")],
                    default="ROOM",
                    max_length=6,
                    verbose_name="forme",
                ),
            ),
            ("vote_opens_at", models.DateTimeField(blank=True, null=True, verbose_name="vote ouvert le")),
            ("vote_closes_at", models.DateTimeField(blank=True, null=True, verbose_name="vote clos le")),
            ("convened_at", models.DateTimeField(verbose_name="convoquée le")),
            (
                "convened_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="convoquée par",
                ),
            ),
            ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="ouverte le")),
            ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="close le")),
            (
                "closed_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="annulée le")),
            ("cancelled_why", models.TextField(blank=True, verbose_name="pourquoi")),
            ("quorum", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="quorum du règlement")),
            ("minutes", models.JSONField(blank=True, null=True, verbose_name="procès-verbal")),
            ("seal", models.CharField(blank=True, max_length=64, verbose_name="empreinte")),
            (
                "short_notice",
                models.CharField(
                    blank=True,
                    db_default="",
                    default="",
                    max_length=300,
                    verbose_name="pourquoi dans un délai plus court que celui du règlement",
                ),
            ),
        ],
        options={
            "verbose_name": "séance de la CALEOL",
            "verbose_name_plural": "séances de la CALEOL",
            "ordering": ["-held_at", "-pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("mode", "ROOM"), ("vote_closes_at", None), ("vote_opens_at", None)),
                        models.Q(
                            ("mode", "REMOTE"),
                            ("vote_closes_at__gt", models.F("vote_opens_at")),
                            ("vote_closes_at__isnull", False),
                            ("vote_opens_at__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    name="session_remote_vote_period",
                    violation_error_message="Un vote à distance a une ouverture et une clôture, dans cet ordre.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("closed_at", None), ("minutes__isnull", True), ("seal", "")),
                        models.Q(
                            ("cancelled_at", None),
                            ("closed_at__isnull", False),
                            ("minutes__isnull", False),
                            ("opened_at__isnull", False),
                            models.Q(("seal", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="session_closed_is_sealed",
                    violation_error_message="Une séance close a son procès-verbal scellé.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Attendance",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "session",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="attendances",
                    to="attributions.committeesession",
                    verbose_name="séance",
                ),
            ),
            (
                "member",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="attributions.committeemember",
                    verbose_name="membre",
                ),
            ),
            ("represented_by", models.CharField(blank=True, max_length=120, verbose_name="représenté par")),
        ],
        options={
            "verbose_name": "présence",
            "ordering": ["session", "member"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("session", "member"),
                    name="attendance_once",
                    violation_error_message="Ce membre est déjà noté présent.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="AgendaItem",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "session",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="items",
                    to="attributions.committeesession",
                    verbose_name="séance",
                ),
            ),
            (
                "vacancy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="agenda_items",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            (
                "routing",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="agenda_items",
                    to="flux.routing",
                ),
            ),
            ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
            ("concluded_at", models.DateTimeField(blank=True, null=True, verbose_name="décidé le")),
            ("postponed_at", models.DateTimeField(blank=True, null=True, verbose_name="reporté le")),
            ("postponed_why", models.TextField(blank=True, verbose_name="pourquoi")),
        ],
        options={
            "verbose_name": "point de l’ordre du jour",
            "verbose_name_plural": "points de l’ordre du jour",
            "ordering": ["session", "position"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("session", "position"),
                    name="agenda_item_unique_position",
                    violation_error_message="Deux points d’une séance ont le même rang. Rechargez la page.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("concluded_at", None), ("postponed_at", None)),
                    fields=("vacancy",),
                    name="agenda_item_one_pending_per_vacancy",
                    violation_error_message="Ce logement est déjà à l’ordre du jour d’une séance.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("concluded_at", None), ("postponed_at", None), _connector="OR"),
                    name="agenda_item_one_issue",
                    violation_error_message="Un point est décidé ou reporté, pas les deux.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="AgendaCase",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "item",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="cases",
                    to="attributions.agendaitem",
                    verbose_name="point",
                ),
            ),
            (
                "proposal",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="cases",
                    to="attributions.proposal",
                    verbose_name="candidature",
                ),
            ),
            ("letter", models.CharField(max_length=2, verbose_name="dossier")),
            ("salt", models.CharField(blank=True, max_length=32, verbose_name="lien avec le procès-verbal")),
        ],
        options={
            "verbose_name": "dossier examiné",
            "verbose_name_plural": "dossiers examinés",
            "ordering": ["item", "letter"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("item", "letter"),
                    name="agenda_case_unique_letter",
                    violation_error_message="Deux dossiers d’un même point ont la même lettre. Rechargez la page.",
                ),
                models.UniqueConstraint(
                    fields=("item", "proposal"),
                    name="agenda_case_unique_proposal",
                    violation_error_message="Ce dossier est déjà à ce point de l’ordre du jour.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Recusal",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "item",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="recusals",
                    to="attributions.agendaitem",
                    verbose_name="point",
                ),
            ),
            (
                "member",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="attributions.committeemember",
                    verbose_name="membre",
                ),
            ),
            ("recorded_at", models.DateTimeField(verbose_name="enregistré le")),
        ],
        options={
            "verbose_name": "déport",
            "ordering": ["item", "member"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("item", "member"),
                    name="recusal_once",
                    violation_error_message="Ce membre s’est déjà déporté.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Ballot",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "item",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="ballots",
                    to="attributions.agendaitem",
                    verbose_name="point",
                ),
            ),
            ("ordinal", models.PositiveSmallIntegerField(default=1, verbose_name="tour")),
            ("opened_at", models.DateTimeField(verbose_name="ouvert le")),
            (
                "opened_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="ouvert par",
                ),
            ),
            ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="clos le")),
            (
                "outcome",
                models.CharField(
                    blank=True,
                    choices=[("ADOPTED", "adoptée"), ("REJECTED", "rejetée"), ("NO_DECISION", "sans décision")],
                    max_length=11,
                    verbose_name="issue",
                ),
            ),
            ("by_casting_vote", models.BooleanField(default=False, verbose_name="voix prépondérante du maire")),
        ],
        options={
            "verbose_name": "scrutin",
            "ordering": ["item", "ordinal"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("item", "ordinal"),
                    name="ballot_unique_ordinal",
                    violation_error_message="Ce tour de scrutin existe déjà. Rechargez la page.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("closed_at", None)),
                    fields=("item",),
                    name="ballot_one_open_per_item",
                    violation_error_message="Un scrutin est déjà ouvert sur ce logement.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("by_casting_vote", False), ("closed_at", None), ("outcome", "")),
                        models.Q(("closed_at__isnull", False), models.Q(("outcome", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="ballot_closed_has_outcome",
                    violation_error_message="Un scrutin clos a une issue.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BallotLine",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("ALLOCATED", "attribution"),
                        ("RANKED", "attribution, avec un rang"),
                        ("CONDITIONAL", "attribution sous condition suspensive"),
                        ("NOT_ALLOCATED", "non-attribution"),
                        ("INELIGIBLE", "rejet, demande irrecevable"),
                    ],
                    max_length=13,
                    verbose_name="décision",
                ),
            ),
            ("rank", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="rang")),
            (
                "document",
                models.CharField(
                    blank=True,
                    choices=[
                        ("IDENTITY", "pièce d’identité ou titre de séjour"),
                        ("TAX_NOTICE", "avis d’imposition"),
                        ("INCOME", "justificatif de ressources"),
                        ("DIVORCE", "justificatif de séparation ou de divorce"),
                        ("NOTICE", "congé ou préavis du logement actuel"),
                        ("OTHER", "autre pièce de la liste"),
                    ],
                    max_length=10,
                    verbose_name="pièce manquante",
                ),
            ),
            ("document_due_on", models.DateField(blank=True, null=True, verbose_name="à fournir avant le")),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("UNIT_REFUSED", "refus : le logement ou la résidence"),
                        ("AREA_REFUSED", "refus : le quartier ou l’éloignement"),
                        ("RENT_REFUSED", "refus : le loyer et les charges"),
                        ("NO_ANSWER", "sans réponse dans le délai de l’offre"),
                        ("WITHDREW", "désistement"),
                        ("HOUSED_ELSEWHERE", "relogé ailleurs"),
                        ("CONDITION_NOT_MET", "pièce non fournie dans le délai fixé"),
                        ("HOLDER_WITHDREW", "retirée par le réservataire"),
                        ("LANDLORD_WITHDREW", "retirée par le bailleur"),
                        ("RECORDED_BY_MISTAKE", "enregistrée par erreur"),
                        ("SIZE", "logement inadapté à la composition du ménage"),
                        ("EFFORT", "taux d’effort trop élevé"),
                        ("BUILDING_BALANCE", "équilibre social de la résidence"),
                        ("OTHER_CANDIDATE", "logement attribué à un autre candidat"),
                        ("OVER_CEILING", "ressources supérieures au plafond"),
                        ("NOT_REGULAR", "conditions de séjour non remplies"),
                        ("UNIT_UNFIT", "logement impropre à la location : travaux, sinistre"),
                    ],
                    max_length=19,
                    verbose_name="motif",
                ),
            ),
            ("text", models.TextField(blank=True, verbose_name="précision")),
            (
                "ballot",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="lines",
                    to="attributions.ballot",
                    verbose_name="scrutin",
                ),
            ),
            (
                "case",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="attributions.agendacase",
                    verbose_name="dossier",
                ),
            ),
        ],
        options={
            "verbose_name": "ligne de scrutin",
            "verbose_name_plural": "lignes de scrutin",
            "ordering": ["ballot", "case"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("ballot", "case"),
                    name="ballot_line_once",
                    violation_error_message="Une seule décision par dossier.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "RANKED"), ("rank__gte", 1), ("rank__isnull", False)),
                        models.Q(("kind", "CONDITIONAL"), models.Q(("rank", None), ("rank__gte", 1), _connector="OR")),
                        models.Q(("kind__in", ["ALLOCATED", "NOT_ALLOCATED", "INELIGIBLE"]), ("rank", None)),
                        _connector="OR",
                    ),
                    name="ballot_line_rank",
                    violation_error_message="Une attribution avec un rang porte ce rang ; les autres n’en ont pas.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("document_due_on__isnull", False),
                            ("kind", "CONDITIONAL"),
                            models.Q(("document", ""), _negated=True),
                        ),
                        models.Q(
                            models.Q(("kind", "CONDITIONAL"), _negated=True),
                            ("document", ""),
                            ("document_due_on", None),
                        ),
                        _connector="OR",
                    ),
                    name="ballot_line_condition",
                    violation_error_message="Une condition suspensive nomme la pièce manquante et son délai.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("kind", "NOT_ALLOCATED"),
                            ("reason__in", ["SIZE", "EFFORT", "BUILDING_BALANCE", "OTHER_CANDIDATE"]),
                        ),
                        models.Q(("kind", "INELIGIBLE"), ("reason__in", ["OVER_CEILING", "NOT_REGULAR"])),
                        models.Q(("kind__in", ["ALLOCATED", "RANKED", "CONDITIONAL"]), ("reason", "")),
                        _connector="OR",
                    ),
                    name="ballot_line_reason",
                    violation_error_message="Une non-attribution ou un rejet porte son motif ; une attribution n’en a pas.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="BallotVote",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "ballot",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="votes",
                    to="attributions.ballot",
                    verbose_name="scrutin",
                ),
            ),
            (
                "member",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="attributions.committeemember",
                    verbose_name="membre",
                ),
            ),
            (
                "choice",
                models.CharField(
                    choices=[("FOR", "pour"), ("AGAINST", "contre"), ("ABSTAIN", "abstention")],
                    max_length=7,
                    verbose_name="vote",
                ),
            ),
            ("cast_at", models.DateTimeField(verbose_name="voté le")),
            (
                "recorded_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistré par",
                ),
            ),
        ],
        options={
            "verbose_name": "vote",
            "ordering": ["ballot", "member"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("ballot", "member"),
                    name="ballot_vote_once",
                    violation_error_message="Ce membre a déjà voté.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="CaseDecision",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("ALLOCATED", "attribution"),
                        ("RANKED", "attribution, avec un rang"),
                        ("CONDITIONAL", "attribution sous condition suspensive"),
                        ("NOT_ALLOCATED", "non-attribution"),
                        ("INELIGIBLE", "rejet, demande irrecevable"),
                    ],
                    max_length=13,
                    verbose_name="décision",
                ),
            ),
            ("rank", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="rang")),
            (
                "document",
                models.CharField(
                    blank=True,
                    choices=[
                        ("IDENTITY", "pièce d’identité ou titre de séjour"),
                        ("TAX_NOTICE", "avis d’imposition"),
                        ("INCOME", "justificatif de ressources"),
                        ("DIVORCE", "justificatif de séparation ou de divorce"),
                        ("NOTICE", "congé ou préavis du logement actuel"),
                        ("OTHER", "autre pièce de la liste"),
                    ],
                    max_length=10,
                    verbose_name="pièce manquante",
                ),
            ),
            ("document_due_on", models.DateField(blank=True, null=True, verbose_name="à fournir avant le")),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("UNIT_REFUSED", "refus : le logement ou la résidence"),
                        ("AREA_REFUSED", "refus : le quartier ou l’éloignement"),
                        ("RENT_REFUSED", "refus : le loyer et les charges"),
                        ("NO_ANSWER", "sans réponse dans le délai de l’offre"),
                        ("WITHDREW", "désistement"),
                        ("HOUSED_ELSEWHERE", "relogé ailleurs"),
                        ("CONDITION_NOT_MET", "pièce non fournie dans le délai fixé"),
                        ("HOLDER_WITHDREW", "retirée par le réservataire"),
                        ("LANDLORD_WITHDREW", "retirée par le bailleur"),
                        ("RECORDED_BY_MISTAKE", "enregistrée par erreur"),
                        ("SIZE", "logement inadapté à la composition du ménage"),
                        ("EFFORT", "taux d’effort trop élevé"),
                        ("BUILDING_BALANCE", "équilibre social de la résidence"),
                        ("OTHER_CANDIDATE", "logement attribué à un autre candidat"),
                        ("OVER_CEILING", "ressources supérieures au plafond"),
                        ("NOT_REGULAR", "conditions de séjour non remplies"),
                        ("UNIT_UNFIT", "logement impropre à la location : travaux, sinistre"),
                    ],
                    max_length=19,
                    verbose_name="motif",
                ),
            ),
            ("text", models.TextField(blank=True, verbose_name="précision")),
            (
                "item",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="decisions",
                    to="attributions.agendaitem",
                    verbose_name="point",
                ),
            ),
            (
                "proposal",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="decisions",
                    to="attributions.proposal",
                    verbose_name="candidature",
                ),
            ),
            (
                "ballot",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="decisions",
                    to="attributions.ballot",
                    verbose_name="scrutin",
                ),
            ),
            ("decided_on", models.DateField(verbose_name="décidée le")),
            ("recorded_at", models.DateTimeField(verbose_name="enregistrée le")),
            (
                "recorded_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistrée par",
                ),
            ),
            (
                "corrects",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="corrected_by",
                    to="attributions.casedecision",
                    verbose_name="rectifie",
                ),
            ),
            ("why", models.TextField(blank=True, verbose_name="pourquoi rectifier")),
            ("superseded_at", models.DateTimeField(blank=True, null=True, verbose_name="rectifiée le")),
        ],
        options={
            "verbose_name": "décision de la CALEOL",
            "verbose_name_plural": "décisions de la CALEOL",
            "ordering": ["item", "rank", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("superseded_at", None)),
                    fields=("proposal",),
                    name="case_decision_one_stands",
                    violation_error_message="La commission a déjà décidé de ce dossier.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("rank__isnull", False), ("superseded_at", None)),
                    fields=("item", "rank"),
                    name="case_decision_unique_rank",
                    violation_error_message="Deux dossiers d’un même logement ont le même rang.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("kind", "ALLOCATED"), ("superseded_at", None)),
                    fields=("item",),
                    name="case_decision_one_allocated",
                    violation_error_message="Un logement s’attribue à un seul ménage ; pour plusieurs, donnez un rang.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("corrects", None), ("why", "")),
                        models.Q(("corrects__isnull", False), models.Q(("why", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="case_decision_correction_says_why",
                    violation_error_message="Une décision rectificative dit pourquoi.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "RANKED"), ("rank__gte", 1), ("rank__isnull", False)),
                        models.Q(("kind", "CONDITIONAL"), models.Q(("rank", None), ("rank__gte", 1), _connector="OR")),
                        models.Q(("kind__in", ["ALLOCATED", "NOT_ALLOCATED", "INELIGIBLE"]), ("rank", None)),
                        _connector="OR",
                    ),
                    name="case_decision_rank",
                    violation_error_message="Une attribution avec un rang porte ce rang ; les autres n’en ont pas.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("document_due_on__isnull", False),
                            ("kind", "CONDITIONAL"),
                            models.Q(("document", ""), _negated=True),
                        ),
                        models.Q(
                            models.Q(("kind", "CONDITIONAL"), _negated=True),
                            ("document", ""),
                            ("document_due_on", None),
                        ),
                        _connector="OR",
                    ),
                    name="case_decision_condition",
                    violation_error_message="Une condition suspensive nomme la pièce manquante et son délai.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(
                            ("kind", "NOT_ALLOCATED"),
                            ("reason__in", ["SIZE", "EFFORT", "BUILDING_BALANCE", "OTHER_CANDIDATE"]),
                        ),
                        models.Q(("kind", "INELIGIBLE"), ("reason__in", ["OVER_CEILING", "NOT_REGULAR"])),
                        models.Q(("kind__in", ["ALLOCATED", "RANKED", "CONDITIONAL"]), ("reason", "")),
                        _connector="OR",
                    ),
                    name="case_decision_reason",
                    violation_error_message="Une non-attribution ou un rejet porte son motif ; une attribution n’en a pas.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ConditionMet",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "decision",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="condition_met",
                    to="attributions.casedecision",
                    verbose_name="décision",
                ),
            ),
            ("received_on", models.DateField(verbose_name="pièce reçue le")),
            ("recorded_at", models.DateTimeField(verbose_name="enregistrée le")),
            (
                "recorded_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistrée par",
                ),
            ),
        ],
        options={
            "verbose_name": "condition levée",
            "verbose_name_plural": "conditions levées",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="Offer",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "proposal",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="offer",
                    to="attributions.proposal",
                    verbose_name="candidature",
                ),
            ),
            (
                "decision",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="offers",
                    to="attributions.casedecision",
                    verbose_name="décision",
                ),
            ),
            ("sent_on", models.DateField(verbose_name="envoyée le")),
            (
                "answer_by",
                models.DateField(help_text="dernier jour pour répondre, inclus", verbose_name="réponse avant le"),
            ),
            (
                "sent_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "answer",
                models.CharField(
                    blank=True,
                    choices=[
                        ("ACCEPTED", "acceptée"),
                        ("REFUSED", "refusée"),
                        ("SILENT", "sans réponse, donc refusée"),
                        ("WITHDRAWN", "acceptée, puis sans suite"),
                        ("CANCELLED", "annulée"),
                    ],
                    max_length=9,
                    verbose_name="réponse",
                ),
            ),
            ("answered_on", models.DateField(blank=True, null=True, verbose_name="répondue le")),
        ],
        options={
            "verbose_name": "offre",
            "ordering": ["pk"],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("answer_by__gt", models.F("sent_on"))),
                    name="offer_leaves_time",
                    violation_error_message="Le délai de réponse suit l’envoi.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("answer", ""), ("answered_on", None)),
                        models.Q(models.Q(("answer", ""), _negated=True), ("answered_on__isnull", False)),
                        _connector="OR",
                    ),
                    name="offer_answer_is_dated",
                    violation_error_message="Une réponse porte sa date.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("answered_on", None), ("answered_on__gte", models.F("sent_on")), _connector="OR"
                    ),
                    name="offer_answered_after_sent",
                    violation_error_message="Une réponse suit l’envoi de l’offre.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Lease",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "vacancy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="leases",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            (
                "routing",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="leases",
                    to="flux.routing",
                ),
            ),
            (
                "proposal",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="leases",
                    to="attributions.proposal",
                    verbose_name="candidature",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="réservataire",
                ),
            ),
            ("signed_on", models.DateField(verbose_name="signé le")),
            ("in_qpv", models.BooleanField(blank=True, null=True, verbose_name="en quartier prioritaire (QPV)")),
            ("income_quartile", models.SmallIntegerField(blank=True, null=True, verbose_name="quartile de ressources")),
            ("has_priority", models.BooleanField(blank=True, null=True, verbose_name="ménage prioritaire")),
            (
                "priority",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="attributions.prioritycategory",
                    verbose_name="priorité",
                ),
            ),
            (
                "urban_renewal",
                models.BooleanField(blank=True, null=True, verbose_name="relogement de renouvellement urbain"),
            ),
            ("state_agent", models.BooleanField(blank=True, null=True, verbose_name="agent de l’État")),
            ("persons", models.SmallIntegerField(blank=True, null=True, verbose_name="personnes logées")),
            ("recorded_at", models.DateTimeField(verbose_name="enregistré le")),
            (
                "recorded_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistré par",
                ),
            ),
            ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="annulé le")),
            (
                "cancelled_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("cancelled_why", models.TextField(blank=True, verbose_name="pourquoi")),
            ("essential_worker", models.BooleanField(blank=True, null=True, verbose_name="travailleur essentiel")),
            (
                "in_mix_residence",
                models.BooleanField(blank=True, null=True, verbose_name="en résidence à enjeu prioritaire de mixité"),
            ),
            ("facts_among", models.SmallIntegerField(blank=True, null=True, verbose_name="faits mêlés entre, baux")),
        ],
        options={
            "verbose_name": "bail",
            "verbose_name_plural": "baux",
            "ordering": ["pk"],
            "indexes": [models.Index(fields=["signed_on"], name="lease_signed_on")],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("cancelled_at", None)),
                    fields=("vacancy",),
                    name="lease_one_per_vacancy",
                    violation_error_message="Un bail est déjà signé pour ce logement.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("cancelled_at", None), ("cancelled_by", None), ("cancelled_why", "")),
                        models.Q(
                            ("cancelled_at__isnull", False),
                            ("cancelled_by__isnull", False),
                            models.Q(("cancelled_why", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    name="lease_cancellation",
                    violation_error_message="Une annulation porte sa date, son auteur et une phrase.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("priority", None),
                        models.Q(("has_priority", True), ("has_priority__isnull", False)),
                        _connector="OR",
                    ),
                    name="lease_priority",
                    violation_error_message="Une catégorie prioritaire est celle d’un ménage prioritaire.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("income_quartile", None),
                        models.Q(("income_quartile__gte", 1), ("income_quartile__lte", 4)),
                        _connector="OR",
                    ),
                    name="lease_income_quartile_bounds",
                    violation_error_message="Le quartile de ressources va de 1 à 4.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        ("persons", None), models.Q(("persons__gte", 1), ("persons__lte", 40)), _connector="OR"
                    ),
                    name="lease_persons_bounds",
                    violation_error_message="Un logement accueille de 1 à 40 personnes : vérifiez le nombre.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="Notice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notices",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            (
                "vacancy",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notices",
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            (
                "proposal",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="attributions.proposal",
                ),
            ),
            (
                "kind",
                models.CharField(
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
                        ("WITHDREW", "candidature retirée"),
                        ("NOBODY_LEFT", "plus aucun candidat"),
                        ("CONDITION_MET", "condition levée : la pièce est arrivée"),
                        ("CONDITION_LOST", "condition non levée dans le délai"),
                        ("LEASED", "bail signé"),
                        ("LEASE_UNDONE", "bail annulé"),
                        ("RELEASED", "candidats libérés"),
                        ("TAKEN_BACK", "logement repris par le bailleur"),
                        ("RULE", "la règle d’orientation d’un bailleur change"),
                        ("TRANSFER", "des programmes passent d’un bailleur à un autre"),
                    ],
                    max_length=14,
                    verbose_name="événement",
                ),
            ),
            ("text", models.CharField(blank=True, max_length=300, verbose_name="précision")),
            ("at", models.DateTimeField(verbose_name="le")),
            ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="lu le")),
            (
                "read_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "window",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notices",
                    to="flux.decisionwindow",
                    verbose_name="fenêtre de décision",
                ),
            ),
            (
                "transfer",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="notices",
                    to="flux.stocktransfer",
                    verbose_name="cession",
                ),
            ),
        ],
        options={
            "verbose_name": "avis",
            "verbose_name_plural": "avis",
            "ordering": ["-pk"],
            "indexes": [
                models.Index(condition=models.Q(("read_at", None)), fields=["organisation"], name="notice_unread")
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("read_at", None), ("read_by", None)),
                        models.Q(("read_at__isnull", False), ("read_by__isnull", False)),
                        _connector="OR",
                    ),
                    name="notice_read_by_somebody",
                    violation_error_message="Un avis lu porte la date et la personne qui l’a lu.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "RULE"), ("transfer", None), ("vacancy", None), ("window__isnull", False)),
                        models.Q(
                            ("kind", "TRANSFER"), ("transfer__isnull", False), ("vacancy", None), ("window", None)
                        ),
                        models.Q(
                            models.Q(("kind__in", ["RULE", "TRANSFER"]), _negated=True),
                            ("transfer", None),
                            ("vacancy__isnull", False),
                            ("window", None),
                        ),
                        _connector="OR",
                    ),
                    name="notice_about_one_thing",
                    violation_error_message="Un avis porte sur un logement, sur la règle d’un bailleur, ou sur une cession de programmes.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="StatedPurpose",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
            (
                "why",
                models.CharField(
                    choices=[
                        ("CIL", "préparer ou suivre la conférence intercommunale du logement (CCH, L441-1-5)"),
                        ("CIA", "suivre la convention intercommunale d’attribution (CCH, L441-1-6)"),
                        ("BALANCE", "instruire les bilans des bailleurs (CCH, R441-5-1)"),
                        ("CONTROL", "contrôler les attributions ou l’usage d’un contingent"),
                        ("OTHER", "autre, précisée ci-dessous"),
                    ],
                    max_length=7,
                    verbose_name="finalité",
                ),
            ),
            ("text", models.CharField(blank=True, max_length=200, verbose_name="précision")),
            ("at", models.DateTimeField(verbose_name="le")),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="agit pour",
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="territoire",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "finalité déclarée",
            "verbose_name_plural": "finalités déclarées",
            "ordering": ["-pk"],
            "indexes": [models.Index(fields=["user", "organisation", "exercise"], name="stated_purpose_of")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("why", "OTHER"), _negated=True),
                        models.Q(("text", ""), _negated=True),
                        _connector="OR",
                    ),
                    name="stated_purpose_other_is_said",
                    violation_error_message="Précisez la finalité : elle n’est pas dans la liste.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="BalanceLayout",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "code",
                models.SlugField(
                    help_text="dans l’adresse des fichiers", max_length=40, unique=True, verbose_name="code"
                ),
            ),
            ("name", models.CharField(max_length=100, verbose_name="nom")),
            ("source", models.CharField(max_length=200, verbose_name="source")),
            ("columns", models.JSONField(verbose_name="colonnes")),
            ("axes", models.JSONField(blank=True, default=list, verbose_name="découpages")),
            ("words", models.JSONField(blank=True, default=dict, verbose_name="mots")),
            ("is_offered", models.BooleanField(default=True, verbose_name="proposée aux lecteurs")),
            (
                "region",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="région",
                ),
            ),
        ],
        options={
            "verbose_name": "présentation du bilan",
            "verbose_name_plural": "présentations du bilan",
            "ordering": ["name", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("name",),
                    name="balance_layout_name",
                    violation_error_message="Une présentation porte déjà ce nom : choisissez-en un autre.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PastCandidacy",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    blank=True,
                    choices=[
                        ("ALLOCATED", "attribution"),
                        ("RANKED", "attribution, avec un rang"),
                        ("CONDITIONAL", "attribution sous condition suspensive"),
                        ("NOT_ALLOCATED", "non-attribution"),
                        ("INELIGIBLE", "rejet, demande irrecevable"),
                    ],
                    max_length=13,
                    verbose_name="décision",
                ),
            ),
            ("rank", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="rang")),
            ("decided_on", models.DateField(blank=True, null=True, verbose_name="CALEOL du")),
            (
                "document",
                models.CharField(
                    blank=True,
                    choices=[
                        ("IDENTITY", "pièce d’identité ou titre de séjour"),
                        ("TAX_NOTICE", "avis d’imposition"),
                        ("INCOME", "justificatif de ressources"),
                        ("DIVORCE", "justificatif de séparation ou de divorce"),
                        ("NOTICE", "congé ou préavis du logement actuel"),
                        ("OTHER", "autre pièce de la liste"),
                    ],
                    max_length=10,
                    verbose_name="pièce attendue",
                ),
            ),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("UNIT_REFUSED", "refus : le logement ou la résidence"),
                        ("AREA_REFUSED", "refus : le quartier ou l’éloignement"),
                        ("RENT_REFUSED", "refus : le loyer et les charges"),
                        ("NO_ANSWER", "sans réponse dans le délai de l’offre"),
                        ("WITHDREW", "désistement"),
                        ("HOUSED_ELSEWHERE", "relogé ailleurs"),
                        ("CONDITION_NOT_MET", "pièce non fournie dans le délai fixé"),
                        ("HOLDER_WITHDREW", "retirée par le réservataire"),
                        ("LANDLORD_WITHDREW", "retirée par le bailleur"),
                        ("RECORDED_BY_MISTAKE", "enregistrée par erreur"),
                        ("SIZE", "logement inadapté à la composition du ménage"),
                        ("EFFORT", "taux d’effort trop élevé"),
                        ("BUILDING_BALANCE", "équilibre social de la résidence"),
                        ("OTHER_CANDIDATE", "logement attribué à un autre candidat"),
                        ("OVER_CEILING", "ressources supérieures au plafond"),
                        ("NOT_REGULAR", "conditions de séjour non remplies"),
                        ("UNIT_UNFIT", "logement impropre à la location : travaux, sinistre"),
                    ],
                    max_length=19,
                    verbose_name="motif",
                ),
            ),
            (
                "answer",
                models.CharField(
                    blank=True,
                    choices=[
                        ("ACCEPTED", "acceptée"),
                        ("REFUSED", "refusée"),
                        ("SILENT", "sans réponse, donc refusée"),
                        ("WITHDRAWN", "acceptée, puis sans suite"),
                        ("CANCELLED", "annulée"),
                    ],
                    max_length=9,
                    verbose_name="réponse à l’offre",
                ),
            ),
            ("answered_on", models.DateField(blank=True, null=True, verbose_name="répondue le")),
            ("leased_on", models.DateField(blank=True, null=True, verbose_name="bail signé le")),
            ("recorded_at", models.DateTimeField(verbose_name="enregistrée le")),
            (
                "application",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="past_candidacies",
                    to="attributions.application",
                    verbose_name="demande",
                ),
            ),
            (
                "recorded_by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="enregistrée par",
                ),
            ),
            (
                "vacancy",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="past_candidacies",
                    to="flux.vacancy",
                    verbose_name="logement",
                ),
            ),
            ("document_on", models.DateField(blank=True, null=True, verbose_name="pièce reçue le")),
        ],
        options={
            "verbose_name": "candidature passée",
            "verbose_name_plural": "candidatures passées",
            "ordering": ["vacancy", "rank", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("vacancy", "application"),
                    name="past_candidacy_once",
                    violation_error_message="Ce ménage est déjà un candidat passé de ce logement.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("rank__isnull", False)),
                    fields=("vacancy", "decided_on", "rank"),
                    name="past_candidacy_unique_rank",
                    violation_error_message="Un autre candidat de ce logement a déjà ce rang, à cette commission.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("leased_on__isnull", False)),
                    fields=("vacancy",),
                    name="past_candidacy_one_lease",
                    violation_error_message="Un autre candidat de ce logement a déjà signé le bail.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("decided_on", None), ("kind", "")),
                        models.Q(models.Q(("kind", ""), _negated=True), ("decided_on__isnull", False)),
                        _connector="OR",
                    ),
                    name="past_candidacy_decision_is_dated",
                    violation_error_message="Une décision porte le jour de sa commission.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("kind", "RANKED"), ("rank__gte", 1), ("rank__isnull", False)),
                        models.Q(("kind", "CONDITIONAL"), models.Q(("rank", None), ("rank__gte", 1), _connector="OR")),
                        models.Q(("kind__in", ["", "ALLOCATED", "NOT_ALLOCATED", "INELIGIBLE"]), ("rank", None)),
                        _connector="OR",
                    ),
                    name="past_candidacy_rank",
                    violation_error_message="Une attribution avec un rang porte ce rang ; les autres n’en ont pas.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("answer", ""), ("answered_on", None)),
                        models.Q(models.Q(("answer", ""), _negated=True), ("answered_on__isnull", False)),
                        _connector="OR",
                    ),
                    name="past_candidacy_answer_is_dated",
                    violation_error_message="Une réponse à l’offre porte sa date.",
                ),
                models.CheckConstraint(
                    condition=models.Q(("document_on", None), ("kind", "CONDITIONAL"), _connector="OR"),
                    name="past_candidacy_document_of_condition",
                    violation_error_message="Seule une attribution sous condition attend une pièce.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="UnitStage",
        fields=[
            (
                "vacancy",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="staged",
                    serialize=False,
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            ("stage", models.CharField(max_length=11, verbose_name="étape")),
            (
                "acting",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="propose à sa place",
                ),
            ),
            (
                "commune",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="commune",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="réservataire",
                ),
            ),
            (
                "landlord",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisme",
                ),
            ),
        ],
        options={
            "verbose_name": "étape d’un logement",
            "verbose_name_plural": "étapes des logements",
            "ordering": ["-pk"],
            "indexes": [
                models.Index(fields=["landlord", "stage", "-vacancy"], name="stage_of_landlord"),
                models.Index(fields=["organisation", "stage", "-vacancy"], name="stage_of_holder"),
                models.Index(
                    condition=models.Q(("acting__isnull", False)),
                    fields=["acting", "stage", "-vacancy"],
                    name="stage_of_acting",
                ),
                models.Index(
                    condition=models.Q(("stage__in", ["LET", "OUTSIDE"]), _negated=True),
                    fields=["landlord"],
                    name="stage_landlord_going_on",
                ),
                models.Index(
                    condition=models.Q(("stage__in", ["LET", "OUTSIDE"]), _negated=True),
                    fields=["organisation"],
                    name="stage_holder_going_on",
                ),
                models.Index(fields=["landlord", "commune"], name="stage_commune_of_landlord"),
                models.Index(fields=["landlord", "holder"], name="stage_holder_of_landlord"),
                models.Index(fields=["organisation", "commune"], name="stage_commune_of_holder"),
                models.Index(fields=["organisation", "landlord"], name="stage_landlord_of_holder"),
                models.Index(
                    condition=models.Q(("acting__isnull", False)),
                    fields=["acting", "commune"],
                    name="stage_commune_of_acting",
                ),
                models.Index(
                    condition=models.Q(("acting__isnull", False)),
                    fields=["acting", "landlord"],
                    name="stage_landlord_of_acting",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RequestReader",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "application",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="readers",
                    to="attributions.application",
                    verbose_name="demande",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
        ],
        options={
            "verbose_name": "lecteur d’une demande",
            "verbose_name_plural": "lecteurs des demandes",
            "ordering": ["organisation", "-application"],
            "constraints": [
                models.UniqueConstraint(fields=("organisation", "application"), name="request_reader_unique")
            ],
        },
    ),
    migrations.CreateModel(
        name="LeaseCount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("year", models.PositiveSmallIntegerField(verbose_name="année de signature")),
            ("fell", models.PositiveSmallIntegerField(verbose_name="année d’enregistrement")),
            ("leases", models.IntegerField(default=0, verbose_name="baux")),
            ("outside_qpv", models.IntegerField(default=0, verbose_name="hors QPV")),
            ("in_qpv", models.IntegerField(default=0, verbose_name="en QPV")),
            (
                "first_quartile",
                models.IntegerField(default=0, verbose_name="hors QPV, premier quartile ou renouvellement urbain"),
            ),
            ("first_unknown", models.IntegerField(default=0, verbose_name="hors QPV, premier quartile non renseigné")),
            ("others", models.IntegerField(default=0, verbose_name="en QPV, autres quartiles")),
            ("others_unknown", models.IntegerField(default=0, verbose_name="en QPV, quartile non renseigné")),
            ("priority", models.IntegerField(default=0, verbose_name="ménages prioritaires")),
            ("priority_unknown", models.IntegerField(default=0, verbose_name="priorité non renseignée")),
            ("essential", models.IntegerField(default=0, verbose_name="travailleurs essentiels")),
            ("essential_unknown", models.IntegerField(default=0, verbose_name="métier non renseigné")),
            ("mobility", models.IntegerField(default=0, verbose_name="mutations internes")),
            ("in_flow", models.IntegerField(default=0, verbose_name="dans le flux")),
            ("in_mix", models.IntegerField(default=0, verbose_name="en résidence de mixité")),
            ("mix_others", models.IntegerField(default=0, verbose_name="en résidence de mixité, autres quartiles")),
            (
                "mix_unknown",
                models.IntegerField(default=0, verbose_name="en résidence de mixité, quartile non renseigné"),
            ),
            ("mix_unplaced", models.IntegerField(default=0, verbose_name="résidence de mixité non renseignée")),
            (
                "acting",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="propose à sa place",
                ),
            ),
            (
                "commune",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="commune",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="réservataire",
                ),
            ),
            (
                "landlord",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            (
                "open_acting",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="proposé par",
                ),
            ),
            (
                "open_holder",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="orienté à",
                ),
            ),
            (
                "place",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="lieu",
                ),
            ),
        ],
        options={
            "verbose_name": "décompte des baux",
            "verbose_name_plural": "décomptes des baux",
            "ordering": ["landlord", "year", "pk"],
            "indexes": [
                models.Index(fields=["place", "year"], name="lease_count_place"),
                models.Index(fields=["commune", "year"], name="lease_count_commune"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=(
                        "landlord",
                        "year",
                        "commune",
                        "place",
                        "fell",
                        "holder",
                        "acting",
                        "open_holder",
                        "open_acting",
                    ),
                    name="lease_count_unique",
                    nulls_distinct=False,
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="UnitSpan",
        fields=[
            (
                "vacancy",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="+",
                    serialize=False,
                    to="flux.vacancy",
                    verbose_name="logement libéré",
                ),
            ),
            (
                "counts",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.BigIntegerField(), default=list, verbose_name="décomptes"
                ),
            ),
        ],
        options={
            "verbose_name": "parcours d’un logement",
            "verbose_name_plural": "parcours des logements",
            "ordering": ["-pk"],
        },
    ),
    migrations.CreateModel(
        name="SpanCount",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("fell", models.PositiveSmallIntegerField(verbose_name="année d’enregistrement")),
            ("start", models.CharField(blank=True, max_length=10, verbose_name="de")),
            ("reached", models.CharField(max_length=10, verbose_name="à")),
            ("days", models.IntegerField(default=0, verbose_name="jours ouvrés")),
            ("units", models.IntegerField(default=0, verbose_name="parcours")),
            (
                "acting",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="propose à sa place",
                ),
            ),
            (
                "commune",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="commune",
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="réservataire",
                ),
            ),
            (
                "landlord",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.landlord",
                    verbose_name="bailleur",
                ),
            ),
            (
                "open_acting",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="proposé par",
                ),
            ),
            (
                "open_holder",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.reservationholder",
                    verbose_name="orienté à",
                ),
            ),
            (
                "place",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="reservations.territory",
                    verbose_name="lieu",
                ),
            ),
        ],
        options={
            "verbose_name": "décompte des délais",
            "verbose_name_plural": "décomptes des délais",
            "ordering": ["landlord", "fell", "pk"],
            "indexes": [
                models.Index(fields=["fell", "start", "reached", "place"], name="span_count_place"),
                models.Index(fields=["holder", "fell", "start", "reached"], name="span_count_holder"),
                models.Index(
                    condition=models.Q(("acting__isnull", False)),
                    fields=["acting", "fell", "start", "reached"],
                    name="span_count_acting",
                ),
            ],
            "constraints": [
                models.UniqueConstraint(
                    fields=(
                        "landlord",
                        "fell",
                        "start",
                        "reached",
                        "place",
                        "commune",
                        "days",
                        "holder",
                        "acting",
                        "open_holder",
                        "open_acting",
                    ),
                    name="span_count_unique",
                    nulls_distinct=False,
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="HouseholdCandidacy",
        fields=[
            (
                "proposal",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="candidacy",
                    serialize=False,
                    to="attributions.proposal",
                    verbose_name="candidature",
                ),
            ),
            ("is_housed", models.BooleanField(verbose_name="bail signé")),
            (
                "household",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="attributions.application",
                    verbose_name="demande du ménage",
                ),
            ),
            (
                "routing",
                models.ForeignKey(
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.routing",
                    verbose_name="orientation",
                ),
            ),
            (
                "vacancy",
                models.ForeignKey(
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to="flux.vacancy",
                    verbose_name="logement",
                ),
            ),
        ],
        options={
            "verbose_name": "candidature d’un ménage",
            "verbose_name_plural": "candidatures de ménages",
            "ordering": ["proposal"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("routing", "household"),
                    name="household_once_per_routing",
                    violation_error_message="Ce ménage est déjà candidat à ce logement.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("routing", None)),
                    fields=("vacancy", "household"),
                    name="household_once_per_unit",
                    violation_error_message="Ce ménage est déjà candidat à ce logement.",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("is_housed", True)),
                    fields=("household",),
                    name="household_housed_once",
                    violation_error_message="Un bail est déjà signé pour ce ménage, sur un autre logement : faites d’abord annuler ce bail par son bailleur, ou retirez cette candidature.",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="TermReading",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("own", models.PositiveIntegerField(verbose_name="baux dont les faits sont ceux de leur ménage")),
            ("dealt", models.PositiveIntegerField(verbose_name="baux au terme, aux faits mêlés")),
            (
                "among",
                models.PositiveSmallIntegerField(
                    blank=True, help_text="vide : aucun", null=True, verbose_name="mêlés entre, au moins"
                ),
            ),
            ("erased", models.PositiveIntegerField(verbose_name="baux au terme, aux faits effacés")),
            ("requests", models.PositiveIntegerField(verbose_name="demandes sans identité")),
            ("with_a_fact", models.PositiveIntegerField(verbose_name="demandes sans identité qui gardent un fait")),
            ("read_at", models.DateTimeField(verbose_name="relevé le")),
        ],
        options={
            "verbose_name": "relevé au terme",
            "verbose_name_plural": "relevés au terme",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="DeskChoice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("single_keys", models.BooleanField(default=True, verbose_name="touches seules")),
            (
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="desk_choice",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "réglages du poste",
            "verbose_name_plural": "réglages du poste",
            "ordering": ["pk"],
        },
    ),
    migrations.CreateModel(
        name="NamedFilter",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=40, verbose_name="nom du filtre")),
            ("kept", models.CharField(max_length=300, verbose_name="filtres")),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="personne",
                ),
            ),
        ],
        options={
            "verbose_name": "filtre gardé",
            "verbose_name_plural": "filtres gardés",
            "ordering": ["name", "pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("user", "organisation", "name"),
                    name="named_filter_unique",
                    violation_error_message="Vous avez déjà un filtre de ce nom : choisissez un autre nom.",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="RowMark",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("kind", models.CharField(max_length=40, verbose_name="nature de l’acte")),
            ("key", models.BigIntegerField(verbose_name="objet de l’acte")),
            ("put_off_until", models.DateField(blank=True, null=True, verbose_name="reporté au")),
            ("reason", models.CharField(blank=True, max_length=120, verbose_name="motif du report")),
            ("at", models.DateTimeField(verbose_name="noté le")),
            (
                "by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="noté par",
                ),
            ),
            (
                "organisation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="reservations.organisation",
                    verbose_name="organisation",
                ),
            ),
            (
                "taken_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                    verbose_name="pris par",
                ),
            ),
        ],
        options={
            "verbose_name": "suivi d’une ligne",
            "verbose_name_plural": "suivis de lignes",
            "ordering": ["pk"],
            "constraints": [
                models.UniqueConstraint(
                    fields=("organisation", "kind", "key"),
                    name="row_mark_unique",
                    violation_error_message="Un collègue vient de noter le suivi de cette ligne : relisez-le.",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("put_off_until", None), ("reason", "")),
                        models.Q(("put_off_until__isnull", False), models.Q(("reason", ""), _negated=True)),
                        _connector="OR",
                    ),
                    name="row_mark_put_off_with_reason",
                    violation_error_message="Un report porte un jour et un motif.",
                ),
            ],
        },
    ),
]
