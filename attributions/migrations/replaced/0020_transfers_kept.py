from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [("attributions", "0019_stages_by_convention")]

    operations = _sql.apply_files("attributions", {"0020_transfers_kept": "6c64d38461f9"})
