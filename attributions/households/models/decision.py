"""What the committee votes on and decides: the five decisions of R441-3, and no other."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from attributions.households.models.committee import CommitteeMember
from attributions.households.models.proposal import Proposal, ProposalEnd
from attributions.households.models.session import AgendaCase, AgendaItem
from reservations.models import User
from reservations.rules import APPEND_ONLY, NEVER_DELETED, frozen, once


class DecisionTerms(models.Model):
    """One of the five decisions, with what it needs (CCH, R441-3)."""

    class Kind(models.TextChoices):
        ALLOCATED = "ALLOCATED", "attribution"
        RANKED = "RANKED", "attribution, avec un rang"
        CONDITIONAL = "CONDITIONAL", "attribution sous condition suspensive"
        NOT_ALLOCATED = "NOT_ALLOCATED", "non-attribution"
        INELIGIBLE = "INELIGIBLE", "rejet, demande irrecevable"

    class Document(models.TextChoices):
        """Pieces whose want allows a condition (CCH, R441-2-4-1); the order may add some: to be confirmed."""

        IDENTITY = "IDENTITY", "pièce d’identité ou titre de séjour"
        TAX_NOTICE = "TAX_NOTICE", "avis d’imposition"
        INCOME = "INCOME", "justificatif de ressources"
        DIVORCE = "DIVORCE", "justificatif de séparation ou de divorce"
        NOTICE = "NOTICE", "congé ou préavis du logement actuel"
        OTHER = "OTHER", "autre pièce de la liste"

    #: The committee keeps the candidate.
    KEPT = (Kind.ALLOCATED, Kind.RANKED, Kind.CONDITIONAL)

    kind = models.CharField("décision", max_length=13, choices=Kind)
    rank = models.PositiveSmallIntegerField("rang", null=True, blank=True)
    document = models.CharField("pièce manquante", max_length=10, choices=Document, blank=True)
    document_due_on = models.DateField("à fournir avant le", null=True, blank=True)
    reason = models.CharField("motif", max_length=19, choices=ProposalEnd.Reason, blank=True)
    text = models.TextField("précision", blank=True)

    class Meta:
        abstract = True

    @property
    def keeps(self) -> bool:
        """Does it keep the candidate?"""
        return self.kind in self.KEPT


def _terms_checks(prefix: str) -> list[models.CheckConstraint]:
    """What each decision needs, stated by the database too."""
    return [
        models.CheckConstraint(
            condition=Q(kind="RANKED", rank__isnull=False, rank__gte=1)
            | Q(kind="CONDITIONAL") & (Q(rank=None) | Q(rank__gte=1))
            | Q(kind__in=["ALLOCATED", "NOT_ALLOCATED", "INELIGIBLE"], rank=None),
            name=f"{prefix}_rank",
            violation_error_message="Une attribution avec un rang porte ce rang ; les autres n’en ont pas.",
        ),
        models.CheckConstraint(
            condition=Q(kind="CONDITIONAL", document_due_on__isnull=False) & ~Q(document="")
            | ~Q(kind="CONDITIONAL") & Q(document="", document_due_on=None),
            name=f"{prefix}_condition",
            violation_error_message="Une condition suspensive nomme la pièce manquante et son délai.",
        ),
        models.CheckConstraint(
            condition=Q(kind="NOT_ALLOCATED", reason__in=["SIZE", "EFFORT", "BUILDING_BALANCE", "OTHER_CANDIDATE"])
            | Q(kind="INELIGIBLE", reason__in=["OVER_CEILING", "NOT_REGULAR"])
            | Q(kind__in=["ALLOCATED", "RANKED", "CONDITIONAL"], reason=""),
            name=f"{prefix}_reason",
            violation_error_message="Une non-attribution ou un rejet porte son motif ; une attribution n’en a pas.",
        ),
    ]


class Ballot(models.Model):
    """Scrutin: one proposed set of decisions for an item, put to the vote. Rejected, another may follow.

    A tie is broken by the mayor's vote (R441-9 II); without it nothing is decided.
    """

    class Outcome(models.TextChoices):
        ADOPTED = "ADOPTED", "adoptée"
        REJECTED = "REJECTED", "rejetée"
        NO_DECISION = "NO_DECISION", "sans décision"

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="ballots", verbose_name="point")
    ordinal = models.PositiveSmallIntegerField("tour", default=1)
    opened_at = models.DateTimeField("ouvert le")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="ouvert par")
    closed_at = models.DateTimeField("clos le", null=True, blank=True)
    outcome = models.CharField("issue", max_length=11, choices=Outcome, blank=True)
    by_casting_vote = models.BooleanField("voix prépondérante du maire", default=False)

    triggers = (
        # A ballot that closed keeps its outcome.
        once("closed_at", "closed_once"),
        # A rejected ballot stays beside the one that followed it.
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "scrutin"
        ordering = ["item", "ordinal"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "ordinal"],
                name="ballot_unique_ordinal",
                violation_error_message="Ce tour de scrutin existe déjà. Rechargez la page.",
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(closed_at=None),
                name="ballot_one_open_per_item",
                violation_error_message="Un scrutin est déjà ouvert sur ce logement.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, outcome="", by_casting_vote=False)
                | Q(closed_at__isnull=False) & ~Q(outcome=""),
                name="ballot_closed_has_outcome",
                violation_error_message="Un scrutin clos a une issue.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}, tour {self.ordinal}"


class BallotLine(DecisionTerms):
    """What a ballot proposes for one case. Append-only."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="lines", verbose_name="scrutin")
    case = models.ForeignKey(AgendaCase, models.PROTECT, related_name="+", verbose_name="dossier")

    triggers = (
        # What was put to the vote is what was voted.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "ligne de scrutin"
        verbose_name_plural = "lignes de scrutin"
        ordering = ["ballot", "case"]
        constraints = [
            models.UniqueConstraint(
                fields=["ballot", "case"],
                name="ballot_line_once",
                violation_error_message="Une seule décision par dossier.",
            ),
            *_terms_checks("ballot_line"),
        ]

    def __str__(self) -> str:
        return f"{self.ballot}, {self.case} : {self.get_kind_display()}"


class BallotVote(models.Model):
    """Vote d’un membre: cast once, by the member remotely, or noted by the secretary in the room. Append-only."""

    class Choice(models.TextChoices):
        FOR = "FOR", "pour"
        AGAINST = "AGAINST", "contre"
        ABSTAIN = "ABSTAIN", "abstention"

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="votes", verbose_name="scrutin")
    member = models.ForeignKey(CommitteeMember, models.PROTECT, related_name="+", verbose_name="membre")
    choice = models.CharField("vote", max_length=7, choices=Choice)
    cast_at = models.DateTimeField("voté le")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistré par")

    triggers = (
        # A vote is cast once.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "vote"
        ordering = ["ballot", "member"]
        constraints = [
            models.UniqueConstraint(
                fields=["ballot", "member"],
                name="ballot_vote_once",
                violation_error_message="Ce membre a déjà voté.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ballot} : {self.member}, {self.get_choice_display()}"


class CaseDecision(DecisionTerms):
    """Décision de la CALEOL on one case. Never changed: a corrective decision is a new row that `corrects` it, and
    `superseded_at` says that it no longer stands. One stands per candidate and unit; the ranks of a unit are 1 to n."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="decisions", verbose_name="point")
    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="decisions", verbose_name="candidature")
    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="decisions", verbose_name="scrutin")
    decided_on = models.DateField("décidée le")
    recorded_at = models.DateTimeField("enregistrée le")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistrée par")
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name="rectifie"
    )
    why = models.TextField("pourquoi rectifier", blank=True)
    superseded_at = models.DateTimeField("rectifiée le", null=True, blank=True)

    triggers = (
        # A decision never changes: a corrective one is a row of its own, and this one then says when it ceased to
        # stand.
        frozen("superseded_at"),
        # A decision of the committee is not taken away.
        NEVER_DELETED,
        # It ceases to stand once.
        once("superseded_at", "superseded_once"),
    )

    class Meta:
        verbose_name = "décision de la CALEOL"
        verbose_name_plural = "décisions de la CALEOL"
        ordering = ["item", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(superseded_at=None),
                name="case_decision_one_stands",
                violation_error_message="La commission a déjà décidé de ce dossier.",
            ),
            models.UniqueConstraint(
                fields=["item", "rank"],
                condition=Q(superseded_at=None, rank__isnull=False),
                name="case_decision_unique_rank",
                violation_error_message="Deux dossiers d’un même logement ont le même rang.",
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(superseded_at=None, kind="ALLOCATED"),
                name="case_decision_one_allocated",
                violation_error_message="Un logement s’attribue à un seul ménage ; pour plusieurs, donnez un rang.",
            ),
            models.CheckConstraint(
                condition=Q(corrects=None, why="") | Q(corrects__isnull=False) & ~Q(why=""),
                name="case_decision_correction_says_why",
                violation_error_message="Une décision rectificative dit pourquoi.",
            ),
            *_terms_checks("case_decision"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} : {self.get_kind_display()}"


class ConditionMet(models.Model):
    """The missing document came in time: the condition is fulfilled, the landlord signs (R441-3 c). Append-only."""

    decision = models.OneToOneField(CaseDecision, models.PROTECT, related_name="condition_met", verbose_name="décision")
    received_on = models.DateField("pièce reçue le")
    recorded_at = models.DateTimeField("enregistrée le")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistrée par")

    triggers = (
        # The missing document came, on a day: the landlord signs on the strength of it (CCH, R441-3).
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "condition levée"
        verbose_name_plural = "conditions levées"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.decision} : pièce reçue"
