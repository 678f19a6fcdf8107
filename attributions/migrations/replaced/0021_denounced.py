from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0020_transfers_kept"),
        ("reservations", "0032_renewal"),
    ]

    operations = _sql.apply_files("attributions", {"0021_denounced": "f3b577b1e22d"})
