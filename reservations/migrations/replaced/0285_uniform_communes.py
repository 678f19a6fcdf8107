"""Whether a holder is served uniformly over communes is a term of its convention: it is not, where nothing is written."""

from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [("reservations", "0282_papers")]

    operations = [
        migrations.AddField(
            model_name="convention",
            name="uniform_communes",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="servi uniformément d’une commune à l’autre"
            ),
        ),
        *_sql.apply_files("reservations", {"0285_uniform_communes": "caceae1e9885"}),
    ]
