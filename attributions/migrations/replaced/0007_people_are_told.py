from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0006_software_is_told"),
        ("flux", "0014_past_vacancies"),
        ("reservations", "0012_remark_term"),
    ]

    operations = [
        *_sql.apply_files("attributions", {"0007_people_are_told": "eb1cf31298c7"}),
    ]
