"""What a file writes is shown by holder before it is confirmed, and written by short batches."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0205_task_failures"),
    ]

    operations = [
        migrations.AddField(
            model_name="fileimport",
            name="totals",
            field=models.JSONField(db_default={}, default=dict, verbose_name="ce qui sera écrit, par réservataire"),
        ),
        migrations.AddField(
            model_name="fileimport",
            name="written",
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name="lignes écrites"),
        ),
        migrations.AddField(
            model_name="importedline",
            name="named",
            field=models.JSONField(db_default={}, default=dict, verbose_name="qui et quels lieux ses cellules nomment"),
        ),
    ]
