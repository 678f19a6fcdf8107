from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0026_procedure"),
    ]

    operations = [
        migrations.AlterField(
            model_name="convention",
            name="counting_point",
            field=models.CharField(
                choices=[
                    ("ROUTED", "à l’orientation"),
                    ("PROPOSED", "à la proposition de candidats"),
                    ("ALLOCATED", "à l’attribution"),
                    ("LEASED", "au bail signé"),
                ],
                default="ROUTED",
                max_length=9,
                verbose_name="point de comptage",
            ),
        ),
    ]
