from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0003_stated_purpose"),
        ("flux", "0008_software_is_told"),
    ]

    operations = [
        *_sql.apply_files("attributions", {"0004_software_is_told": "3f71b5e07904"}),
    ]
