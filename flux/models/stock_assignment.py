"""Which unit bears which stock right."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from flux.models.unit import Programme, Unit
from reservations.models import StockRight
from reservations.models.periods import DateRange


class StockAssignmentQuerySet(models.QuerySet["StockAssignment"]):
    def living(self, on: date) -> StockAssignmentQuerySet:
        """Assignments that bind their unit on a date: neither they nor their right has ended."""
        return self.filter(
            Q(ends_on=None) | Q(ends_on__gte=on),
            Q(right__ends_on=None) | Q(right__ends_on__gte=on),
            starts_on__lte=on,
            right__starts_on__lte=on,
        )


class StockAssignment(models.Model):
    """A stock right borne by one unit, or by so many units of a programme; one living right per unit."""

    right = models.ForeignKey(StockRight, models.PROTECT, related_name="assignments", verbose_name="droit")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="stock_assignments", verbose_name="logement"
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="stock_assignments", verbose_name="programme"
    )
    units = models.PositiveSmallIntegerField("logements", default=1)
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)

    objects = StockAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "logement en stock"
        verbose_name_plural = "logements en stock"
        ordering = ["unit", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="stock_assignment_period",
                violation_error_message="La réservation finit avant de commencer : corrigez l’une des deux dates.",
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False, programme=None, units=1)
                | Q(unit=None, programme__isnull=False, units__gte=1),
                name="stock_assignment_bearer",
                violation_error_message="Un droit porte sur un logement, ou sur un nombre de logements d’un programme.",
            ),
            ExclusionConstraint(
                name="stock_assignment_one_per_unit",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Ce logement porte déjà un droit en stock à cette date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit or self.programme} : {self.right}"
