from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0005_lease_districts"),
        ("flux", "0008_software_is_told"),
    ]

    operations = [
        *_sql.apply_files("attributions", {"0006_software_is_told": "3f71b5e07904"}),
    ]
