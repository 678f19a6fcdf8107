from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """Acts are undone, not corrections by hand; refusals count on the day of the decision or of the answer."""

    dependencies = [
        ("attributions", "0031_spans_of_holders"),
        ("flux", "0200_counting_point"),
    ]

    operations = _sql.apply_files(
        "attributions", {"0200_act_of": "7aa5b9a922b2", "0200_refusals_dated": "5d8fb63fce9a"}
    )
