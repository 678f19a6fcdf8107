"""Titles reserved unit by unit, from before the conversion to flow."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from reservations.models.convention import Convention
from reservations.models.party import Landlord, ReservationHolder

if TYPE_CHECKING:
    from reservations.models import Membership


class StockRightQuerySet(models.QuerySet["StockRight"]):
    def visible_to(self, member: Membership) -> StockRightQuerySet:
        """Level 1 of the inventory goes to the holder concerned only: its own titles, and a landlord all of its own.

        The State reads here what it holds itself; what others hold in its département is the synthesis (level 2).
        """
        if member.is_landlord:
            return self.filter(landlord__organisation=member.organisation_id)
        return self.filter(holder__organisation=member.organisation_id)

    def unconverted(self, on: date) -> StockRightQuerySet:
        """Those that no convention in flow has taken over by that day: one signed for later leaves them until then."""
        taken = Q(converted_in__status__in=Convention.BINDING, converted_in__starts_on__lte=on)
        return self.filter(Q(converted_in=None) | ~taken)

    def in_stock(self, on: date) -> StockRightQuerySet:
        """Titles that live on that day: begun, not ended, not turned into flow yet."""
        return self.unconverted(on).filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class StockRight(models.Model):
    """A right that names its unit (gestion en stock).

    Kept for good by defence, internal security and public health establishments (CCH, R441-5), and by any
    holder while its landlord has not converted. Which unit bears it is `flux.StockAssignment`.
    """

    class Ground(models.TextChoices):
        LOAN_GUARANTEE = "LOAN_GUARANTEE", "garantie d’emprunt"
        LAND = "LAND", "apport de terrain"
        FUNDING = "FUNDING", "apport de financement"
        STATE = "STATE", "droit de l’État"
        DEFENCE = "DEFENCE", "défense nationale"
        INTERNAL_SECURITY = "INTERNAL_SECURITY", "sécurité intérieure"
        PUBLIC_HEALTH = "PUBLIC_HEALTH", "établissement public de santé"
        UNCONVERTED = "UNCONVERTED", "droit antérieur non encore converti en flux"

    #: These stay in stock for good; every other one may be converted (CCH, R441-5).
    KEPT = (Ground.DEFENCE, Ground.INTERNAL_SECURITY, Ground.PUBLIC_HEALTH)

    class Use(models.TextChoices):
        RECURRING = "RECURRING", "droit de suite"
        SINGLE = "SINGLE", "droit unique"

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="stock_rights", verbose_name="bailleur")
    reference = models.CharField(
        "référence du titre", max_length=60, blank=True, help_text="convention ou délibération d’origine"
    )
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, related_name="stock_rights", verbose_name="réservataire"
    )
    ground = models.CharField("fondement", max_length=20, choices=Ground)
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin", null=True, blank=True)
    use = models.CharField("usage", max_length=9, choices=Use, default=Use.RECURRING)
    loan_ends_on = models.DateField("fin de l’emprunt garanti", null=True, blank=True)
    extension_years = models.PositiveSmallIntegerField("années de prolongation après l’emprunt", null=True, blank=True)
    converted_in = models.ForeignKey(
        Convention, models.PROTECT, null=True, blank=True, related_name="converted_rights", verbose_name="converti par"
    )

    objects = StockRightQuerySet.as_manager()

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
            models.UniqueConstraint(
                fields=["landlord", "reference"],
                condition=~Q(reference=""),
                name="stock_right_unique_reference",
                violation_error_message="Ce bailleur a déjà un droit en stock de cette référence.",
            ),
            models.CheckConstraint(
                condition=Q(loan_ends_on=None, extension_years=None)
                | Q(ground="LOAN_GUARANTEE", loan_ends_on__isnull=False, extension_years__isnull=False),
                name="stock_right_loan",
                violation_error_message=(
                    "La fin de l’emprunt et sa prolongation vont ensemble, pour une garantie d’emprunt seulement."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}, {self.get_ground_display()}"
