import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0004_file_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="CapReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reading",
                    models.CharField(
                        choices=[
                            ("OVER_YEARS", "sur les années de la convention"),
                            ("IN_YEAR", "strictement dans l’année"),
                        ],
                        max_length=10,
                        verbose_name="lecture",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="à compter du")),
                (
                    "source",
                    models.CharField(
                        help_text="article de la convention, arrêté du préfet", max_length=200, verbose_name="source"
                    ),
                ),
                (
                    "departement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.territory",
                        verbose_name="département",
                    ),
                ),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.landlord",
                        verbose_name="bailleur",
                    ),
                ),
            ],
            options={
                "verbose_name": "lecture du plafond de l’État",
                "verbose_name_plural": "lectures du plafond de l’État",
                "ordering": ["landlord", "departement", "-starts_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("landlord", "departement", "starts_on"),
                        name="cap_reading_once",
                        violation_error_message="Une lecture commence déjà ce jour-là : choisissez un autre jour.",
                    )
                ],
            },
        ),
    ]
