import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("flux", "0010_openings"),
        ("reservations", "0002_dated_territories"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GoLive",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="mise en service le")),
                ("set_at", models.DateTimeField(verbose_name="choisie le")),
                (
                    "landlord",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="go_lives",
                        to="reservations.landlord",
                        verbose_name="bailleur",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="choisie par",
                    ),
                ),
            ],
            options={
                "verbose_name": "mise en service",
                "verbose_name_plural": "mises en service",
                "ordering": ["landlord", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Rehearsal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sentence", models.TextField(verbose_name="pourquoi")),
                ("tried_at", models.DateTimeField(verbose_name="essayé le")),
                (
                    "holder",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                        verbose_name="réservataire",
                    ),
                ),
                (
                    "tried_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="essayé par",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rehearsals",
                        to="flux.unit",
                        verbose_name="logement",
                    ),
                ),
            ],
            options={
                "verbose_name": "essai",
                "ordering": ["pk"],
            },
        ),
        *_sql.apply_files("flux", {"0011_go_live": "b8493023cd82"}),
    ]
