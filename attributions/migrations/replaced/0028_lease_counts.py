import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0027_request_readers"),
        ("flux", "0028_absorptions"),
        ("reservations", "0035_archive_parts"),
    ]

    operations = [
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
                (
                    "first_unknown",
                    models.IntegerField(default=0, verbose_name="hors QPV, premier quartile non renseigné"),
                ),
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
        *_sql.apply_files("attributions", {"0028_lease_counts": "463a93d2477a"}),
    ]
