"""The tables of expected.

* Where a departure that waits for its decision would go, if it were decided now. Never counted in an account.
* The units that await a decision, named apart from all those that were decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from flux.models.vacancy import Vacancy
from reservations.models import ReservationHolder
from reservations.rules import APPEND_ONLY

if TYPE_CHECKING:
    from reservations.models import Membership


class ExpectedHolderQuerySet(models.QuerySet["ExpectedHolder"]):
    def active(self) -> ExpectedHolderQuerySet:
        """Those of departures that still wait: neither decided nor cancelled."""
        return self.filter(vacancy__recommendations=None, vacancy__cancelled_at=None)

    def coming_to(self, member: Membership) -> ExpectedHolderQuerySet:
        """Those that may come to a holder’s organisation, among the departures that it sees: its own contingents are
        forecast there. To nobody else: a landlord has its queue."""
        if not member.is_holder:
            return self.none()
        seen = Vacancy.objects.visible_to(member).order_by().values("pk")
        return self.active().filter(holder__organisation=member.organisation_id, vacancy__in=seen)


class ExpectedHolder(models.Model):
    """Prévision de destination of one departure that waits: drawn from the plan of the known departures at each
    registration and each morning, replaced in place, and gone when the departure is decided or cancelled.

    `rank`: its place among the `known` departures of its ledger, the first being the next to be decided. `since`: the
    moment from which this destination has been forecast without a change. `firm_on`: the day on which it is decided at
    the latest. `seen_on`: the day of the last calculation.
    """

    vacancy = models.OneToOneField(Vacancy, models.CASCADE, related_name="expected", verbose_name="logement libéré")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", verbose_name="destination prévue")
    rank = models.PositiveSmallIntegerField("rang parmi les départs connus")
    known = models.PositiveSmallIntegerField("départs connus")
    since = models.DateTimeField("prévue depuis le")
    firm_on = models.DateField("décidé au plus tard le")
    seen_on = models.DateField("calculée le")

    objects = ExpectedHolderQuerySet.as_manager()

    class Meta:
        verbose_name = "prévision de destination"
        verbose_name_plural = "prévisions de destination"
        ordering = ["vacancy_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rank__gte=1, known__gte=models.F("rank")),
                name="expected_holder_rank",
                violation_error_message="Une prévision porte un rang parmi les départs connus.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy} : prévision, {self.holder}"


class FormerForecast(models.Model):
    """Prévision passée: where a departure was forecast to go, from a moment to another, and what changed it.
    Append-only: a plan that changes its mind says so."""

    class Cause(models.TextChoices):
        KNOWN = "KNOWN", "un départ de plus est connu"
        DECIDED = "DECIDED", "un autre départ a été décidé"
        MOVED = "MOVED", "les comptes ont bougé"
        OVER = "OVER", "ce départ est décidé"
        CANCELLED = "CANCELLED", "la déclaration est annulée"

    vacancy = models.ForeignKey(
        Vacancy, models.PROTECT, related_name="former_forecasts", verbose_name="logement libéré"
    )
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", verbose_name="destination prévue")
    since = models.DateTimeField("prévue depuis le")
    until = models.DateTimeField("jusqu’au")
    cause = models.CharField("ce qui l’a changée", max_length=9, choices=Cause)

    triggers = (
        # So is a forecast that was made to a holder, and what changed it.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "prévision passée"
        verbose_name_plural = "prévisions passées"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.vacancy} : {self.holder}, puis {self.get_cause_display()}"


class AwaitedDecision(models.Model):
    """Décision attendue: a unit of the flow that no recommendation has reached, or whose recommendation nobody has
    followed nor overridden: `holder` is whom it recommends. Kept by triggers (docs/triggers.md):
    `VacancyQuerySet.waiting` and its neighbours start from here, and still ask the recommendations themselves."""

    vacancy = models.OneToOneField(
        Vacancy, models.CASCADE, primary_key=True, related_name="awaited", verbose_name="logement libéré"
    )
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="recommandé à"
    )

    class Meta:
        verbose_name = "décision attendue"
        verbose_name_plural = "décisions attendues"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["holder"], condition=models.Q(holder__isnull=False), name="awaited_of_holder"),
        ]

    def __str__(self) -> str:
        return str(self.vacancy)
