from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0015_vacancy_landlord"),
    ]

    operations = [*_sql.apply_files("flux", {"0016_units_in_bulk": "6cd290f903b6"})]
