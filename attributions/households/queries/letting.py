"""What is read of letting.

* What an applicant is written: an offer, a reasoned refusal, a rejection, or that the unit is let to another.
* From the committee's decision to the lease: where each candidate of a unit stands, and what a landlord has to do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter

from django.db.models import Prefetch, QuerySet

from attributions.households.models import CaseDecision, ConditionMet, Lease, Offer, Proposal, ProposalEnd
from attributions.households.permissions import can_instruct
from attributions.households.queries.deadlines import deciding_loss, next_to_call, recorded_until, turn_order
from attributions.households.queries.file import open_routing
from flux.models import Routing, Vacancy
from reservations.models import Membership

Status = Proposal.Status


class Letter(StrEnum):
    """One kind of letter each; the law asks for the first three in writing (CCH, R441-10, L441-2-2)."""

    OFFER = "OFFER"
    NOT_ALLOCATED = "NOT_ALLOCATED"
    INELIGIBLE = "INELIGIBLE"
    RELEASED = "RELEASED"


def letter_kind(proposal: Proposal, decision: CaseDecision | None) -> Letter | None:
    """Which letter this candidate is due now; None when none is. `decision`: the one that stands. No query."""
    if decision is not None and decision.kind == CaseDecision.Kind.NOT_ALLOCATED:
        return Letter.NOT_ALLOCATED
    if decision is not None and decision.kind == CaseDecision.Kind.INELIGIBLE:
        return Letter.INELIGIBLE
    if proposal.status in (Status.OFFERED, Status.ACCEPTED):
        return Letter.OFFER
    sent = proposal.designation_id is not None
    return Letter.RELEASED if sent and proposal.status == Status.RELEASED else None


class State(StrEnum):
    """Where the letting of a unit stands. `CONDITION`: accepted, a document is awaited; `EXAMINED`: by the committee;
    `TO_PROPOSE`: all were lost, others are awaited; `NOBODY`: all were lost; `NONE`: none was ever followed here."""

    LET = "LET"
    TO_SIGN = "TO_SIGN"
    CONDITION = "CONDITION"
    OFFERED = "OFFERED"
    TO_SEND = "TO_SEND"
    EXAMINED = "EXAMINED"
    TO_PROPOSE = "TO_PROPOSE"
    NOBODY = "NOBODY"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate with its decision, its offer, its condition and its end; `named`: may the reader read its name?
    `letter`: what its applicant is written, None when nothing is."""

    proposal: Proposal
    decision: CaseDecision | None
    offer: Offer | None
    met: ConditionMet | None
    end: ProposalEnd | None
    named: bool
    letter: Letter | None

    @property
    def ending(self) -> str:
        """The last digits of its number: « 41 07 »; "" once pseudonymised."""
        number = self.proposal.application.number
        return f"{number[-4:-2]} {number[-2:]}".strip()

    @property
    def is_conditional(self) -> bool:
        return self.decision is not None and self.decision.kind == CaseDecision.Kind.CONDITIONAL

    @property
    def waits_for_document(self) -> bool:
        """Kept under a condition that is not fulfilled yet."""
        return self.is_conditional and self.met is None and self.proposal.status in Proposal.KEPT

    @property
    def answer_recorded_until(self) -> date | None:
        """The last day to record an answer that came in time, on the page of its unit; None without an offer."""
        return recorded_until(self.offer.answer_by, self.proposal.routing) if self.offer else None

    @property
    def document_recorded_until(self) -> date | None:
        """The same of the document that its condition awaits."""
        due = self.decision.document_due_on if self.decision else None
        return recorded_until(due, self.proposal.routing) if due else None

    @property
    def is_running(self) -> bool:
        return self.proposal.status in Proposal.LIVE


@dataclass(frozen=True, slots=True)
class Letting:
    """The candidates of a unit under its open routing, kept ones first, in the order they are called. `turn`: whose
    turn it is; `lease`: the one that stands; `last`: the latest loss of a candidate that was sent; `deciding`: the one
    by which the unit would be given back."""

    vacancy: Vacancy
    routing: Routing | None
    candidates: list[Candidate]
    turn: Candidate | None
    lease: Lease | None
    last: ProposalEnd | None
    deciding: ProposalEnd | None

    def one(self, pk: int) -> Candidate | None:
        return next((each for each in self.candidates if each.proposal.pk == pk), None)

    def among(self, *statuses: str) -> list[Candidate]:
        return [each for each in self.candidates if each.proposal.status in statuses]

    @property
    def current(self) -> Candidate | None:
        """The one to whom the unit is offered, or let."""
        found = self.among(Status.HOUSED, Status.ACCEPTED, Status.OFFERED)
        return found[0] if found else None

    @property
    def state(self) -> State:
        if self.lease is not None:
            return State.LET
        if accepted := self.among(Status.ACCEPTED):
            return State.CONDITION if accepted[0].waits_for_document else State.TO_SIGN
        if self.among(Status.OFFERED):
            return State.OFFERED
        if self.turn is not None:
            return State.TO_SEND
        if any(each.is_running and each.proposal.designation_id for each in self.candidates):
            return State.EXAMINED
        return self._without_anybody()

    def _without_anybody(self) -> State:
        """Lost, and the holder's clock runs again; lost; or none was ever sent."""
        if self.last is None:
            return State.NONE
        waits = self.routing is not None and self.routing.answered_on is None
        return State.TO_PROPOSE if waits else State.NOBODY

    @property
    def running(self) -> list[Candidate]:
        return [each for each in self.candidates if each.is_running or each.proposal.status == Status.HOUSED]

    @property
    def gone(self) -> list[Candidate]:
        return [each for each in self.candidates if each not in self.running]


def letting(vacancy: Vacancy, member: Membership) -> Letting:
    """Read a unit and the candidates that this person may read. Four queries."""
    routing = open_routing(vacancy)
    here = Proposal.objects.filter(vacancy=vacancy, routing=routing)
    if routing is None and vacancy.kind != Vacancy.Kind.EXCLUDED:
        here = here.none()
    instructs = can_instruct(member, vacancy)
    found = []
    for each in _with_decisions(here.visible_to(member)):
        each.vacancy, each.routing = vacancy, routing
        found.append(_candidate(each, named=instructs or each.proposer_id == member.organisation_id))
    found.sort(key=_place)
    turn = next_to_call((each.decision for each in found if each.decision), (each.proposal for each in found))
    lost = [each.end for each in found if each.end is not None and each.proposal.designation_id]
    leases = Lease.objects.filter(vacancy=vacancy, cancelled_at=None).select_related("proposal")
    return Letting(
        vacancy=vacancy,
        routing=routing,
        candidates=found,
        turn=next((each for each in found if turn and each.proposal.pk == turn[0].pk), None),
        lease=leases.order_by("pk").first(),
        last=max(lost, key=attrgetter("pk"), default=None),
        deciding=deciding_loss(lost),
    )


def released_by(lease: Lease) -> int:
    """How many other candidates of its unit this lease released. One query."""
    others = Proposal.objects.filter(vacancy=lease.vacancy_id, routing=lease.routing_id, status=Status.RELEASED)
    return others.count()


def _with_decisions(proposals: QuerySet[Proposal]) -> Iterable[Proposal]:
    """With what a candidate needs: three queries, of which the first finds whose it is, by an index."""
    decisions = CaseDecision.objects.filter(superseded_at=None).select_related("condition_met").order_by("pk")
    return (
        Proposal.objects.filter(pk__in=list(proposals.order_by().values_list("pk", flat=True)))
        .select_related(
            "application", "designation", "proposer", "offer", "end", "vacancy__unit__commune", "routing__holder"
        )
        .select_related("vacancy__unit__programme", "routing__holder__organisation")
        .prefetch_related(Prefetch("decisions", queryset=decisions, to_attr="decisions_in_force"))
        .order_by("position", "pk")
    )


def _candidate(proposal: Proposal, *, named: bool) -> Candidate:
    decisions: list[CaseDecision] = vars(proposal)["decisions_in_force"]
    decision = decisions[0] if decisions else None
    offer = getattr(proposal, "offer", None)
    return Candidate(
        proposal=proposal,
        decision=decision,
        offer=offer,
        met=getattr(decision, "condition_met", None) if decision else None,
        end=getattr(proposal, "end", None),
        named=named,
        letter=letter_kind(proposal, decision),
    )


def _place(each: Candidate) -> tuple[int, tuple[int, int, int], int]:
    """Decided ones first, in the order they are called; then by the order of their proposal."""
    if each.decision is not None and each.decision.keeps:
        return 0, turn_order(each.decision), each.proposal.position
    return (1 if each.is_running else 2), (0, 0, 0), each.proposal.position


@dataclass(frozen=True, slots=True)
class Board:
    """What a landlord has to follow: offers to send, answers awaited (the nearest term first), documents awaited, and
    leases to sign (those that wait for a document left out)."""

    to_send: list[Candidate]
    waiting: list[Candidate]
    conditions: list[Candidate]
    to_sign: list[Candidate]

    @property
    def proposals(self) -> set[int]:
        """The candidates of the page, by id: one that awaits a document may be in two lists."""
        parts = (self.to_send, self.waiting, self.conditions, self.to_sign)
        return {each.proposal.pk for part in parts for each in part}


def board(member: Membership) -> Board:
    """The candidates of a landlord between the decision and the lease. Three queries, whatever their number."""
    kept = Proposal.objects.live().filter(vacancy__landlord=member.landlord, status__in=Proposal.KEPT)
    found = [_candidate(each, named=True) for each in _with_decisions(kept)]
    units: dict[int, list[Candidate]] = {}
    for each in found:
        units.setdefault(each.proposal.vacancy_id, []).append(each)
    called = [
        next_to_call((one.decision for one in unit if one.decision), (one.proposal for one in unit))
        for unit in units.values()
    ]
    turns = {turn[0].pk for turn in called if turn is not None}
    return Board(
        to_send=sorted((one for one in found if one.proposal.pk in turns), key=_since),
        waiting=sorted((one for one in found if one.proposal.status == Status.OFFERED), key=_term),
        conditions=sorted((one for one in found if one.waits_for_document), key=_due),
        to_sign=sorted(
            (one for one in found if one.proposal.status == Status.ACCEPTED and not one.waits_for_document), key=_since
        ),
    )


def _since(each: Candidate) -> tuple[datetime, int]:
    return each.proposal.since, each.proposal.pk


def _term(each: Candidate) -> tuple[date, int]:
    assert each.offer is not None, "offered with an offer"
    return each.offer.answer_by, each.proposal.pk


def _due(each: Candidate) -> tuple[date, int]:
    assert each.decision is not None, "a condition is a decision"
    assert each.decision.document_due_on is not None, "a condition has its term, by a constraint"
    return each.decision.document_due_on, each.proposal.pk
