import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0009_covered_on"),
        ("reservations", "0002_dated_territories"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                    ("ORDER", "un logement est passé avant un autre, enregistré plus tôt"),
                    ("REPLAY", "une recommandation recalculée diffère de celle qui est gardée"),
                    ("ASKED", "des décisions demandées hors de leur tour, par habitude"),
                ],
                max_length=8,
                verbose_name="contrôle",
            ),
        ),
        migrations.CreateModel(
            name="OpeningBalance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(verbose_name="compté depuis le")),
                ("opened_on", models.DateField(verbose_name="compte tenu ici à partir du")),
                ("units", models.PositiveIntegerField(verbose_name="logements entrés dans le flux")),
                ("due", models.BigIntegerField(verbose_name="dû, en millionièmes")),
                ("received", models.PositiveIntegerField(verbose_name="logements reçus")),
                ("allocated", models.PositiveIntegerField(blank=True, null=True, verbose_name="attribués")),
                ("leased", models.PositiveIntegerField(blank=True, null=True, verbose_name="baux signés")),
                ("source", models.TextField(verbose_name="source")),
                ("proposed_at", models.DateTimeField(verbose_name="proposé le")),
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
                    "ledger",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="openings",
                        to="flux.ledger",
                        verbose_name="compte",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposé par",
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="flux.openingbalance",
                        verbose_name="remplace",
                    ),
                ),
            ],
            options={
                "verbose_name": "solde d’ouverture",
                "verbose_name_plural": "soldes d’ouverture",
                "ordering": ["ledger", "holder", "pk"],
            },
        ),
        migrations.CreateModel(
            name="OpeningAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("ACCEPTED", "accepté"),
                            ("CONTESTED", "contesté"),
                            ("MAINTAINED", "maintenu"),
                            ("WITHDRAWN", "retiré"),
                        ],
                        max_length=10,
                        verbose_name="acte",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="motif")),
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
                (
                    "opening",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acts",
                        to="flux.openingbalance",
                        verbose_name="solde",
                    ),
                ),
            ],
            options={
                "verbose_name": "réponse à un solde d’ouverture",
                "verbose_name_plural": "réponses aux soldes d’ouverture",
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="carriedover",
            name="opening",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="carried",
                to="flux.openingbalance",
                verbose_name="solde d’ouverture",
            ),
        ),
        migrations.AddConstraint(
            model_name="openingbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(("since__lt", models.F("opened_on"))),
                name="opening_since_before",
                violation_error_message="Ce qui est compté commence avant le jour où le compte est tenu ici.",
            ),
        ),
        migrations.AddConstraint(
            model_name="openingbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("due__gte", 0),
                    (
                        "due__lte",
                        django.db.models.expressions.CombinedExpression(models.F("units"), "*", models.Value(1000000)),
                    ),
                ),
                name="opening_due_of_units",
                violation_error_message="Le dû ne dépasse pas les logements entrés dans le flux.",
            ),
        ),
        migrations.AddConstraint(
            model_name="openingbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(("received__lte", models.F("units"))),
                name="opening_received_of_units",
                violation_error_message="Les logements reçus ne dépassent pas ceux entrés dans le flux.",
            ),
        ),
        migrations.AddConstraint(
            model_name="openingbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("allocated", None), ("allocated__lte", models.F("received")), _connector="OR"),
                    models.Q(("leased", None), ("leased__lte", models.F("received")), _connector="OR"),
                ),
                name="opening_outcome_of_received",
                violation_error_message="Attributions et baux ne dépassent pas les logements reçus.",
            ),
        ),
        migrations.AddConstraint(
            model_name="openingbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True),
                name="opening_has_source",
                violation_error_message="Un solde d’ouverture dit d’où viennent ses chiffres.",
            ),
        ),
        migrations.AddConstraint(
            model_name="openingact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("act__in", ["ACCEPTED", "WITHDRAWN"])),
                fields=("opening",),
                name="opening_closed_once",
                violation_error_message="Ce solde d’ouverture est déjà accepté, ou retiré. Rechargez la page.",
            ),
        ),
        migrations.AddConstraint(
            model_name="openingact",
            constraint=models.CheckConstraint(
                condition=models.Q(("act", "ACCEPTED"), models.Q(("text", ""), _negated=True), _connector="OR"),
                name="opening_act_says_why",
                violation_error_message="Dites pourquoi en une phrase : l’autre partie la lira.",
            ),
        ),
        *_sql.apply_files("flux", {"0010_openings": "3ab05985e94c"}),
    ]
