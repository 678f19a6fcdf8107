from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the database keeps by itself, as it is declared (docs/decisions/0160 and 0165)."""

    dependencies = [("flux", "0540_counts")]

    operations = [*_sql.apply_files("flux", {"0640_frozen_whole": "fb888eb40c8f"})]
