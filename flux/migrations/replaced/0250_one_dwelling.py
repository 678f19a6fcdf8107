from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """A dwelling falls vacant once, through how many landlords it goes."""

    dependencies = [("flux", "0242_imprints_of_units")]

    operations = [
        *_sql.apply_files("flux", {"0250_one_dwelling": "0e737fa8d3b3"}),
    ]
