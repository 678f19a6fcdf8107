"""What is read of deadlines.

* Is a household over the income ceiling of a unit? A warning for whoever instructs: the committee rejects, not we.
* Terms of a household, to answer an offer or to bring a document: what came in time is recorded a little later.
* Whose turn it is among the candidates that the committee kept.
* What lapses first: offers whose term is today, or over, and whose answer nobody recorded (CCH, R441-10); documents
  that a committee asked for by today (R441-3).
* The loss that decides why a unit without any candidate left goes back, and whether it does.
* Why a candidate ends, and what each reason does to the account: stated where the reason is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from django.db.models import Q, QuerySet

from attributions.households.fitting import category_of
from attributions.households.models import CaseDecision, HouseholdFacts, Offer, Proposal, ProposalEnd
from flux.models import Return, Routing, Unit, Vacancy
from flux.queries.needs import ceilings_for
from flux.queries.returns import Effects, effects, routing_effects
from reservations.deadlines import deadline
from reservations.models import Membership
from reservations.models.terms import Side


@dataclass(frozen=True, slots=True)
class Comparison:
    """An income beside the ceiling of a unit, in euros a year."""

    income: int
    ceiling: int

    @property
    def is_over(self) -> bool:
        return self.income > self.ceiling


def compared(household: HouseholdFacts, unit: Unit, *, on: date) -> Comparison | None:
    """The income of a household beside the ceiling of a unit; None when either is not known. One query."""
    category = category_of(household)
    if household.income is None or not category:
        return None
    most = ceilings_for(unit, on=on).most(category)
    return None if most is None else Comparison(household.income, most)


def recorded_until(term: date, routing: Routing | None) -> date:
    """The last day to record what came by the end of a term, a calendar day: the first working day after it, of the
    convention that the routing applied. The night after, what was not recorded did not come (docs/decisions/0022).

    No query when the convention is fetched.
    """
    convention = routing.convention if routing is not None else None
    return deadline(term, 1, local=convention is not None and convention.local_holidays)


Status = Proposal.Status


def turn_order(decision: CaseDecision) -> tuple[int, int, int]:
    """The oldest session first; then the only one allocated; then by rank, a lone conditional one last."""
    first = decision.kind == CaseDecision.Kind.ALLOCATED
    return decision.item_id, 0 if first else (decision.rank or 10_000), decision.pk


def next_to_call(
    decisions: Iterable[CaseDecision], proposals: Iterable[Proposal]
) -> tuple[Proposal, CaseDecision] | None:
    """The candidate to whom the offer goes, with its decision; None while an offer stands, or when none is left.

    `proposals`: those of one unit still in the running; `decisions`: theirs, those corrected left out. No query.
    """
    of = {decision.proposal_id: decision for decision in decisions if decision.superseded_at is None and decision.keeps}
    running = list(proposals)
    if any(each.status in (Status.OFFERED, Status.ACCEPTED, Status.HOUSED) for each in running):
        return None
    waiting = [(each, of[each.pk]) for each in running if each.status == Status.ALLOCATED and each.pk in of]
    return min(waiting, key=lambda pair: turn_order(pair[1]), default=None)


def lapsing(member: Membership, *, today: date) -> QuerySet[Offer]:
    """The offers of a landlord's units, or of those routed to a holder, or to whom it acts for."""
    return Offer.objects.filter(_own(member), answer="", answer_by__lte=today, proposal__status=Proposal.Status.OFFERED)


def documents_lapsing(member: Membership, *, today: date) -> QuerySet[CaseDecision]:
    """The decisions whose document is due by today, of the same units, until somebody records whether it came."""
    return CaseDecision.objects.filter(
        _own(member),
        kind=CaseDecision.Kind.CONDITIONAL,
        superseded_at=None,
        condition_met=None,
        document_due_on__lte=today,
        proposal__status__in=Proposal.KEPT,
        proposal__routing__closed_at=None,
    )


def accepted_lapsing(member: Membership, *, today: date) -> int:
    """How many units await such a document and nothing else: their household has accepted. One query."""
    kept = documents_lapsing(member, today=today).filter(proposal__status=Proposal.Status.ACCEPTED)
    return kept.values("proposal__vacancy").distinct().count()


def _own(member: Membership) -> Q:
    """On what belongs to a proposal: of a landlord's unit, or of one routed to a holder or to whom it acts for."""
    own = member.organisation_id
    mine = Q(proposal__vacancy__landlord__organisation=own) if member.is_landlord else Q(pk__in=[])
    if member.is_holder:
        mine |= Q(proposal__routing__holder__organisation=own) | Q(proposal__routing__acting=own)
    return mine


#: Whose doing it is when the last candidate is lost → why the unit goes back.
GIVEN_BACK = {
    Side.APPLICANT: Return.Reason.REFUSED,
    Side.COMMITTEE: Return.Reason.UNALLOCATED,
    Side.UNIT: Return.Reason.WORKS,
}


def deciding_loss(ends: Iterable[ProposalEnd]) -> ProposalEnd | None:
    """The latest of these ends of candidates that were sent, those taken back left out: they were never there. None
    when there is no other."""
    return max((each for each in ends if each.side in GIVEN_BACK), key=attrgetter("pk"), default=None)


def goes_back(vacancy: Vacancy, routing: Routing | None, loss: ProposalEnd | None) -> bool:
    """Is a unit that nobody is left for given back by its landlord? Of the flow only; of the landlord's own share, for
    works only: it has nobody to give it back to. `loss`: the deciding one, None for who does not read it."""
    if routing is None or vacancy.kind != Vacancy.Kind.IN_FLOW:
        return False
    if routing.holder.is_not_reserved and not routing.on_landlords_part:
        return loss is not None and GIVEN_BACK[Side(loss.side)] == Return.Reason.WORKS
    return True


Reason = ProposalEnd.Reason


@dataclass(frozen=True, slots=True)
class ReasonChoice:
    """A reason that may be given: its words, whose doing it is, and its effects under the convention applied (None: it
    is for a candidate that was not sent, whose end does nothing to the account)."""

    reason: str
    words: str
    side: str
    effects: Effects | None

    @property
    def whose(self) -> str:
        """« le demandeur », « le réservataire »…"""
        return str(Side(self.side).label)


def reason_choices(routing: Routing | None, reasons: Iterable[str], *, sent: bool = True) -> list[ReasonChoice]:
    """Each of these reasons with what it does: what `end` will write beside it. No query when the convention is
    fetched. Without routing (subtracted from the flow), the defaults, that no account reads; not `sent`, none."""
    sides = [(Reason(reason), ProposalEnd.SIDES[Reason(reason)]) for reason in reasons]
    return [
        ReasonChoice(
            reason.value,
            str(reason.label),
            side.value,
            (routing_effects(routing, side) if routing else effects(None, side)) if sent else None,
        )
        for reason, side in sides
    ]
