from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """A unit that waits counts by the convention that bears on it."""

    dependencies = [
        ("flux", "0100_squashed"),
        ("reservations", "0100_squashed"),
    ]

    operations = _sql.apply_files("flux", {"0200_counting_point": "d2bb092933a8"})
