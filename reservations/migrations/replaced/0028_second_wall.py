from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [("reservations", "0027_counting_point")]

    operations = [*_sql.apply_files("reservations", {"0028_second_wall": "2fbee927656e"})]
