from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [("reservations", "0019_service_notices")]

    operations = [*_sql.apply_files("reservations", {"0020_erasable_imprints": "a6a003dde8b5"})]
