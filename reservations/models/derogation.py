"""The tables of derogation.

* A préfet's order that lifts one of the State's caps for a time.
* How the caps of the State's share are read: over the years of the convention, or each year alone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import models
from django.db.models import F, Q

from reservations.models.legal_parameter import LegalParameter
from reservations.models.party import Landlord
from reservations.models.territory import Territory


class DerogationQuerySet(models.QuerySet["Derogation"]):
    def in_force(self, on: date) -> DerogationQuerySet:
        return self.filter(starts_on__lte=on, ends_on__gte=on)


class Derogation(models.Model):
    """Dérogation préfectorale: by order, for a year at most, another cap of the State's share (CCH, R441-5-2)."""

    CAPS = (LegalParameter.Code.STATE_SHARE_MAX, LegalParameter.Code.STATE_AGENTS_SHARE_MAX)

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="derogations", verbose_name="bailleur")
    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="département")
    code = models.CharField("plafond levé", max_length=32, choices=LegalParameter.Code)
    value = models.DecimalField("plafond de la dérogation, en %", max_digits=7, decimal_places=4)
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin")
    order = models.CharField("arrêté", max_length=200, help_text="numéro et date de l’arrêté préfectoral")

    objects = DerogationQuerySet.as_manager()

    class Meta:
        verbose_name = "dérogation préfectorale"
        verbose_name_plural = "dérogations préfectorales"
        ordering = ["landlord", "departement", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="derogation_period",
                violation_error_message="La dérogation finit avant de commencer : corrigez l’une des deux dates.",
            ),
            models.CheckConstraint(
                condition=Q(code__in=["STATE_SHARE_MAX", "STATE_AGENTS_SHARE_MAX"]),
                name="derogation_of_a_cap",
                violation_error_message="Une dérogation lève l’un des deux plafonds de la part de l’État.",
            ),
            models.CheckConstraint(
                condition=Q(value__gt=0, value__lte=100),
                name="derogation_value",
                violation_error_message="Un plafond va de plus de 0 %% à 100 %%.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_code_display()} : {self.value.normalize():f} % ({self.order})"


class CapReading(models.Model):
    """Lecture du plafond de l’État: chosen by the parties or the préfet, from a day on; R441-5-2 says none."""

    class Reading(models.TextChoices):
        OVER_YEARS = "OVER_YEARS", "sur les années de la convention"
        IN_YEAR = "IN_YEAR", "strictement dans l’année"

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", verbose_name="bailleur")
    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="département")
    reading = models.CharField("lecture", max_length=10, choices=Reading)
    starts_on = models.DateField("à compter du")
    source = models.CharField("source", max_length=200, help_text="article de la convention, arrêté du préfet")

    class Meta:
        verbose_name = "lecture du plafond de l’État"
        verbose_name_plural = "lectures du plafond de l’État"
        ordering = ["landlord", "departement", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "departement", "starts_on"],
                name="cap_reading_once",
                violation_error_message="Une lecture commence déjà ce jour-là : choisissez un autre jour.",
            ),
        ]

    @property
    def is_strict(self) -> bool:
        """Is each year read alone?"""
        return self.reading == self.Reading.IN_YEAR

    def __str__(self) -> str:
        return f"{self.get_reading_display()}, à compter du {self.starts_on:%d/%m/%Y} ({self.source})"


def in_force(readings: Collection[CapReading], day: date) -> CapReading | None:
    """The one of a day, among those of one landlord in one département, the first before; None: over the years."""
    return next((each for each in reversed(list(readings)) if each.starts_on <= day), None)
