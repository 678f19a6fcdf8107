from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """The second wall reads credentials where households are named too."""

    dependencies = [("attributions", "0242_imprints_of_agendas"), ("reservations", "0255_acting_credential")]

    operations = [
        *_sql.apply_files("attributions", {"0255_acting_credential": "e118a39a7031"}),
    ]
