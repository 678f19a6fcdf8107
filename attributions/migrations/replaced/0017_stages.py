import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0016_second_wall"),
        ("flux", "0022_fold_statements"),
        ("reservations", "0030_files_of_each_party"),
    ]

    operations = [
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
        *_sql.apply_files("attributions", {"0017_stages": "4628058f5d4c"}),
    ]
