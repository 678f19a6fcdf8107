"""Titles reserved unit by unit, from before the conversion to flow."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from reservations.models.party import Landlord, ReservationHolder


class StockRight(models.Model):
    """A right that names its unit (gestion en stock).

    Kept for good by defence, internal security and public health establishments (CCH, R441-5), and by any
    holder while its landlord has not converted. Which unit bears it is `flux.StockAssignment`.
    """

    class Ground(models.TextChoices):
        DEFENCE = "DEFENCE", "défense nationale"
        INTERNAL_SECURITY = "INTERNAL_SECURITY", "sécurité intérieure"
        PUBLIC_HEALTH = "PUBLIC_HEALTH", "établissement public de santé"
        UNCONVERTED = "UNCONVERTED", "droit antérieur non encore converti en flux"

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="stock_rights", verbose_name="bailleur")
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, related_name="stock_rights", verbose_name="réservataire"
    )
    ground = models.CharField("fondement", max_length=20, choices=Ground)
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin", null=True, blank=True)

    class Meta:
        verbose_name = "droit en stock"
        verbose_name_plural = "droits en stock"
        ordering = ["landlord", "holder", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="stock_right_period",
                violation_error_message="Le droit finit avant de commencer : corrigez l’une des deux dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}, {self.get_ground_display()}"
