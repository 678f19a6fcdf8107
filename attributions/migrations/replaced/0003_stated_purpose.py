import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from reservations.migrations import _sql


class Migration(migrations.Migration):
    dependencies = [
        ("attributions", "0002_announced"),
        ("reservations", "0001_start"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StatedPurpose",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("exercise", models.PositiveSmallIntegerField(verbose_name="exercice")),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("CIL", "préparer ou suivre la conférence intercommunale du logement (CCH, L441-1-5)"),
                            ("CIA", "suivre la convention intercommunale d’attribution (CCH, L441-1-6)"),
                            ("BALANCE", "instruire les bilans des bailleurs (CCH, R441-5-1)"),
                            ("CONTROL", "contrôler les attributions ou l’usage d’un contingent"),
                            ("OTHER", "autre, précisée ci-dessous"),
                        ],
                        max_length=7,
                        verbose_name="finalité",
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=200, verbose_name="précision")),
                ("at", models.DateTimeField(verbose_name="le")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.organisation",
                        verbose_name="agit pour",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="reservations.territory",
                        verbose_name="territoire",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="personne",
                    ),
                ),
            ],
            options={
                "verbose_name": "finalité déclarée",
                "verbose_name_plural": "finalités déclarées",
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["user", "organisation", "exercise"], name="stated_purpose_of")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("why", "OTHER"), _negated=True),
                            models.Q(("text", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="stated_purpose_other_is_said",
                        violation_error_message="Précisez la finalité : elle n’est pas dans la liste.",
                    )
                ],
            },
        ),
        *_sql.apply_files("attributions", {"0003_stated_purpose": "c027a64f95e5"}),
    ]
