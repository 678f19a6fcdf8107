import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a person chose for its lists is read with its session, on every page: in the table that there is."""

    dependencies = [("reservations", "0700_squashed"), ("attributions", "0710_desk_choice")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="DeskChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("single_keys", models.BooleanField(default=True, verbose_name="touches seules")),
                        (
                            "columns",
                            models.JSONField(
                                blank=True,
                                db_default=models.Value({}, models.JSONField()),
                                default=dict,
                                verbose_name="colonnes laissées de côté",
                            ),
                        ),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="desk_choice",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="personne",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "attributions_deskchoice",
                        "verbose_name": "réglages du poste",
                        "verbose_name_plural": "réglages du poste",
                        "ordering": ["pk"],
                    },
                )
            ]
        )
    ]
