from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0018_transfers_told"),
    ]

    operations = _sql.apply_files("attributions", {"0019_stages_by_convention": "59b5d4d29cae"})
