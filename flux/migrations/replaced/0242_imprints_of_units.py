from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What prices, places and grants a unit, and units themselves, have imprints."""

    dependencies = [("flux", "0240_kept_forecasts"), ("reservations", "0242_imprints_of_grants")]

    operations = [
        *_sql.apply_files("flux", {"0242_imprints_of_units": "a3c8575529cc"}),
    ]
