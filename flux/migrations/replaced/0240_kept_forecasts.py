from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """No setting opens the lines of a forecast that was sent."""

    dependencies = [("flux", "0232_window_kept"), ("reservations", "0240_set_aside")]

    operations = [
        *_sql.apply_files("flux", {"0240_kept_forecasts": "cd05e0edc011"}),
    ]
