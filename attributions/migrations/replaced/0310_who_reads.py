from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """The wall is as narrow as the pages."""

    dependencies = [
        ("attributions", "0295_convening_delay"),
        ("reservations", "0310_who_reads"),
    ]

    operations = _sql.apply_files("attributions", {"0310_who_reads": "0048567e29ff"})
