from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0024_awaited_decisions"),
        ("reservations", "0027_counting_point"),
    ]

    operations = [
        migrations.AddField(
            model_name="flowentry",
            name="reached",
            field=models.SmallIntegerField(default=0, editable=False, verbose_name="arrivés au point de comptage"),
        ),
        migrations.AddField(
            model_name="accountmonth",
            name="received",
            field=models.IntegerField(default=0, verbose_name="reçus"),
        ),
        *_sql.apply_files("flux", {"0025_reached": "50e58b7349a5"}),
    ]
