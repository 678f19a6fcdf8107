import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0026_condition_met_before"),
        ("reservations", "0037_search_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestReader",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="readers",
                        to="attributions.application",
                        verbose_name="demande",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "lecteur d’une demande",
                "verbose_name_plural": "lecteurs des demandes",
                "ordering": ["organisation", "-application"],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "application"), name="request_reader_unique")
                ],
            },
        ),
        *_sql.apply_files("attributions", {"0027_request_readers": "dbf784da595c"}),
    ]
