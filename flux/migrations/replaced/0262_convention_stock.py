from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the stock is when a convention with the State is proposed is kept with it."""

    dependencies = [("flux", "0261_carried_by_absorption")]

    operations = [
        migrations.CreateModel(
            name="ConventionStock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("counted_on", models.DateField(verbose_name="relevé le")),
                ("content", models.JSONField(verbose_name="relevé")),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="stocks",
                        to="reservations.convention",
                        verbose_name="convention",
                    ),
                ),
            ],
            options={
                "verbose_name": "relevé du parc d’une convention",
                "verbose_name_plural": "relevés du parc des conventions",
                "ordering": ["pk"],
            },
        ),
        *_sql.apply_files("flux", {"0262_convention_stock": "df8c90df8acc"}),
    ]
