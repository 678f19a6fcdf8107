from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the database counts, as it is declared (docs/decisions/0160)."""

    dependencies = [("flux", "0430_dwelling_found_once")]

    operations = [*_sql.apply_files("flux", {"0540_counts": "c846be2e4c98"})]
