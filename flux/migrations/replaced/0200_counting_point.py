from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """A unit that waits counts by the convention that bears on it."""

    dependencies = [
        ("flux", "0047_awaited_of_holder"),
        ("reservations", "0038_convention_of_two"),
    ]

    operations = _sql.apply_files("flux", {"0200_counting_point": "d2bb092933a8"})
