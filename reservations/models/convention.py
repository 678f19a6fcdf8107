"""Conventions and the quotas they give."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from reservations.models.party import Landlord, Organisation, ReservationHolder
from reservations.models.periods import DateRange
from reservations.models.territory import CONTAINERS, Territory, lies_in, within

if TYPE_CHECKING:
    from reservations.models.person import Membership

#: One whole unit, in the integer shares that the accounts use: a percentage with four decimals is exact.
UNIT = 1_000_000


class ConventionQuerySet(models.QuerySet["Convention"]):
    def binding(self) -> ConventionQuerySet:
        """Signed, whether still running or ended: what decisions rested on."""
        return self.filter(status__in=Convention.BINDING)

    def in_force(self, on: date) -> ConventionQuerySet:
        return self.binding().filter(starts_on__lte=on, ends_on__gte=on)

    def visible_to(self, member: Membership) -> ConventionQuerySet:
        """A landlord reads its own; a holder those it signs; the State and the EPCI those that touch their territory.

        Drafts stay between the two parties.
        """
        mine = Q(landlord__organisation=member.organisation_id) | Q(organisation=member.organisation_id)
        if member.is_administrator:
            return self
        if member.is_overseer and member.organisation.territory_id:
            communes = Territory.objects.filter(kind__in=Territory.COMMUNAL).filter(
                within(member.organisation.territory_id)
            )
            touching = communes.filter(lies_in(OuterRef("perimeter")))
            return self.filter(mine | Q(Exists(touching), status__in=Convention.BINDING))
        return self.filter(mine)

    def covering(self, commune: str) -> ConventionQuerySet:
        """For a subquery: conventions whose perimeter contains the outer row's commune, at path `commune`."""
        condition = Q(perimeter=OuterRef(commune))
        for container in CONTAINERS:
            condition |= Q(perimeter=OuterRef(f"{commune}__{container}"))
        return self.filter(condition)


class Convention(models.Model):
    """Convention de réservation: what one landlord owes one organisation on one perimeter (CCH, R441-5, R441-5-3)."""

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "brouillon"
        SIGNED = "SIGNED", "signée"
        ENDED = "ENDED", "terminée"

    BINDING = (Status.SIGNED, Status.ENDED)

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="conventions", verbose_name="bailleur")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="conventions", verbose_name="signataire"
    )
    perimeter = models.ForeignKey(Territory, models.PROTECT, related_name="conventions", verbose_name="périmètre")
    starts_on = models.DateField("début")
    ends_on = models.DateField("fin")
    status = models.CharField("état", max_length=8, choices=Status, default=Status.DRAFT)
    signed_on = models.DateField("signée le", null=True, blank=True)

    objects = ConventionQuerySet.as_manager()

    class Meta:
        verbose_name = "convention"
        ordering = ["-starts_on", "organisation__name", "pk"]
        triggers = [
            pgtrigger.Protect(
                name="binding_kept", operation=pgtrigger.Delete, condition=~pgtrigger.Q(old__status="DRAFT")
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="convention_period",
                violation_error_message="La convention finit avant de commencer : corrigez l’une des deux dates.",
            ),
            models.CheckConstraint(
                condition=Q(status="DRAFT", signed_on=None)
                | Q(status__in=["SIGNED", "ENDED"], signed_on__isnull=False),
                name="convention_signed_has_date",
                violation_error_message="Une convention signée porte sa date de signature, un brouillon n’en a pas.",
            ),
            ExclusionConstraint(
                name="convention_no_overlap",
                expressions=[
                    ("landlord", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    ("perimeter", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=["SIGNED", "ENDED"]),
                violation_error_message=(
                    "Une convention signée existe déjà avec cette organisation sur ce périmètre et cette période. "
                    "Terminez-la d’abord, ou changez les dates."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation.name} – {self.perimeter.name}, {self.starts_on.year}–{self.ends_on.year}"

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT


class Quota(models.Model):
    """The share of the flow that a convention gives one contingent.

    `share` is in millionths of a unit: 250 000 is 25 %. `rank` breaks the very last tie of the routing rule.
    """

    convention = models.ForeignKey(Convention, models.CASCADE, related_name="quotas")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="quotas", verbose_name="contingent")
    share = models.PositiveIntegerField("part")
    rank = models.PositiveSmallIntegerField("rang")

    class Meta:
        verbose_name = "part réservée"
        verbose_name_plural = "parts réservées"
        ordering = ["convention", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["convention", "holder"],
                name="quota_unique_holder",
                violation_error_message="Ce contingent a déjà une part dans cette convention.",
            ),
            models.UniqueConstraint(
                fields=["convention", "rank"],
                name="quota_unique_rank",
                violation_error_message="Deux contingents de cette convention ont le même rang.",
            ),
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=UNIT),
                name="quota_share_bounds",
                # Django formats this message with the constraint's name: a percent sign is doubled.
                violation_error_message="Une part va de plus de 0 %% à 100 %%.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} : {self.percent.normalize():f} %"

    @property
    def percent(self) -> Decimal:
        return percent_of(self.share)


def percent_of(share: int) -> Decimal:
    """The percentage, exact, of a share in millionths."""
    return Decimal(share) * 100 / UNIT
