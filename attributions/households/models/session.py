"""A meeting of the committee: its agenda, who is there, the votes, and the sealed minutes."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from attributions.households.models.committee import Committee, CommitteeMember
from attributions.households.models.proposal import Proposal
from flux.models import Routing, Vacancy
from reservations.models import User
from reservations.rules import NEVER_DELETED, once

if TYPE_CHECKING:
    from reservations.models import Membership


class CommitteeSessionQuerySet(models.QuerySet["CommitteeSession"]):
    def visible_to(self, member: Membership) -> CommitteeSessionQuerySet:
        """The landlord's staff, and whoever sits on the committee that day and signs in under that name. The day of a
        remote session is that when its vote closes, as `day` says it."""
        if member.is_administrator:
            return self.none()
        seat, day = "committee__members", TruncDate(Coalesce("vote_closes_at", "held_at"))
        sits = Q(**{f"{seat}__user": member.user_id}) & (
            Q(**{f"{seat}__organisation": None}) | Q(**{f"{seat}__organisation": member.organisation_id})
        )
        sits &= Q(**{f"{seat}__starts_on__lte": day}) & (
            Q(**{f"{seat}__ends_on": None}) | Q(**{f"{seat}__ends_on__gte": day})
        )
        if member.is_landlord:
            sits |= Q(committee__landlord__organisation=member.organisation_id)
        return self.filter(sits).distinct()


class CommitteeSession(models.Model):
    """Séance: convened, opened, then closed and sealed; or cancelled.

    `minutes` is the canonical content of the procès-verbal, `seal` its SHA-256. Closed, nothing of it changes: what was
    wrong is corrected by a new act.
    """

    class Mode(models.TextChoices):
        ROOM = "ROOM", "en salle"
        REMOTE = "REMOTE", "à distance"

    class State(models.TextChoices):
        """Derived from the rows, never stored."""

        CONVENED = "CONVENED", "convoquée"
        OPEN = "OPEN", "ouverte"
        CLOSED = "CLOSED", "close"
        CANCELLED = "CANCELLED", "annulée"

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="sessions", verbose_name="commission")
    held_at = models.DateTimeField("se tient le")
    place = models.CharField("lieu", max_length=200, blank=True)
    mode = models.CharField("forme", max_length=6, choices=Mode, default=Mode.ROOM)
    vote_opens_at = models.DateTimeField("vote ouvert le", null=True, blank=True)
    vote_closes_at = models.DateTimeField("vote clos le", null=True, blank=True)
    convened_at = models.DateTimeField("convoquée le")
    convened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="convoquée par")
    short_notice = models.CharField(
        "pourquoi dans un délai plus court que celui du règlement",
        max_length=300,
        blank=True,
        default="",
        db_default="",
    )
    opened_at = models.DateTimeField("ouverte le", null=True, blank=True)
    closed_at = models.DateTimeField("close le", null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)
    cancelled_why = models.TextField("pourquoi", blank=True)
    quorum = models.PositiveSmallIntegerField("quorum du règlement", null=True, blank=True)
    minutes = models.JSONField("procès-verbal", null=True, blank=True)
    seal = models.CharField("empreinte", max_length=64, blank=True)

    objects = CommitteeSessionQuerySet.as_manager()

    triggers = (
        # A session is cancelled, not deleted.
        NEVER_DELETED,
        # Closed, its minutes are sealed: nothing of the session changes any more.
        once("closed_at", "sealed"),
    )

    class Meta:
        verbose_name = "séance de la CALEOL"
        verbose_name_plural = "séances de la CALEOL"
        ordering = ["-held_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(mode="ROOM", vote_opens_at=None, vote_closes_at=None)
                | Q(
                    mode="REMOTE",
                    vote_opens_at__isnull=False,
                    vote_closes_at__isnull=False,
                    vote_closes_at__gt=F("vote_opens_at"),
                ),
                name="session_remote_vote_period",
                violation_error_message="Un vote à distance a une ouverture et une clôture, dans cet ordre.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, minutes__isnull=True, seal="")
                | Q(closed_at__isnull=False, opened_at__isnull=False, minutes__isnull=False, cancelled_at=None)
                & ~Q(seal=""),
                name="session_closed_is_sealed",
                violation_error_message="Une séance close a son procès-verbal scellé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.committee}, séance {self.pk}"

    @property
    def state(self) -> CommitteeSession.State:
        if self.cancelled_at is not None:
            return self.State.CANCELLED
        if self.closed_at is not None:
            return self.State.CLOSED
        return self.State.OPEN if self.opened_at is not None else self.State.CONVENED

    @property
    def is_remote(self) -> bool:
        return self.mode == self.Mode.REMOTE

    @property
    def day(self) -> date:
        """The day of its decisions: that of the meeting; a remote vote decides when it closes."""
        return timezone.localdate(self.vote_closes_at if self.vote_closes_at is not None else self.held_at)

    def votes_at(self, now: datetime) -> bool:
        """Is its remote vote open at that moment?"""
        opens, closes = self.vote_opens_at, self.vote_closes_at
        return opens is not None and closes is not None and opens <= now < closes


class Attendance(models.Model):
    """Présence: a member who is there, in the room or remotely. Who is absent has no row."""

    session = models.ForeignKey(CommitteeSession, models.CASCADE, related_name="attendances", verbose_name="séance")
    member = models.ForeignKey(CommitteeMember, models.PROTECT, related_name="+", verbose_name="membre")
    represented_by = models.CharField("représenté par", max_length=120, blank=True)

    class Meta:
        verbose_name = "présence"
        ordering = ["session", "member"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "member"],
                name="attendance_once",
                violation_error_message="Ce membre est déjà noté présent.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} : {self.member}"


class AgendaItemQuerySet(models.QuerySet["AgendaItem"]):
    def pending(self) -> AgendaItemQuerySet:
        """Neither decided nor postponed yet."""
        return self.filter(concluded_at=None, postponed_at=None)

    def void(self) -> AgendaItemQuerySet:
        """Nothing is left to decide: the unit is cancelled, or it has left the routing whose candidates were called."""
        return self.filter(Q(vacancy__cancelled_at__isnull=False) | Q(routing__closed_at__isnull=False))


class AgendaItem(models.Model):
    """Point de l’ordre du jour: one unit and its cases. Concluded by a decision, or postponed to another session."""

    session = models.ForeignKey(CommitteeSession, models.PROTECT, related_name="items", verbose_name="séance")
    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="agenda_items", verbose_name="logement libéré")
    routing = models.ForeignKey(Routing, models.PROTECT, null=True, blank=True, related_name="agenda_items")
    position = models.PositiveSmallIntegerField("rang")
    concluded_at = models.DateTimeField("décidé le", null=True, blank=True)
    postponed_at = models.DateTimeField("reporté le", null=True, blank=True)
    postponed_why = models.TextField("pourquoi", blank=True)

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        verbose_name = "point de l’ordre du jour"
        verbose_name_plural = "points de l’ordre du jour"
        ordering = ["session", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "position"],
                name="agenda_item_unique_position",
                violation_error_message="Deux points d’une séance ont le même rang. Rechargez la page.",
            ),
            models.UniqueConstraint(
                fields=["vacancy"],
                condition=Q(concluded_at=None, postponed_at=None),
                name="agenda_item_one_pending_per_vacancy",
                violation_error_message="Ce logement est déjà à l’ordre du jour d’une séance.",
            ),
            models.CheckConstraint(
                condition=Q(concluded_at=None) | Q(postponed_at=None),
                name="agenda_item_one_issue",
                violation_error_message="Un point est décidé ou reporté, pas les deux.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}, point {self.position}"

    @property
    def is_pending(self) -> bool:
        return self.concluded_at is None and self.postponed_at is None

    @property
    def is_void(self) -> bool:
        """As `void` says it. Reads the routing and the vacancy."""
        return self.vacancy.is_cancelled or (self.routing is not None and self.routing.closed_at is not None)


class AgendaCase(models.Model):
    """Dossier: a candidate of an agenda item, by its letter. The committee reads « dossier A » before it decides.

    `salt` links the sealed minutes, that hold no number, with the number of the application; erased with the identity,
    the minutes name nobody any more and their seal still holds (docs/decisions/0020).
    """

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="cases", verbose_name="point")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="cases", verbose_name="candidature")
    letter = models.CharField("dossier", max_length=2)
    salt = models.CharField("lien avec le procès-verbal", max_length=32, blank=True)

    class Meta:
        verbose_name = "dossier examiné"
        verbose_name_plural = "dossiers examinés"
        ordering = ["item", "letter"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "letter"],
                name="agenda_case_unique_letter",
                violation_error_message="Deux dossiers d’un même point ont la même lettre. Rechargez la page.",
            ),
            models.UniqueConstraint(
                fields=["item", "proposal"],
                name="agenda_case_unique_proposal",
                violation_error_message="Ce dossier est déjà à ce point de l’ordre du jour.",
            ),
        ]

    def __str__(self) -> str:
        return f"dossier {self.letter}"


class Recusal(models.Model):
    """Déport: a member who leaves one item for a conflict of interest; the member neither reads its cases nor votes."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="recusals", verbose_name="point")
    member = models.ForeignKey(CommitteeMember, models.PROTECT, related_name="+", verbose_name="membre")
    recorded_at = models.DateTimeField("enregistré le")

    class Meta:
        verbose_name = "déport"
        ordering = ["item", "member"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "member"],
                name="recusal_once",
                violation_error_message="Ce membre s’est déjà déporté.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} : {self.member}"
