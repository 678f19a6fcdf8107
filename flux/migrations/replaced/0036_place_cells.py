import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0035_unit_readers"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlaceCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="année des actes")),
                ("offered", models.IntegerField(default=0, verbose_name="proposés")),
                ("returned", models.IntegerField(default=0, verbose_name="rendus")),
                ("lapsed", models.IntegerField(default=0, verbose_name="sans réponse")),
                ("allocated", models.IntegerField(default=0, verbose_name="attribués")),
                ("leased", models.IntegerField(default=0, verbose_name="baux signés")),
                ("described", models.IntegerField(default=0, verbose_name="proposés, description complète")),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.territory"
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                    ),
                ),
                (
                    "ledger",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="flux.ledger"
                    ),
                ),
            ],
            options={
                "verbose_name": "case d’une commune",
                "verbose_name_plural": "cases des communes",
                "ordering": ["ledger", "holder", "pk"],
                "indexes": [models.Index(fields=["year", "ledger"], name="place_cell_of_year")],
                "constraints": [
                    models.UniqueConstraint(fields=("ledger", "holder", "year", "commune"), name="place_cell_unique")
                ],
            },
        ),
        *_sql.apply_files("flux", {"0036_place_cells": "391735b50aaa"}),
    ]
