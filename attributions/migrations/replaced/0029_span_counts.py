import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0028_lease_counts"),
        ("flux", "0033_routing_counts"),
        ("reservations", "0037_search_words"),
    ]

    operations = [
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
                "indexes": [models.Index(fields=["fell", "start", "reached", "place"], name="span_count_place")],
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
        *_sql.apply_files("attributions", {"0029_span_counts": "793ce81af007"}),
    ]
