import django.db.models.deletion
from django.db import migrations, models

#: What everybody is offered: the same for a reader of any région, and the axes of the article one after another.
LAYOUTS = (
    {
        "code": "neutre",
        "name": "Neutre, par réservataire",
        "source": "Équiflux",
        "columns": [
            ["landlord", "Bailleur"],
            ["landlord_siren", "SIREN du bailleur"],
            ["year", "Année"],
            ["departement", "Département"],
            ["table", "Tableau"],
            ["line", "Ligne"],
            ["holder", "Réservataire"],
            ["siren", "SIREN du réservataire"],
            ["contingent", "Contingent"],
            ["account", "Compte"],
            ["offered", "Proposés"],
            ["allocated", "Attribués"],
            ["leased", "Loués"],
            ["returned", "Rendus"],
            ["refused", "Candidatures non abouties"],
            ["planned", "Prévus"],
            ["done", "Constatés"],
            ["forecast_sent", "Prévisionnel transmis"],
            ["balance_sent", "Bilan transmis"],
        ],
        "axes": [],
    },
    {
        "code": "decret",
        "name": "Axes du décret, l’un après l’autre",
        "source": "CCH, R441-5-1",
        "columns": [
            ["landlord", "Bailleur"],
            ["year", "Année"],
            ["departement", "Département"],
            ["holder", "Réservataire"],
            ["contingent", "Contingent"],
            ["account", "Compte"],
            ["table", "Axe"],
            ["line", "Catégorie"],
            ["offered", "Logements proposés"],
            ["allocated", "Logements attribués"],
            ["planned", "Prévus"],
            ["done", "Constatés"],
            ["forecast_sent", "Prévisionnel transmis"],
            ["balance_sent", "Bilan transmis"],
        ],
        "axes": ["TYPOLOGY", "FINANCING", "QPV", "COMMUNE", "PERIOD"],
    },
)


def ship(apps, schema_editor):
    """The two that every installation begins with; an operator may change them, or keep them back."""
    layouts = apps.get_model("attributions", "BalanceLayout")
    for each in LAYOUTS:
        layouts.objects.create(**each)


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0003_stated_purpose"),
        ("reservations", "0002_dated_territories"),
    ]

    operations = [
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
        migrations.RunPython(ship, migrations.RunPython.noop),
    ]
