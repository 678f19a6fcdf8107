from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the database counts, as it is declared (docs/decisions/0163)."""

    dependencies = [("attributions", "0450_desk")]

    operations = [*_sql.apply_files("attributions", {"0540_counts": "32b9afe7b31d"})]
