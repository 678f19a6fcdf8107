from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """Apart from the tables, whose unique key is there once they are."""

    dependencies = [("attributions", "0029_span_counts")]

    operations = _sql.apply_files("attributions", {"0030_spans_counted": "9f877e095347"})
