import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """A unit’s life is one story: what works took out is let again, and what was declared twice is closed."""

    dependencies = [
        ("flux", "0220_one_turn"),
        ("reservations", "0215_what_is_written"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Resumption",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("resumed_at", models.DateTimeField(verbose_name="remis en location le")),
                (
                    "given_back",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resumption",
                        to="flux.return",
                        verbose_name="sortie pour travaux",
                    ),
                ),
                (
                    "resumed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="enregistrée par",
                    ),
                ),
            ],
            options={
                "verbose_name": "remise en location",
                "verbose_name_plural": "remises en location",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="FormerForecast",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField(verbose_name="prévue depuis le")),
                ("until", models.DateTimeField(verbose_name="jusqu’au")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("KNOWN", "un départ de plus est connu"),
                            ("DECIDED", "un autre départ a été décidé"),
                            ("MOVED", "les comptes ont bougé"),
                            ("OVER", "ce départ est décidé"),
                            ("CANCELLED", "la déclaration est annulée"),
                        ],
                        max_length=9,
                        verbose_name="ce qui l’a changée",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.reservationholder",
                        verbose_name="destination prévue",
                    ),
                ),
                (
                    "vacancy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="former_forecasts",
                        to="flux.vacancy",
                        verbose_name="logement libéré",
                    ),
                ),
            ],
            options={
                "verbose_name": "prévision passée",
                "verbose_name_plural": "prévisions passées",
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="vacancy",
            name="closed_on",
            field=models.DateField(
                blank=True,
                help_text="sans bail : une vacance technique reprise l’année d’après, ou une déclaration que suit une "
                "autre",
                null=True,
                verbose_name="clos le",
            ),
        ),
        *_sql.apply_files("flux", {"0230_one_life": "0bfd9b927dbe"}),
    ]
