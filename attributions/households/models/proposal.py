"""Candidates of a unit: prepared, sent to the landlord together, instructed, decided; and how each ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q

from attributions.households.models.application import Application
from attributions.households.models.priority import (
    FACT_BOUNDS,
    INSTRUCTION_BOUNDS,
    HouseholdFacts,
    category_has_priority,
)
from flux.models import Routing, Vacancy
from reservations.bounds import constraints as bounded
from reservations.models import Organisation, User
from reservations.models.terms import Side
from reservations.rules import APPEND_ONLY, NEVER_DELETED, frozen, refused, software

if TYPE_CHECKING:
    from reservations.models import Membership


class Designation(models.Model):
    """Désignation: candidates sent together to the landlord for one unit. At least as many as the law asks (R441-3), or
    the exception that it allows. Append-only."""

    class Exemption(models.TextChoices):
        """Why fewer candidates than the minimum may be examined (CCH, R441-3)."""

        TOO_FEW = "TOO_FEW", "insuffisance du nombre de candidats"
        DALO = "DALO", "ménage DALO désigné par le préfet"
        ADAPTED_PLAI = "ADAPTED_PLAI", "logement PLAI adapté"

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="designations", verbose_name="logement libéré")
    routing = models.ForeignKey(
        Routing,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="designations",
        help_text="vide : soustrait du flux",
    )
    exemption = models.CharField("exception", max_length=12, choices=Exemption, blank=True)
    exemption_text = models.TextField("précision", blank=True)
    sent_at = models.DateTimeField("transmise le")
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="transmise par")
    sent_for = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="transmise pour")

    triggers = (
        # Candidates sent together to the landlord, or the exception that allowed fewer (CCH, R441-3).
        APPEND_ONLY,
        software("candidates.sent", "vacancy_id", "routing=routing_id"),
    )

    class Meta:
        verbose_name = "désignation"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.vacancy} : désignation du {self.sent_at:%d/%m/%Y}"


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def live(self) -> ProposalQuerySet:
        """Still in the running: not ended, and the unit neither cancelled nor gone elsewhere."""
        return self.filter(
            Q(routing=None) | Q(routing__closed_at=None), status__in=Proposal.LIVE, vacancy__cancelled_at=None
        )

    def sent(self) -> ProposalQuerySet:
        """Those that the landlord received."""
        return self.filter(designation__isnull=False)

    def of(self, application: Application) -> ProposalQuerySet:
        """Those of a request, and of what merged into it."""
        return self.of_requests([application.pk])

    def of_requests(self, ids: Collection[int]) -> ProposalQuerySet:
        """Those of these requests (ids), and of what merged into them: found from their requests, by index."""
        asked = Application.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids))
        return self.filter(application__in=asked.order_by().values("pk"))

    def visible_to(self, member: Membership) -> ProposalQuerySet:
        """Named files: whoever proposes, the holder in whose name it is as long as the unit is routed to it, and the
        landlord once it is sent to it.

        Members of a committee read the cases of its agenda, through the agenda.
        """
        mine = Q(proposer=member.organisation_id)
        if member.is_landlord:
            landlord = Q(vacancy__landlord=member.landlord)
            return self.filter(landlord & Q(designation__isnull=False) | mine)
        if member.is_holder:
            ours = Q(routing__holder__organisation=member.organisation_id) | Q(routing__acting=member.organisation_id)
            return self.filter(mine | ours & Q(designation__isnull=False, routing__closed_at=None))
        return self.none()


class Proposal(HouseholdFacts):
    """Candidature: one household for one unit, with the facts it is examined on.

    `status` moves as docs/states.md says. What is live in a routing that closed is over too: `standing` says so.
    """

    class Status(models.TextChoices):
        DRAFT = "DRAFT", "en préparation"
        SENT = "SENT", "transmise"
        READY = "READY", "instruite, prête pour la CALEOL"
        ON_AGENDA = "ON_AGENDA", "à l’ordre du jour"
        ALLOCATED = "ALLOCATED", "retenue par la CALEOL"
        OFFERED = "OFFERED", "offre envoyée"
        ACCEPTED = "ACCEPTED", "offre acceptée"
        HOUSED = "HOUSED", "bail signé"
        ENDED = "ENDED", "terminée"
        RELEASED = "RELEASED", "libérée"

    LIVE = (
        Status.DRAFT,
        Status.SENT,
        Status.READY,
        Status.ON_AGENDA,
        Status.ALLOCATED,
        Status.OFFERED,
        Status.ACCEPTED,
    )
    #: The committee kept it, and nobody has let the unit yet.
    KEPT = (Status.ALLOCATED, Status.OFFERED, Status.ACCEPTED)

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="proposals", verbose_name="logement libéré")
    routing = models.ForeignKey(
        Routing, models.PROTECT, null=True, blank=True, related_name="proposals", help_text="vide : soustrait du flux"
    )
    application = models.ForeignKey(Application, models.PROTECT, related_name="proposals", verbose_name="demande")
    designation = models.ForeignKey(
        Designation, models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name="désignation"
    )
    proposer = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="proposée par")
    position = models.PositiveSmallIntegerField("ordre")
    dalo_designated = models.BooleanField("DALO désigné par le préfet", default=False)
    status = models.CharField("état", max_length=9, choices=Status, default=Status.DRAFT)
    since = models.DateTimeField("depuis le")
    created_at = models.DateTimeField("enregistrée le")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistrée par")
    ready_at = models.DateTimeField("instruite le", null=True, blank=True)
    ready_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    effort_rate = models.DecimalField("taux d’effort, %", max_digits=4, decimal_places=1, null=True, blank=True)
    living_rest = models.DecimalField(
        "reste pour vivre, € par personne et par jour", max_digits=6, decimal_places=2, null=True, blank=True
    )

    objects = ProposalQuerySet.as_manager()

    outside: bool  # these three are set by `queries.procedure.mark`
    complete_by: date | None
    is_late: bool

    triggers = (
        # A candidate who was proposed was proposed.
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "candidature"
        ordering = ["vacancy", "position", "pk"]
        indexes = [
            # What is in the running: few beside all those that were housed, or lost.
            models.Index(
                fields=["status", "vacancy"],
                condition=Q(status__in=["DRAFT", "SENT", "READY", "ON_AGENDA", "ALLOCATED", "OFFERED", "ACCEPTED"]),
                name="proposal_live",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["routing", "application"],
                condition=~Q(status__in=["ENDED", "RELEASED"]),
                name="proposal_once_per_routing",
                violation_error_message="Ce ménage est déjà candidat à ce logement.",
            ),
            models.UniqueConstraint(
                fields=["vacancy", "application"],
                condition=~Q(status__in=["ENDED", "RELEASED"]) & Q(routing=None),
                name="proposal_once_per_unit",
                violation_error_message="Ce ménage est déjà candidat à ce logement.",
            ),
            models.UniqueConstraint(
                fields=["vacancy"],
                condition=Q(status__in=["OFFERED", "ACCEPTED", "HOUSED"]),
                name="proposal_one_offered_per_unit",
                violation_error_message="Une offre est déjà en cours pour ce logement.",
            ),
            models.CheckConstraint(
                condition=Q(designation=None, status__in=["DRAFT", "ENDED", "RELEASED"])
                | Q(designation__isnull=False) & ~Q(status="DRAFT"),
                name="proposal_sent_with_designation",
                violation_error_message="Une candidature transmise l’est dans une désignation.",
            ),
            category_has_priority("proposal_priority"),
            *bounded([*FACT_BOUNDS, *INSTRUCTION_BOUNDS], table="proposal"),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy.unit} : candidature {self.pk}"

    @property
    def is_live(self) -> bool:
        """As `live` says it. Reads the routing and the vacancy."""
        gone = self.vacancy.is_cancelled or (self.routing is not None and self.routing.closed_at is not None)
        return self.status in self.LIVE and not gone

    @property
    def status_now(self) -> str:
        """Its state as one reads it: what is live in a routing that closed, or a vacancy cancelled, is released."""
        return self.status if self.status not in self.LIVE or self.is_live else self.Status.RELEASED

    @property
    def status_words(self) -> str:
        """The same in words, « transmise »."""
        return str(self.Status(self.status_now).label)


class ProposalEndQuerySet(models.QuerySet["ProposalEnd"]):
    def undo(self, proposals: list[Proposal], *, at: datetime) -> None:
        """These ends were an error of record, corrected since: they stay, beside the candidates. One statement."""
        self.filter(proposal__in=proposals).update(undone_of=F("proposal"), proposal=None, undone_at=at)


class ProposalEnd(models.Model):
    """Fin d’une candidature: why, whose doing it is, and what it does to the account. Append-only, but for one thing: a
    corrective decision of the committee undoes the end that its error caused, and the row then reports `undone_of`.

    `offered`, `consumed` and `restarts` are those of the convention that the routing applied, on that day: changing a
    convention later moves only later lines. They are what the screen stated when the reason was chosen.
    """

    class Reason(models.TextChoices):
        """Few and clear. Of the committee: those of its decisions d and e (CCH, R441-3)."""

        UNIT_REFUSED = "UNIT_REFUSED", "refus : le logement ou la résidence"
        AREA_REFUSED = "AREA_REFUSED", "refus : le quartier ou l’éloignement"
        RENT_REFUSED = "RENT_REFUSED", "refus : le loyer et les charges"
        NO_ANSWER = "NO_ANSWER", "sans réponse dans le délai de l’offre"
        WITHDREW = "WITHDREW", "désistement"
        HOUSED_ELSEWHERE = "HOUSED_ELSEWHERE", "relogé ailleurs"
        CONDITION_NOT_MET = "CONDITION_NOT_MET", "pièce non fournie dans le délai fixé"
        HOLDER_WITHDREW = "HOLDER_WITHDREW", "retirée par le réservataire"
        LANDLORD_WITHDREW = "LANDLORD_WITHDREW", "retirée par le bailleur"
        RECORDED_BY_MISTAKE = "RECORDED_BY_MISTAKE", "enregistrée par erreur"
        SIZE = "SIZE", "logement inadapté à la composition du ménage"
        EFFORT = "EFFORT", "taux d’effort trop élevé"
        BUILDING_BALANCE = "BUILDING_BALANCE", "équilibre social de la résidence"
        OTHER_CANDIDATE = "OTHER_CANDIDATE", "logement attribué à un autre candidat"
        OVER_CEILING = "OVER_CEILING", "ressources supérieures au plafond"
        NOT_REGULAR = "NOT_REGULAR", "conditions de séjour non remplies"
        UNIT_UNFIT = "UNIT_UNFIT", "logement impropre à la location : travaux, sinistre"

    SIDES = {
        Reason.UNIT_REFUSED: Side.APPLICANT,
        Reason.AREA_REFUSED: Side.APPLICANT,
        Reason.RENT_REFUSED: Side.APPLICANT,
        Reason.NO_ANSWER: Side.APPLICANT,
        Reason.WITHDREW: Side.APPLICANT,
        Reason.HOUSED_ELSEWHERE: Side.APPLICANT,
        Reason.CONDITION_NOT_MET: Side.APPLICANT,
        Reason.HOLDER_WITHDREW: Side.HOLDER,
        Reason.LANDLORD_WITHDREW: Side.LANDLORD,
        Reason.RECORDED_BY_MISTAKE: Side.LANDLORD,
        Reason.SIZE: Side.COMMITTEE,
        Reason.EFFORT: Side.COMMITTEE,
        Reason.BUILDING_BALANCE: Side.COMMITTEE,
        Reason.OTHER_CANDIDATE: Side.COMMITTEE,
        Reason.OVER_CEILING: Side.COMMITTEE,
        Reason.NOT_REGULAR: Side.COMMITTEE,
        Reason.UNIT_UNFIT: Side.UNIT,
    }
    #: An applicant answers an offer by one of these.
    ANSWERS = (Reason.UNIT_REFUSED, Reason.AREA_REFUSED, Reason.RENT_REFUSED)
    #: Decision d, non-attribution.
    NOT_ALLOCATED = (Reason.SIZE, Reason.EFFORT, Reason.BUILDING_BALANCE, Reason.OTHER_CANDIDATE)
    #: Decision e, rejet pour irrecevabilité.
    INELIGIBLE = (Reason.OVER_CEILING, Reason.NOT_REGULAR)

    proposal = models.OneToOneField(
        Proposal,
        models.PROTECT,
        null=True,
        related_name="end",
        verbose_name="candidature",
        help_text="vide : rectifiée",
    )
    undone_of = models.ForeignKey(
        Proposal, models.PROTECT, null=True, blank=True, related_name="undone_ends", verbose_name="fin rectifiée de"
    )
    undone_at = models.DateTimeField("rectifiée le", null=True, blank=True)
    reason = models.CharField("motif", max_length=19, choices=Reason)
    side = models.CharField("de qui", max_length=9, choices=Side)
    offered = models.BooleanField("compte comme proposé")
    consumed = models.BooleanField("décompté du droit")
    restarts = models.BooleanField("le délai repart")
    text = models.TextField("précision", blank=True)
    on = models.DateField("le")
    recorded_at = models.DateTimeField("enregistrée le")
    recorded_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="vide : cela suit un délai, un bail",
    )

    objects = ProposalEndQuerySet.as_manager()

    triggers = (
        # Why a candidature ended and what it did to the account never changes; a corrective decision of the committee
        # may undo the end that its error caused.
        frozen("proposal_id undone_of_id undone_at"),
        # An end is undone, not taken away.
        NEVER_DELETED,
        # It is undone once, and of its own candidature only.
        refused(
            "undone_once", "UPDATE", "OLD.undone_at IS NOT NULL OR NEW.undone_of_id IS DISTINCT FROM OLD.proposal_id"
        ),
    )

    class Meta:
        verbose_name = "fin de candidature"
        verbose_name_plural = "fins de candidature"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(proposal__isnull=False, undone_of=None, undone_at=None)
                | Q(proposal=None, undone_of__isnull=False, undone_at__isnull=False),
                name="proposal_end_stands_or_undone",
                violation_error_message="Une fin vaut pour une candidature, ou a été rectifiée, pas les deux.",
            ),
            models.CheckConstraint(
                condition=Q(consumed=False) | Q(offered=True),
                name="proposal_end_consumed_is_offered",
                violation_error_message="Une candidature décomptée du droit compte comme proposée.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal or self.undone_of} : {self.get_reason_display()}"

    @property
    def reason_words(self) -> str:
        """Why, and of whom: « refus : le loyer et les charges (le demandeur) », « retirée par le réservataire »."""
        result, whose = str(self.get_reason_display()), str(self.get_side_display())
        return result if result.endswith(f"par {whose}") else f"{result} ({whose})"
