from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """Agendas, committees, comments and objectives have imprints."""

    dependencies = [("attributions", "0240_erasure"), ("flux", "0242_imprints_of_units")]

    operations = [
        *_sql.apply_files("attributions", {"0242_imprints_of_agendas": "50c7e9cbb9e3"}),
    ]
