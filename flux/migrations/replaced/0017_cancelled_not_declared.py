from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0016_units_in_bulk"),
    ]

    operations = [*_sql.apply_files("flux", {"0017_cancelled_not_declared": "e1f9fb854213"})]
