import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0032_cells_of_year"),
        ("reservations", "0035_archive_parts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RoutingCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(verbose_name="mois d’orientation")),
                ("kind", models.CharField(max_length=14, verbose_name="nature")),
                ("exercise", models.PositiveSmallIntegerField(null=True, verbose_name="exercice du compte")),
                ("units", models.IntegerField(default=0, verbose_name="logements")),
            ],
            options={
                "verbose_name": "décompte des logements orientés",
                "verbose_name_plural": "décomptes des logements orientés",
                "ordering": ["holder", "month", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="routing",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["holder", "-routed_at", "-vacancy"],
                name="routing_open_of_holder",
            ),
        ),
        migrations.AddIndex(
            model_name="routing",
            index=models.Index(
                condition=models.Q(("acting__isnull", False), ("closed_at", None)),
                fields=["acting", "-routed_at", "-vacancy"],
                name="routing_open_of_acting",
            ),
        ),
        migrations.AddField(
            model_name="routingcount",
            name="acting",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.organisation",
            ),
        ),
        migrations.AddField(
            model_name="routingcount",
            name="holder",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.reservationholder",
            ),
        ),
        migrations.AddField(
            model_name="routingcount",
            name="landlord",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.landlord",
            ),
        ),
        migrations.AddField(
            model_name="routingcount",
            name="ledger",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="flux.ledger",
            ),
        ),
        migrations.AddIndex(
            model_name="routingcount",
            index=models.Index(
                condition=models.Q(("acting__isnull", False)), fields=["acting"], name="routing_count_of_acting"
            ),
        ),
        migrations.AddConstraint(
            model_name="routingcount",
            constraint=models.UniqueConstraint(
                fields=("holder", "month", "landlord", "ledger", "acting", "kind", "exercise"),
                name="routing_count_unique",
                nulls_distinct=False,
            ),
        ),
        *_sql.apply_files("flux", {"0033_routing_counts": "023431c1dbbc"}),
    ]
