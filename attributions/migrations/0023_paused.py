from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0022_mix_residences"),
        ("reservations", "0033_pauses"),
    ]

    operations = _sql.apply_files("attributions", {"0023_paused": "2c6fd433dab3"})
