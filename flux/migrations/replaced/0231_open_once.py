import django.contrib.postgres.constraints
from django.db import migrations, models

import reservations.models.periods


class Migration(migrations.Migration):
    dependencies = [("flux", "0230_one_life")]

    operations = [
        migrations.RemoveConstraint(model_name="vacancy", name="vacancy_once_at_a_time"),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("cancelled_at", None),
                    ("closed_on", None),
                    ("is_let", False),
                    ("kind__in", ("IN_FLOW", "STOCK", "FIRST_LETTING", "TECHNICAL")),
                ),
                fields=("unit",),
                name="vacancy_open_once",
                violation_error_message=(
                    "Ce logement est déjà libre, et pas encore loué : ouvrez sa fiche plutôt que de le déclarer deux "
                    "fois."
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="vacancy",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("cancelled_at", None), ("closed_on", None)),
                expressions=[
                    ("unit", "="),
                    (reservations.models.periods.DateRange("notice_on", "available_on"), "&&"),
                ],
                name="vacancy_once_at_a_time",
                violation_error_message=(
                    "Ce logement est déjà déclaré libéré pour ces dates. Ouvrez sa fiche plutôt que de le déclarer "
                    "deux fois."
                ),
            ),
        ),
    ]
