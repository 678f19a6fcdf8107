"""The tables of conversion.

* What the stock of a landlord was, and what fell vacant of it, when its convention with the State was proposed.
* What the rights of yesterday are worth as a share of the flow.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from reservations.models import Convention, Landlord, ReservationHolder, Territory, User
from reservations.models.territory import OneOf, around, within
from reservations.rules import APPEND_ONLY, frozen


class ConventionStock(models.Model):
    """Relevé du parc: what the arrêté of 10 March 2011 asks a convention with the State to say (1° and 2°), counted on
    the day when it was proposed, and printed as it was then (docs/decisions/0120). The latest stands: proposed again, a
    convention is counted again. Append-only.

    `content`: the whole `years` that are read; by typology, the units of the stock, their mean surface, those
    accessible (None where no unit says) and what fell vacant in each year; then what fell vacant in all of them by
    typology and financing, in and out of QPV, and by period of construction (`flux.queries.conversion_sheets`).
    """

    convention = models.ForeignKey(Convention, models.PROTECT, related_name="stocks", verbose_name="convention")
    counted_on = models.DateField("relevé le")
    content = models.JSONField("relevé")

    triggers = (
        # What the stock was when a convention was proposed is printed as it was then (docs/decisions/0120).
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "relevé du parc d’une convention"
        verbose_name_plural = "relevés du parc des conventions"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.convention}, parc au {self.counted_on:%d/%m/%Y}"


if TYPE_CHECKING:
    from reservations.models import Membership


class ConversionQuerySet(models.QuerySet["Conversion"]):
    def visible_to(self, member: Membership) -> ConversionQuerySet:
        """The landlord reads its own; the others what was taken into a convention, once it is proposed or signed.

        Then: the holder whose rights are converted, the State on the territory that it touches, and an administrator.
        """
        if member.is_landlord:
            return self.filter(landlord__organisation=member.organisation_id)
        proposed = self.filter(convention__status__in=(Convention.Status.PROPOSED, *Convention.BINDING))
        if member.is_administrator:
            return proposed
        seen = Q(holder__organisation=member.organisation_id)
        if member.is_state and member.organisation.territory_id:
            communes = Territory.objects.filter(kind__in=Territory.COMMUNAL).filter(
                within(member.organisation.territory_id)
            )
            seen |= Q(OneOf(F("perimeter_id"), around(communes)))
        return proposed.filter(seen)


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
    # Whole numbers longer than eight bytes: days, weights and decimals multiply under one fraction.
    rate_numerator = models.DecimalField(max_digits=80, decimal_places=0)
    rate_denominator = models.DecimalField(max_digits=80, decimal_places=0)
    share = models.PositiveIntegerField("part, en millionièmes")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="créée par")
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    convention = models.ForeignKey(
        Convention, models.SET_NULL, null=True, blank=True, related_name="conversions", verbose_name="reprise dans"
    )

    objects = ConversionQuerySet.as_manager()

    triggers = (
        # The computation that a convention was signed on stays as it was; only the convention that it serves is
        # written later.
        frozen("convention_id", "sums_kept"),
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

    def __str__(self) -> str:
        return f"{self.holder} : {self.label}"

    @property
    def rate(self) -> Fraction:
        """The exact share of the flow."""
        return Fraction(int(self.rate_numerator), int(self.rate_denominator))
