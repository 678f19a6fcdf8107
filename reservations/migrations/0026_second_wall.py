from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [("reservations", "0025_rates")]

    operations = [*_sql.apply_files("reservations", {"0026_second_wall": "2fbee927656e"})]
