from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [("reservations", "0020_erasable_imprints"), ("attributions", "0010_imprints")]

    operations = [*_sql.apply_files("attributions", {"0011_application_imprints": "5c943b4675a3"})]
