import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What witnesses signed of the log is kept as it came."""

    dependencies = [("reservations", "0320_grounds_of_rates")]

    operations = [
        migrations.CreateModel(
            name="LogCosignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField(verbose_name="nombre de feuilles")),
                ("root", models.BinaryField(max_length=32, verbose_name="racine")),
                ("note", models.TextField(verbose_name="note signée")),
                ("received_at", models.DateTimeField(verbose_name="reçue le")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.organisation",
                        verbose_name="organisme",
                    ),
                ),
            ],
            options={
                "verbose_name": "contresignature du journal",
                "verbose_name_plural": "contresignatures du journal",
                "ordering": ["size", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("size", "root", "organisation"),
                        name="one_cosignature_an_organisation",
                        violation_error_message="Cet organisme a déjà contresigné cet état du journal.",
                    )
                ],
            },
        ),
        *_sql.apply_files("reservations", {"0335_log_cosignatures": "33b6368c1a27"}),
    ]
