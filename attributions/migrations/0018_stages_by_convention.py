from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0017_stages"),
    ]

    operations = _sql.apply_files("attributions", {"0018_stages_by_convention": "59b5d4d29cae"})
