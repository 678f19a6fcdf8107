"""The counts of delays by the holder of their routing, or by who acts for it, by indexes made while everybody works."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # PostgreSQL makes such an index outside of any transaction

    dependencies = [("attributions", "0030_spans_counted")]

    operations = [
        AddIndexConcurrently(
            model_name="spancount",
            index=models.Index(fields=["holder", "fell", "start", "reached"], name="span_count_holder"),
        ),
        AddIndexConcurrently(
            model_name="spancount",
            index=models.Index(
                condition=models.Q(("acting__isnull", False)),
                fields=["acting", "fell", "start", "reached"],
                name="span_count_acting",
            ),
        ),
    ]
