"""Why a share of the flow was given, part by part; nothing is said of those of before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0280_articles"),
    ]

    operations = [
        migrations.AddField(
            model_name="quota",
            name="grounds",
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name="fondements"),
        ),
    ]
