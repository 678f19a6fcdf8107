"""What each holder was owed when its account began to be kept here: the landlord proposes, the holder accepts."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from flux.models.account import Ledger
from reservations.models import ReservationHolder, User
from reservations.models.convention import UNIT
from reservations.rules import APPEND_ONLY

if TYPE_CHECKING:
    from reservations.models import Membership


class OpeningBalanceQuerySet(models.QuerySet["OpeningBalance"]):
    def visible_to(self, member: Membership) -> OpeningBalanceQuerySet:
        """Its two parties, who oversees the territory, and the administrator: the others read what counts, in the
        account, once it does."""
        if member.is_administrator:
            return self
        if member.is_landlord:
            return self.filter(ledger__landlord__organisation=member.organisation_id)
        seen = Q(pk__in=[])
        if member.is_holder:
            seen |= Q(holder__organisation=member.organisation_id)
        if member.is_overseer:
            # Asked of the accounts that have one: few, whatever accounts there are.
            seen |= Q(Exists(Ledger.objects.visible_to(member).filter(pk=OuterRef("ledger")).order_by()))
        return self.filter(seen)

    def with_state(self) -> OpeningBalanceQuerySet:
        """Annotate `last_act`: the latest of its acts, None before any; « replaced » shows by `replaced_by`."""
        acts = OpeningAct.objects.filter(opening=OuterRef("pk")).order_by("-pk")
        return self.annotate(last_act=Subquery(acts.values("act")[:1]))

    def active(self) -> OpeningBalanceQuerySet:
        """Neither replaced nor withdrawn."""
        withdrawn = OpeningAct.objects.filter(opening=OuterRef("pk"), act=OpeningAct.Act.WITHDRAWN)
        return self.filter(~Exists(withdrawn), replaced_by=None)

    def accepted(self) -> OpeningBalanceQuerySet:
        """Those that count."""
        accepted = OpeningAct.objects.filter(opening=OuterRef("pk"), act=OpeningAct.Act.ACCEPTED)
        return self.filter(Exists(accepted))

    def awaiting(self, side: str) -> OpeningBalanceQuerySet:
        """Current ones that wait for the `HOLDER` (proposed, or maintained) or the `LANDLORD` (contested)."""
        latest = OpeningAct.objects.filter(opening=OuterRef("pk")).order_by("-pk").values("act")[:1]
        found = self.active().alias(latest=Coalesce(Subquery(latest), Value("")))
        awaited = [OpeningAct.Act.CONTESTED] if side == "LANDLORD" else ["", OpeningAct.Act.MAINTAINED]
        return found.filter(latest__in=awaited)


class OpeningBalance(models.Model):
    """Solde d’ouverture: what a holder was owed, and had received, from `since` to the day before `opened_on`, when its
    account was kept elsewhere. Append-only: another figure is another row, that `replaces` this one.

    `due` in millionths of a unit; `units`, what entered the flow of the account over that time, whoever had it;
    `received`, those of them routed to the holder. What became of these (`allocated`, `leased`) is reported when known.
    It counts from its acceptance on: `due` less `received` is carried over (`CarriedOver.opening`).
    """

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="openings", verbose_name="compte")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", verbose_name="réservataire")
    since = models.DateField("compté depuis le")
    opened_on = models.DateField("compte tenu ici à partir du")
    units = models.PositiveIntegerField("logements entrés dans le flux")
    due = models.BigIntegerField("dû, en millionièmes")
    received = models.PositiveIntegerField("logements reçus")
    allocated = models.PositiveIntegerField("attribués", null=True, blank=True)
    leased = models.PositiveIntegerField("baux signés", null=True, blank=True)
    source = models.TextField("source")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="remplace"
    )
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="proposé par")
    proposed_at = models.DateTimeField("proposé le")

    objects = OpeningBalanceQuerySet.as_manager()

    last_act: str | None  # set by `with_state`

    triggers = (
        # A figure that a party was asked to accept stays as it was: another one replaces it, beside it.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "solde d’ouverture"
        verbose_name_plural = "soldes d’ouverture"
        ordering = ["ledger", "holder", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since__lt=F("opened_on")),
                name="opening_since_before",
                violation_error_message="Ce qui est compté commence avant le jour où le compte est tenu ici.",
            ),
            models.CheckConstraint(
                condition=Q(due__gte=0) & Q(due__lte=F("units") * UNIT),
                name="opening_due_of_units",
                violation_error_message="Le dû ne dépasse pas les logements entrés dans le flux.",
            ),
            models.CheckConstraint(
                condition=Q(received__lte=F("units")),
                name="opening_received_of_units",
                violation_error_message="Les logements reçus ne dépassent pas ceux entrés dans le flux.",
            ),
            models.CheckConstraint(
                condition=(Q(allocated=None) | Q(allocated__lte=F("received")))
                & (Q(leased=None) | Q(leased__lte=F("received"))),
                name="opening_outcome_of_received",
                violation_error_message="Attributions et baux ne dépassent pas les logements reçus.",
            ),
            models.CheckConstraint(
                condition=~Q(source=""),
                name="opening_has_source",
                violation_error_message="Un solde d’ouverture dit d’où viennent ses chiffres.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} : {self.ledger}, ouvert le {self.opened_on:%d/%m/%Y}"

    @property
    def gap(self) -> int:
        """What was still owed, in millionths; negative for an advance."""
        return self.due - UNIT * self.received

    @property
    def spread_over(self) -> int:
        """On how many units what is owed is spread: those that the rest of the year should bring, at the pace of the
        time counted; one at least."""
        lived = (self.opened_on - self.since).days
        left = (date(self.opened_on.year, 12, 31) - self.opened_on).days + 1
        return max(1, -(-self.units * left // lived))


class OpeningAct(models.Model):
    """What a party stated of an opening balance. Append-only; the latest states where it stands.

    The holder accepts or contests, with its reason; the landlord maintains, with its answer, withdraws, or proposes
    another one that replaces it.
    """

    class Act(models.TextChoices):
        ACCEPTED = "ACCEPTED", "accepté"
        CONTESTED = "CONTESTED", "contesté"
        MAINTAINED = "MAINTAINED", "maintenu"
        WITHDRAWN = "WITHDRAWN", "retiré"

    opening = models.ForeignKey(OpeningBalance, models.PROTECT, related_name="acts", verbose_name="solde")
    act = models.CharField("acte", max_length=10, choices=Act)
    text = models.TextField("motif", blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    at = models.DateTimeField("le")

    triggers = (
        # Who accepted, who contested and why, what was answered.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "réponse à un solde d’ouverture"
        verbose_name_plural = "réponses aux soldes d’ouverture"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["opening"],
                condition=Q(act__in=["ACCEPTED", "WITHDRAWN"]),
                name="opening_closed_once",
                violation_error_message="Ce solde d’ouverture est déjà accepté, ou retiré. Rechargez la page.",
            ),
            models.CheckConstraint(
                condition=Q(act="ACCEPTED") | ~Q(text=""),
                name="opening_act_says_why",
                violation_error_message="Dites pourquoi en une phrase : l’autre partie la lira.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opening} : {self.get_act_display()}"
