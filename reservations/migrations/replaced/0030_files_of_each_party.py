from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0029_delegation_scope"),
    ]

    operations = _sql.apply_files("reservations", {"0030_files_of_each_party": "7ee39c4b14b0"})
