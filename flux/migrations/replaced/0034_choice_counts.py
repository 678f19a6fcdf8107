import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0033_routing_counts"),
        ("reservations", "0037_search_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChoiceCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("motive", models.CharField(blank=True, max_length=16, verbose_name="motif")),
                ("routings", models.IntegerField(default=0, verbose_name="orientations")),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                    ),
                ),
                (
                    "ledger",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="flux.ledger"
                    ),
                ),
                (
                    "routed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "décompte des décisions d’orientation",
                "verbose_name_plural": "décomptes des décisions d’orientation",
                "ordering": ["ledger", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("ledger", "holder", "motive", "routed_by"),
                        name="choice_count_unique",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        *_sql.apply_files("flux", {"0034_choice_counts": "5afb647495c1"}),
    ]
