from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0008_let"),
        ("flux", "0016_units_in_bulk"),
    ]

    operations = [*_sql.apply_files("attributions", {"0009_districts_in_bulk": "68d7f7eccdaa"})]
