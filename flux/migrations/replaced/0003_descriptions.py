import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from reservations.migrations import _sql


def _let_columns_go(_apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Backwards: a trigger compares a column that goes; the function that it calls is of the first migration."""
    schema_editor.execute("DROP TRIGGER IF EXISTS fold_again ON flux_vacancy")


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0002_acts"),
        ("reservations", "0001_start"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UnitDescription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(verbose_name="à compter du")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("RECORDED", "à l’enregistrement"),
                            ("CHANGE", "changement"),
                            ("ERROR", "erreur corrigée"),
                            ("COMPLETED", "complément"),
                        ],
                        max_length=9,
                        verbose_name="acte",
                    ),
                ),
                ("rooms", models.SmallIntegerField(verbose_name="pièces principales")),
                ("financing_code", models.CharField(blank=True, max_length=2, verbose_name="financement initial")),
                ("in_qpv", models.BooleanField(blank=True, null=True, verbose_name="en quartier prioritaire (QPV)")),
                (
                    "qpv_code",
                    models.CharField(
                        blank=True, help_text="QP011009, QN01109M", max_length=8, verbose_name="code du quartier"
                    ),
                ),
                (
                    "qpv_list",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="année de la liste : 2015, 2024…",
                        null=True,
                        verbose_name="liste des quartiers",
                    ),
                ),
                (
                    "construction_year",
                    models.SmallIntegerField(blank=True, null=True, verbose_name="année d’achèvement"),
                ),
                ("attractiveness", models.CharField(blank=True, max_length=1, verbose_name="attractivité")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="enregistrée le")),
                (
                    "commune",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.territory",
                        verbose_name="commune",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="flux.unitdescription",
                        verbose_name="corrige",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="enregistrée par",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="descriptions",
                        to="flux.unit",
                        verbose_name="logement",
                    ),
                ),
            ],
            options={
                "verbose_name": "description de logement",
                "verbose_name_plural": "descriptions de logements",
                "ordering": ["unit", "since", "pk"],
            },
        ),
        migrations.AddField(
            model_name="flowentry",
            name="description",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="flux.unitdescription",
            ),
        ),
        migrations.AddField(
            model_name="vacancy",
            name="description",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="flux.unitdescription",
            ),
        ),
        *_sql.apply_files(
            "flux",
            {
                "0003_first_descriptions": "93cd0dd7576c",
                "0003_descriptions": "77b40f67b3b0",
                "0003_fold_descriptions": "e471044d53be",
            },
        ),
        migrations.RunPython(migrations.RunPython.noop, _let_columns_go),
        migrations.AddConstraint(
            model_name="flowentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("description", None), ("vacancy", None)),
                    models.Q(("description__isnull", False), ("vacancy__isnull", False)),
                    _connector="OR",
                ),
                name="flow_entry_description",
                violation_error_message="Ce qui porte sur un logement compte sous sa description de ce jour.",
            ),
        ),
        migrations.AddIndex(
            model_name="unitdescription",
            index=models.Index(fields=["unit", "since"], name="description_unit_since"),
        ),
        migrations.AddConstraint(
            model_name="unitdescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("act__in", ["ERROR", "COMPLETED"]), ("corrects__isnull", False)),
                    models.Q(("act__in", ["RECORDED", "CHANGE"]), ("corrects", None)),
                    _connector="OR",
                ),
                name="description_corrects",
                violation_error_message="Une correction, et elle seule, dit quelle description elle corrige.",
            ),
        ),
        migrations.AddConstraint(
            model_name="unitdescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("qpv_code", ""), models.Q(("in_qpv", True), ("qpv_code__regex", "^Q[A-Z0-9]{7}$")), _connector="OR"
                ),
                name="description_qpv_code",
                violation_error_message="Le code d’un quartier a huit signes et commence par Q : QP011009, QN01109M.",
            ),
        ),
    ]
