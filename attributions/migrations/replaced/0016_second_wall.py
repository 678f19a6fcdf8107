from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [("reservations", "0028_second_wall"), ("attributions", "0015_read_pages")]

    operations = [*_sql.apply_files("attributions", {"0016_second_wall": "bff705b40408"})]
