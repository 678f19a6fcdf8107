"""How the caps of the State's share are read: over the years of the convention, or each year alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from django.db import models

from reservations.models.party import Landlord
from reservations.models.territory import Territory


class CapReadingQuerySet(models.QuerySet["CapReading"]):
    def until(self, landlords: Iterable[Landlord], day: date) -> dict[tuple[int, int], list[CapReading]]:
        """Those of some landlords that began by a day, by landlord and département (ids), the first before. One
        query."""
        found: dict[tuple[int, int], list[CapReading]] = {}
        for each in self.filter(landlord__in=list(landlords), starts_on__lte=day).order_by("starts_on", "pk"):
            found.setdefault((each.landlord_id, each.departement_id), []).append(each)
        return found


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

    objects = CapReadingQuerySet.as_manager()

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
