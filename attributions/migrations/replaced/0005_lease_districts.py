from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0004_balance_layouts"),
        ("flux", "0006_period_cuts"),
    ]

    operations = _sql.apply_files("attributions", {"0005_lease_districts": "f8ac24151dc2"})
