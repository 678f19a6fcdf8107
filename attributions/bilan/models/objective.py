"""What law and local agreements ask of the leases of a year."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from reservations.models import Landlord, Territory
from reservations.models.convention import UNIT
from reservations.models.periods import DateRange


class Objective(models.Model):
    """Objectif: a dated rate. Of the law when it has no territory; of the EPCI's CIA for its territory, and for one
    landlord there when it says so (CCH, L441-1-6). The closest one holds: landlord, then territory, then law."""

    class Code(models.TextChoices):
        FIRST_QUARTILE_OUTSIDE_QPV = (
            "FIRST_QUARTILE_OUTSIDE_QPV",
            "hors QPV : ménages du premier quartile ou relogés (renouvellement urbain)",
        )
        OTHERS_IN_QPV = "OTHERS_IN_QPV", "en QPV : ménages des trois autres quartiles"
        PRIORITY_AUTHORITY = "PRIORITY_AUTHORITY", "collectivités : ménages prioritaires"
        PRIORITY_ACTION_LOGEMENT = "PRIORITY_ACTION_LOGEMENT", "Action Logement : ménages prioritaires"
        PRIORITY_LANDLORD = "PRIORITY_LANDLORD", "bailleur : ménages prioritaires"
        ESSENTIAL_WORKERS = "ESSENTIAL_WORKERS", "travailleurs essentiels"
        MOBILITY = "MOBILITY", "mobilité : locataires mutés dans le parc du bailleur"
        MIX_RESIDENCES = (
            "MIX_RESIDENCES",
            "résidences à enjeu prioritaire de mixité : ménages des trois autres quartiles",
        )
        STATE_AGENTS = "STATE_AGENTS", "plafond des agents de l’État"

    #: A ceiling, not a floor.
    CEILINGS = (Code.STATE_AGENTS,)

    code = models.CharField("objectif", max_length=26, choices=Code)
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="territoire"
    )
    landlord = models.ForeignKey(
        Landlord, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="bailleur"
    )
    percent = models.DecimalField("taux, en %", max_digits=7, decimal_places=4)
    starts_on = models.DateField("en vigueur depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=200, help_text="article de loi, ou convention intercommunale (CIA)")

    class Meta:
        verbose_name = "objectif"
        ordering = ["code", "territory", "landlord", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100),
                name="objective_percent",
                violation_error_message="Un taux va de 0 %% à 100 %%.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="objective_period",
                violation_error_message="La date de fin précède la date de début.",
            ),
            models.CheckConstraint(
                condition=Q(landlord=None) | Q(territory__isnull=False),
                name="objective_landlord_has_territory",
                violation_error_message="L’objectif d’un bailleur est celui d’un territoire.",
            ),
            ExclusionConstraint(
                name="objective_no_overlap",
                expressions=[
                    ("code", RangeOperators.EQUAL),
                    (Coalesce("territory", Value(0), output_field=models.BigIntegerField()), RangeOperators.EQUAL),
                    (Coalesce("landlord", Value(0), output_field=models.BigIntegerField()), RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Deux taux de cet objectif se chevauchent dans le temps.",
            ),
        ]

    @property
    def share(self) -> int:
        """Its rate as a share, in millionths."""
        return int(self.percent * UNIT / 100)

    def __str__(self) -> str:
        return f"{self.get_code_display()} : {self.percent.normalize():f} %"
