import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What is there already and does not hold is kept: the rows are filled with those that hold, and nothing fails."""

    dependencies = [
        ("attributions", "0200_acts_of_their_day"),
        ("flux", "0047_awaited_of_holder"),
    ]

    operations = [
        migrations.CreateModel(
            name="HouseholdCandidacy",
            fields=[
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="candidacy",
                        serialize=False,
                        to="attributions.proposal",
                        verbose_name="candidature",
                    ),
                ),
                ("is_housed", models.BooleanField(verbose_name="bail signé")),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="attributions.application",
                        verbose_name="demande du ménage",
                    ),
                ),
                (
                    "routing",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="flux.routing",
                        verbose_name="orientation",
                    ),
                ),
                (
                    "vacancy",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="flux.vacancy",
                        verbose_name="logement",
                    ),
                ),
            ],
            options={
                "verbose_name": "candidature d’un ménage",
                "verbose_name_plural": "candidatures de ménages",
                "ordering": ["proposal"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("routing", "household"),
                        name="household_once_per_routing",
                        violation_error_message="Ce ménage est déjà candidat à ce logement.",
                    ),
                    models.UniqueConstraint(
                        condition=Q(routing=None),
                        fields=("vacancy", "household"),
                        name="household_once_per_unit",
                        violation_error_message="Ce ménage est déjà candidat à ce logement.",
                    ),
                    models.UniqueConstraint(
                        condition=Q(is_housed=True),
                        fields=("household",),
                        name="household_housed_once",
                        violation_error_message="Un bail est déjà signé pour ce ménage, sur un autre logement : "
                        "faites d’abord annuler ce bail par son bailleur, ou retirez cette candidature.",
                    ),
                ],
            },
        ),
        *_sql.apply_files("attributions", {"0205_one_household": "4026c8a667f4"}),
    ]
