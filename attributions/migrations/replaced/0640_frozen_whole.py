from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the database keeps by itself, as it is declared (docs/decisions/0160 and 0165)."""

    dependencies = [("attributions", "0540_counts")]

    operations = [*_sql.apply_files("attributions", {"0640_frozen_whole": "91538389fba8"})]
