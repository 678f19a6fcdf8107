"""What becomes of the units between the first day of a convention and a later signature is a term of it."""

from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [("reservations", "0255_acting_credential")]

    operations = [
        migrations.AddField(
            model_name="convention",
            name="earlier_dues",
            field=models.CharField(
                blank=True,
                choices=[
                    ("SETTLED", "réglés en une écriture du compte"),
                    ("LEFT", "laissés sans règlement"),
                ],
                db_default="",
                default="",
                help_text="vide : la convention, écrite avant que la question ne se pose, n’en dit rien",
                max_length=7,
                verbose_name="logements d’avant la signature",
            ),
        ),
        migrations.AlterField(  # those that are there say nothing of it
            model_name="convention",
            name="earlier_dues",
            field=models.CharField(
                blank=True,
                choices=[
                    ("SETTLED", "réglés en une écriture du compte"),
                    ("LEFT", "laissés sans règlement"),
                ],
                db_default="",
                default="SETTLED",
                help_text="vide : la convention, écrite avant que la question ne se pose, n’en dit rien",
                max_length=7,
                verbose_name="logements d’avant la signature",
            ),
        ),
        *_sql.apply_files("reservations", {"0260_earlier_dues": "fcf9453a73ba"}),
    ]
