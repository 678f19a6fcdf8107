import django.db.models.deletion
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0023_stock_transfers"),
    ]

    operations = [
        migrations.CreateModel(
            name="AwaitedDecision",
            fields=[
                (
                    "vacancy",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="awaited",
                        serialize=False,
                        to="flux.vacancy",
                        verbose_name="logement libéré",
                    ),
                ),
            ],
            options={
                "verbose_name": "décision attendue",
                "verbose_name_plural": "décisions attendues",
                "ordering": ["pk"],
            },
        ),
        *_sql.apply_files("flux", {"0024_awaited_decisions": "7d7ce4be0371"}),
    ]
