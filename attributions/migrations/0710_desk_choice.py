from django.db import migrations, models


class Migration(migrations.Migration):
    """What a person chose for its lists goes to `reservations`, where it is read with its session. Its table keeps its
    name: a machine that is not updated yet goes on writing it."""

    dependencies = [("attributions", "0700_squashed")]

    operations = [
        migrations.AddField(
            model_name="deskchoice",
            name="columns",
            field=models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                verbose_name="colonnes laissées de côté",
            ),
        ),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="DeskChoice")]),
    ]
