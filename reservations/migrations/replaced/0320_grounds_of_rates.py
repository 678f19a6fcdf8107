"""Why each rate of a table was given, part by part, where it is not by the one ground of its share."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0310_who_reads"),
    ]

    operations = [
        migrations.AddField(
            model_name="rate",
            name="grounds",
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name="fondements"),
        ),
    ]
