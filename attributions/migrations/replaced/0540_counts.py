from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the database counts, as it is declared (docs/decisions/0160)."""

    dependencies = [("attributions", "0450_desk")]

    operations = [*_sql.apply_files("attributions", {"0540_counts": "e1f7a411601e"})]
