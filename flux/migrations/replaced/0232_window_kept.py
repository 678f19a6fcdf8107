from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """Eight known departures are planned together unless a landlord chooses otherwise: those that exist keep one."""

    dependencies = [("flux", "0231_open_once")]

    operations = [*_sql.apply_files("flux", {"0232_window_kept": "9ba4683076e8"})]
