from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attributions", "0015_landlord_withdrew")]

    operations = [
        migrations.AlterField(
            model_name="offer",
            name="answer",
            field=models.CharField(
                blank=True,
                choices=[
                    ("ACCEPTED", "acceptée"),
                    ("REFUSED", "refusée"),
                    ("SILENT", "sans réponse, donc refusée"),
                    ("WITHDRAWN", "acceptée, puis sans suite"),
                    ("CANCELLED", "annulée"),
                ],
                max_length=9,
                verbose_name="réponse",
            ),
        ),
    ]
