from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What units owed between the first day of a convention and its signature is settled by an entry that says so."""

    dependencies = [("flux", "0251_return_for_works"), ("reservations", "0260_earlier_dues")]

    operations = [
        migrations.CreateModel(
            name="SettledDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("units", models.PositiveIntegerField(verbose_name="logements réglés")),
                ("since", models.DateField(verbose_name="du")),
                ("until", models.DateField(verbose_name="au")),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=models.PROTECT,
                        related_name="settled",
                        to="reservations.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=models.PROTECT,
                        related_name="settled",
                        to="flux.flowentry",
                        verbose_name="mouvement de compte",
                    ),
                ),
            ],
            options={
                "verbose_name": "règlement d’avant la signature",
                "verbose_name_plural": "règlements d’avant la signature",
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("units__gte", 1), ("until__gte", models.F("since"))),
                        name="settled_due_of_units",
                        violation_error_message=(
                            "Un règlement porte sur des logements entrés dans le flux entre deux jours."
                        ),
                    ),
                ],
            },
        ),
        *_sql.apply_files("flux", {"0260_earlier_dues": "425c23ac05f5"}),
    ]
