import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0034_choice_counts"),
        ("reservations", "0037_search_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnitReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", models.CharField(max_length=40, verbose_name="référence")),
                ("routings", models.IntegerField(verbose_name="orientations ouvertes")),
                (
                    "commune",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.territory",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.organisation",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="flux.programme",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readers",
                        to="flux.unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "lecteur d’un logement",
                "verbose_name_plural": "lecteurs des logements",
                "ordering": ["organisation", "reference", "unit"],
                "indexes": [
                    models.Index(fields=["organisation", "reference", "unit"], name="unit_reader_in_order"),
                    models.Index(fields=["organisation", "commune"], name="unit_reader_commune"),
                    models.Index(fields=["organisation", "programme"], name="unit_reader_programme"),
                ],
                "constraints": [models.UniqueConstraint(fields=("organisation", "unit"), name="unit_reader_unique")],
            },
        ),
        *_sql.apply_files("flux", {"0035_unit_readers": "f464f50919a4"}),
    ]
