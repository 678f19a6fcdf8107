from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """A convention that left the draft is frozen as a whole: nine rules are one."""

    dependencies = [("reservations", "0335_log_cosignatures")]

    operations = [*_sql.apply_files("reservations", {"0510_frozen_whole": "83d6b08fcd22"})]
