from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0007_forecast_lines_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="forecast",
            name="content",
            field=models.JSONField(blank=True, editable=False, null=True, verbose_name="ce qui fut envoyé"),
        ),
    ]
