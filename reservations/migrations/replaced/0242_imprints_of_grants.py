from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """Who may sign in, as whom and with which role, and the figures of the law, have imprints."""

    dependencies = [("reservations", "0240_set_aside")]

    operations = [
        *_sql.apply_files("reservations", {"0242_imprints_of_grants": "f91f44193ec9"}),
    ]
