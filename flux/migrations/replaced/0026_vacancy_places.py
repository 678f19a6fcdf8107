import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0025_reached"),
        ("reservations", "0032_renewal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlaceCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="année d’enregistrement")),
                ("units", models.IntegerField(default=0, verbose_name="logements")),
            ],
            options={
                "verbose_name": "décompte par lieu",
                "verbose_name_plural": "décomptes par lieu",
                "ordering": ["landlord", "year", "pk"],
            },
        ),
        migrations.AddField(
            model_name="vacancy",
            name="commune",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.territory",
            ),
        ),
        migrations.AddIndex(
            model_name="routing",
            index=models.Index(
                condition=models.Q(("recommendation", None)), fields=["vacancy"], name="routing_without_rule"
            ),
        ),
        migrations.AddIndex(
            model_name="vacancy",
            index=models.Index(
                models.OrderBy(models.F("registered_on"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="vacancy_latest",
            ),
        ),
        migrations.AddIndex(
            model_name="vacancy",
            index=models.Index(
                models.F("commune"), condition=models.Q(("cancelled_at", None)), name="vacancy_of_commune"
            ),
        ),
        migrations.AddIndex(
            model_name="vacancy",
            index=models.Index(
                models.F("landlord"),
                condition=models.Q(("cancelled_at", None), ("ledger__isnull", True)),
                name="vacancy_of_no_ledger",
            ),
        ),
        migrations.AddField(
            model_name="placecount",
            name="commune",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="reservations.territory"
            ),
        ),
        migrations.AddField(
            model_name="placecount",
            name="landlord",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reservations.landlord",
            ),
        ),
        migrations.AddField(
            model_name="placecount",
            name="ledger",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="flux.ledger",
            ),
        ),
        migrations.AddConstraint(
            model_name="placecount",
            constraint=models.UniqueConstraint(
                fields=("landlord", "commune", "year", "ledger"), name="place_count_unique", nulls_distinct=False
            ),
        ),
        *_sql.apply_files("flux", {"0026_vacancy_places": "93cdcc70eaac"}),
    ]
