"""What the rights of yesterday are worth as a share of the flow."""

from __future__ import annotations

from fractions import Fraction

import pgtrigger
from django.db import models
from django.db.models import F, Q

from reservations.models import Convention, Landlord, ReservationHolder, Territory, User


class Conversion(models.Model):
    """Feuille de conversion, stock → flux: one variant of the sum, with what was put in and every line of it.

    `given` and `worksheet` are the input and the result of `flux.conversion` (docs/conversion.md). The exact rate is
    `rate_numerator / rate_denominator`, of which `share` (millionths) is the rounded one that a convention carries.
    The variant that is taken into a convention is frozen with it.
    """

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="conversions", verbose_name="bailleur")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", verbose_name="réservataire")
    perimeter = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="périmètre")
    label = models.CharField("nom de la variante", max_length=80)
    starts_on = models.DateField("début de la convention")
    ends_on = models.DateField("fin de la convention")
    given = models.JSONField("données")
    worksheet = models.JSONField("feuille de calcul")
    rate_numerator = models.BigIntegerField()
    rate_denominator = models.BigIntegerField()
    share = models.PositiveIntegerField("part, en millionièmes")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="créée par")
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    convention = models.ForeignKey(
        Convention, models.SET_NULL, null=True, blank=True, related_name="conversions", verbose_name="reprise dans"
    )

    class Meta:
        verbose_name = "variante de conversion"
        verbose_name_plural = "variantes de conversion"
        ordering = ["landlord", "holder", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "holder", "perimeter", "label"],
                name="conversion_unique_label",
                violation_error_message="Une variante porte déjà ce nom : donnez-lui-en un autre.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="conversion_period",
                violation_error_message="La convention finit avant de commencer : corrigez l’une des deux dates.",
            ),
            models.CheckConstraint(
                condition=Q(rate_numerator__gte=0, rate_denominator__gte=1),
                name="conversion_rate",
                violation_error_message="Un taux est une fraction positive.",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="sums_kept", operation=pgtrigger.Update, condition=pgtrigger.AnyChange(exclude=["convention"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} : {self.label}"

    @property
    def rate(self) -> Fraction:
        """The exact share of the flow."""
        return Fraction(self.rate_numerator, self.rate_denominator)
