"""What offers, conditions, withdrawals and leases share: call the next rank, and what follows a candidate that is lost.

What follows by itself and what waits for a person: docs/decisions/0022.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.utils import timezone

from attributions.households.models import CaseDecision, Offer, Proposal, ProposalEnd
from attributions.households.operations.exhaustion import nobody_left, settle_allocation
from attributions.households.operations.sitting import drop_empty_item
from attributions.households.operations.standing import CandidateStanding, Status, end, move
from attributions.households.queries.turn import next_to_call
from attributions.notices.models import Notice
from attributions.notices.telling import parties, tell
from flux.models import Routing
from reservations.models import LegalParameter, User
from reservations.refusals import constraints_speak

Kind = Notice.Kind


def standing_decisions(proposals: Iterable[Proposal]) -> list[CaseDecision]:
    """The decisions of the committee that stand for these candidates. One query."""
    return list(CaseDecision.objects.filter(proposal__in=list(proposals), superseded_at=None).order_by("pk"))


def shortest_term(on: date) -> date:
    """The last day to answer an offer sent on a day, at the earliest (CCH, R441-10)."""
    return on + timedelta(days=int(LegalParameter.objects.value_on(LegalParameter.Code.OFFER_DAYS_MIN, on)))


def offer_to(
    proposal: Proposal, decision: CaseDecision, *, answer_by: date | None = None, by: User | None, now: datetime
) -> Offer:
    """Write the offer of a candidate held, and put it in that state. `by` is None when it follows a refusal."""
    today = timezone.localdate(now)
    with constraints_speak(Offer, Proposal):
        offer = Offer.objects.create(
            proposal=proposal,
            decision=decision,
            sent_on=today,
            answer_by=answer_by or shortest_term(today),
            sent_by=by,
        )
        move([proposal], Status.OFFERED, now=now)
    return offer


def call_next(standing: CandidateStanding, *, now: datetime) -> Offer | None:
    """Send the offer to the next rank the same day, and tell every party; None when there is none."""
    called = next_to_call(standing_decisions(standing.among(Status.ALLOCATED)), standing.proposals)
    if called is None:
        return None
    proposal, decision = called
    offer = offer_to(proposal, decision, by=None, now=now)
    text = f"Rang suivant appelé : réponse jusqu’au {offer.answer_by:%d/%m/%Y}."
    tell(Kind.OFFER_SENT, standing.vacancy, parties(standing.vacancy, standing.routing), now=now, text=text)
    return offer


def close_offers(proposals: Iterable[Proposal], *, now: datetime) -> list[Offer]:
    """The offers of candidates that go: accepted and without effect, since that day, or cancelled now. The others
    stay."""
    standing = ("", Offer.Answer.ACCEPTED)
    found = list(Offer.objects.filter(proposal__in=list(proposals), answer__in=standing).order_by("pk"))
    for offer in found:
        offer.answered_on = offer.answered_on or timezone.localdate(now)
        offer.answer = Offer.Answer.WITHDRAWN if offer.answer else Offer.Answer.CANCELLED
        offer.save(update_fields=["answer", "answered_on"])
    return found


def lose(
    standing: CandidateStanding,
    lost: Sequence[Proposal],
    reason: str,
    *,
    on: date | None = None,
    by: User | None,
    now: datetime,
    text: str = "",
    told: Notice.Kind,
    to: Iterable[int] | None = None,
) -> Offer | None:
    """Candidates end for a reason, on a day (today when nobody dated it), and what follows: their offers, the next rank
    when one of them had an offer, the allocation of the account, the holder's clock. `told` to the organisations `to`,
    by default every party.

    The offer sent to the next rank, None when nobody is called.
    """
    examined = any(each.status == Status.ON_AGENDA for each in lost)
    called = any(each.status in (Status.OFFERED, Status.ACCEPTED) for each in lost)
    kept = any(each.status in Proposal.KEPT for each in lost)
    sent = [each for each in lost if each.designation_id]
    close_offers(lost, now=now)
    end(lost, reason, on=on, by=by, now=now, text=text)
    label = str(ProposalEnd.Reason(reason).label)
    if sent:
        everybody = parties(standing.vacancy, standing.routing)
        one = lost[0] if len(lost) == 1 else None
        tell(told, standing.vacancy, everybody if to is None else to, now=now, by=by, text=f"{label}.", proposal=one)
    offer = call_next(standing, now=now) if called else None
    if examined:
        drop_empty_item(standing, now=now)
    if kept:
        why = f"Plus aucun candidat retenu : {label}."
        settle_allocation(standing, on=timezone.localdate(now), by=by, now=now, why=why)
    if sent:
        nobody_left(standing, side=ProposalEnd.SIDES[ProposalEnd.Reason(reason)], now=now)
    return offer


def holders_side(routing: Routing | None) -> set[int]:
    """The holder, and whoever proposes in its name: what the landlord did is told to them, it knows it itself."""
    if routing is None:
        return set()
    return {routing.holder.organisation_id} | ({routing.acting_id} if routing.acting_id else set())
