import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0005_act_said"),
        ("reservations", "0002_dated_territories"),
    ]

    operations = [
        migrations.CreateModel(
            name="PeriodCut",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="à compter du")),
                (
                    "bounds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.SmallIntegerField(), verbose_name="dernières années"
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                (
                    "landlord",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.landlord",
                        verbose_name="bailleur",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.territory",
                        verbose_name="région ou département",
                    ),
                ),
            ],
            options={
                "verbose_name": "découpage des périodes de construction",
                "verbose_name_plural": "découpages des périodes de construction",
                "ordering": ["landlord", "territory", "starts_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("landlord", "territory", "starts_on"),
                        name="period_cut_once",
                        nulls_distinct=False,
                        violation_error_message="Un découpage commence déjà ce jour-là ici : choisissez un autre jour.",
                    )
                ],
            },
        ),
        *_sql.apply_files("flux", {"0006_period_cuts": "e393e33a9a39"}),
    ]
