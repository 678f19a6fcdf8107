from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0013_law_lists"),
        ("reservations", "0023_signatories"),
    ]

    operations = _sql.apply_files("attributions", {"0014_conventions_told": "64d5bf4241d1"})
