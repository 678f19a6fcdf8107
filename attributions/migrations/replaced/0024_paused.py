from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0023_balances_kept_elsewhere"),
        ("reservations", "0033_pauses"),
    ]

    operations = _sql.apply_files("attributions", {"0024_paused": "2c6fd433dab3"})
