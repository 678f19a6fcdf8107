import django.contrib.postgres.constraints
import django.db.models.deletion
from django.db import migrations, models

import reservations.models.periods
from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0001_start"),
    ]

    operations = [
        migrations.CreateModel(
            name="TerritoryLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("REGION", "région"),
                            ("DEPARTEMENT", "département"),
                            ("EPCI", "intercommunalité"),
                            ("EPT", "établissement public territorial"),
                            ("PARENT_COMMUNE", "commune de l’arrondissement"),
                            ("MERGED", "réunie à"),
                        ],
                        max_length=14,
                        verbose_name="nature",
                    ),
                ),
                ("since", models.DateField(verbose_name="à compter du")),
                ("until", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ("source", models.CharField(blank=True, max_length=120, verbose_name="source")),
                (
                    "container",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="linked", to="reservations.territory"
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="links", to="reservations.territory"
                    ),
                ),
            ],
            options={
                "verbose_name": "rattachement",
                "ordering": ["territory", "kind", "since"],
                "constraints": [
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("territory", "="),
                            ("kind", "="),
                            (reservations.models.periods.DateRange("since", "until"), "&&"),
                        ],
                        name="territory_link_once_at_a_time",
                        violation_error_message="Un territoire n’est que d’un seul autre de cette nature à la fois.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                        name="territory_link_period",
                        violation_error_message="Un rattachement finit après avoir commencé.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TerritoryName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="nom")),
                ("since", models.DateField(verbose_name="à compter du")),
                ("source", models.CharField(blank=True, max_length=120, verbose_name="source")),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="names", to="reservations.territory"
                    ),
                ),
            ],
            options={
                "verbose_name": "nom de territoire",
                "verbose_name_plural": "noms de territoires",
                "ordering": ["territory", "since"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("territory", "since"),
                        name="territory_name_since",
                        violation_error_message="Un territoire n’a qu’un nom à compter d’un jour.",
                    )
                ],
            },
        ),
        *_sql.apply_files("reservations", {"0002_territories": "62fdada9224e"}),
    ]
