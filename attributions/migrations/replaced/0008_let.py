from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0007_people_are_told"),
        ("flux", "0015_vacancy_landlord"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["DRAFT", "SENT", "READY", "ON_AGENDA", "ALLOCATED", "OFFERED", "ACCEPTED"])
                ),
                fields=["status", "vacancy"],
                name="proposal_live",
            ),
        ),
        *_sql.apply_files("attributions", {"0008_let": "544290565928"}),
    ]
