from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """A household is found by its name, by who reads its request."""

    dependencies = [
        ("attributions", "0255_acting_credential"),
        ("reservations", "0270_occupancy"),
    ]

    operations = [
        *_sql.apply_files("attributions", {"0270_named": "92844c8e187a"}),
    ]
