from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the database keeps by itself, as it is declared (docs/decisions/0160 and 0165)."""

    dependencies = [("reservations", "0510_frozen_whole")]

    operations = [*_sql.apply_files("reservations", {"0640_frozen_whole": "91295c1fb0d1"})]
