import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0003_descriptions"),
        ("reservations", "0001_start"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="recommendation",
            name="plan",
            field=models.JSONField(
                blank=True,
                help_text="vide : un seul départ était connu",
                null=True,
                verbose_name="plan des départs connus",
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
                    ("ORDER", "un logement est passé avant un autre, enregistré plus tôt"),
                    ("REPLAY", "une recommandation recalculée diffère de celle qui est gardée"),
                    ("ASKED", "des décisions demandées hors de leur tour, par habitude"),
                ],
                max_length=8,
                verbose_name="contrôle",
            ),
        ),
        migrations.CreateModel(
            name="AskedDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("passed", models.PositiveIntegerField(default=0, verbose_name="départs passés")),
                ("known", models.PositiveSmallIntegerField(verbose_name="départs connus")),
                ("motive", models.TextField(blank=True, verbose_name="motif")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demandée par",
                    ),
                ),
                (
                    "recommendation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked",
                        to="flux.recommendation",
                        verbose_name="recommandation",
                    ),
                ),
            ],
            options={
                "verbose_name": "décision demandée",
                "verbose_name_plural": "décisions demandées",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("passed", 0), models.Q(("motive", ""), _negated=True), _connector="OR"),
                        name="asked_decision_out_of_order_has_motive",
                        violation_error_message="Passer avant des départs enregistrés plus tôt demande un motif.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DecisionWindow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("length", models.PositiveSmallIntegerField(default=8, verbose_name="départs planifiés ensemble")),
                ("days", models.PositiveSmallIntegerField(default=3, verbose_name="jours ouvrés d’attente au plus")),
                ("starts_on", models.DateField(verbose_name="à partir du")),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decision_windows",
                        to="reservations.landlord",
                        verbose_name="bailleur",
                    ),
                ),
            ],
            options={
                "verbose_name": "fenêtre de décision",
                "verbose_name_plural": "fenêtres de décision",
                "ordering": ["landlord", "-starts_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("landlord", "starts_on"),
                        name="decision_window_unique_date",
                        violation_error_message="Une fenêtre de décision commence déjà ce jour-là.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("length", None), models.Q(("length__gte", 1), ("length__lte", 16)), _connector="OR"
                        ),
                        name="decision_window_length_bounds",
                        violation_error_message="Planifiez ensemble de 1 à 16 départs : 1, chaque départ est décidé seul, dès son enregistrement.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days", None), models.Q(("days__gte", 0), ("days__lte", 20)), _connector="OR"
                        ),
                        name="decision_window_days_bounds",
                        violation_error_message="Écrivez un nombre de jours ouvrés de 0 à 20 : 0, un départ n’en attend pas d’autres.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpectedHolder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField(verbose_name="rang parmi les départs connus")),
                ("known", models.PositiveSmallIntegerField(verbose_name="départs connus")),
                ("since", models.DateTimeField(verbose_name="prévue depuis le")),
                ("firm_on", models.DateField(verbose_name="décidé au plus tard le")),
                ("seen_on", models.DateField(verbose_name="calculée le")),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                        verbose_name="destination prévue",
                    ),
                ),
                (
                    "vacancy",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="expected",
                        to="flux.vacancy",
                        verbose_name="logement libéré",
                    ),
                ),
            ],
            options={
                "verbose_name": "prévision de destination",
                "verbose_name_plural": "prévisions de destination",
                "ordering": ["vacancy_id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("known__gte", models.F("rank")), ("rank__gte", 1)),
                        name="expected_holder_rank",
                        violation_error_message="Une prévision porte un rang parmi les départs connus.",
                    )
                ],
            },
        ),
        *_sql.apply_files("flux", {"0004_known_departures": "257eba12e021"}),
    ]
