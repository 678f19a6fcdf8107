"""How the first letting of a new programme is shared between those who funded it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flux.models.unit import Programme, Unit
from reservations.models import ReservationHolder


class Allotment(models.Model):
    """Répartition d’un programme neuf: how many units of a programme one holder gets at first letting.

    Agreed before delivery (`Programme.allotment_agreed_on`); some of the units may be named (`AllottedUnit`), the
    others are taken as they come. What no holder is allotted stays with the landlord.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="allotments", verbose_name="programme")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", verbose_name="réservataire")
    units = models.PositiveSmallIntegerField("logements")

    class Meta:
        verbose_name = "part d’un programme neuf"
        verbose_name_plural = "parts d’un programme neuf"
        ordering = ["programme", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "holder"],
                name="allotment_unique_holder",
                violation_error_message="Ce réservataire a déjà une part dans ce programme.",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1),
                name="allotment_units",
                violation_error_message="Une part compte au moins un logement.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} : {self.units} pour {self.holder}"


class AllottedUnit(models.Model):
    """Logement désigné: a unit of a new programme named for one holder at its first letting."""

    allotment = models.ForeignKey(Allotment, models.CASCADE, related_name="named_units")
    unit = models.OneToOneField(Unit, models.PROTECT, related_name="allotted", verbose_name="logement")

    class Meta:
        verbose_name = "logement désigné"
        verbose_name_plural = "logements désignés"
        ordering = ["allotment", "unit"]

    def __str__(self) -> str:
        return f"{self.unit} : {self.allotment.holder}"
