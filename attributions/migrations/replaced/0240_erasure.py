from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What is erased at its legal term is erased by functions of the owner of the tables."""

    dependencies = [
        ("attributions", "0205_one_household"),
        ("flux", "0240_kept_forecasts"),
        ("reservations", "0240_set_aside"),
    ]

    operations = [
        *_sql.apply_files("attributions", {"0240_erasure": "8db34be00af9"}),
    ]
