from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the database keeps by itself, as it is declared (docs/decisions/0160 and 0168)."""

    dependencies = [("flux", "0540_counts")]

    operations = [*_sql.apply_files("flux", {"0640_frozen_whole": "4bf123b3d7da"})]
