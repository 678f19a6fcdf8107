"""A signed file says of which dated act it is the paper; those of before are of the convention itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reservations", "0281_grounds"),
    ]

    operations = [
        migrations.AddField(
            model_name="signeddocument",
            name="paper",
            field=models.CharField(
                choices=[
                    ("CONVENTION", "convention signée"),
                    ("DENUNCIATION", "lettre de dénonciation"),
                    ("NOTICE", "mise en demeure"),
                    ("TERMINATION", "décision de résiliation"),
                    ("ENDING", "accord de fin, ou arrêté qui abroge"),
                ],
                db_default="CONVENTION",
                default="CONVENTION",
                max_length=12,
                verbose_name="papier",
            ),
        ),
    ]
