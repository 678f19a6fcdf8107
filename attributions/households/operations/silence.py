"""The acts on silence.

* Want of candidates: stated at once by the holder, or silence that lapses at its term. Two different things.
* What follows the loss of candidates: the account's allocation, then the holder's clock or the unit's return.
"""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from attributions.households.models import ProposalEnd
from attributions.households.operations.candidate_state import (
    CandidateState,
    ProposalRefused,
    Status,
    lock_candidates,
    move,
)
from attributions.households.queries.deadlines import GIVEN_BACK, deciding_loss
from attributions.notices.announcing import parties, tell
from attributions.notices.models import Notice
from flux.models import FlowEntry, Return, Routing, Vacancy
from flux.operations.departures import HoldRefused, restart_clock, resume_clock
from flux.operations.outcomes import record_allocation, withdraw_outcome
from flux.operations.returning import return_vacancy
from flux.pages.sheet_words import charged_words
from flux.queries.first_letting import outcomes
from flux.queries.returns import clock, effects, silent_routings
from flux.queries.vacancies import latest_routing as where
from flux.queries.vacancies import with_destinations
from flux.words import counted_words
from reservations.models import User
from reservations.models.terms import Side
from reservations.models.wall import atomic_act
from reservations.operations.apart import each_apart
from reservations.words import towards

Kind, Reason = Notice.Kind, Return.Reason

#: The candidates are all lost, and the holder is not the cause.
EXHAUSTED = (Reason.REFUSED, Reason.UNALLOCATED)

#: What is written for a holder that says no more.
NOTHING_MORE = "Aucun candidat à proposer pour ce logement."


@atomic_act
def say_no_candidate(*, routing: Routing, text: str = "", by: User, now: datetime | None = None) -> Return:
    """The holder says at once that it has no candidate: the unit leaves early for whoever comes next.

    `routing` is the one that the person read; `text` may be empty. It counts as the convention that the routing
    applied says of what the holder gives back. Drafts that were never sent are released.

    Raises ProposalRefused: candidates already sent are in the running. Raises HoldRefused or ReturnRefused when the
    unit is no longer there, or is not its to give back.
    """
    now = now or timezone.now()
    state = lock_candidates(routing.vacancy_id, routing=routing.pk)
    _check_nobody_sent(state)
    return give(state, Reason.DECLINED, text=text.strip() or NOTHING_MORE, by=by, now=now)


@atomic_act
def give_unit_back(*, routing: Routing, reason: str, text: str, by: User, now: datetime | None = None) -> Return:
    """Give back the unit that the person read, for a reason of the list: `return_vacancy`, for who has candidates.

    A holder's own word is `say_no_candidate`. What the landlord takes back releases the candidates in the running:
    everybody is notified. Raises what `return_vacancy` raises, and ProposalRefused when the delay is stated to be over
    with candidates in the running."""
    now = now or timezone.now()
    if reason == Reason.DECLINED:
        return say_no_candidate(routing=routing, text=text, by=by, now=now)
    state = lock_candidates(routing.vacancy_id, routing=routing.pk)
    if reason == Reason.NO_CANDIDATE:
        _check_nobody_sent(state)
    return give(state, reason, text=text, by=by, now=now)


def lapse_silent_routings(*, now: datetime | None = None) -> int:
    """Every routing whose last day is over without an answer lapses: how many did. For every night.

    Only of the flow, under direct management with a delay: what the landlord looks for itself, or keeps, never
    lapses by a holder's fault. First lettings and units in stock were agreed on by name: they keep their holder until
    it, or the landlord once the delay is over, hands them on for one turn (docs/decisions/0113). One transaction each:
    one that fails is reported, and tried again the next night.
    """
    now = now or timezone.now()
    silent = silent_routings(today=timezone.localdate(now))
    return each_apart("households.silent_routings", silent, lambda routing: _lapse(routing, now=now), now=now)


@atomic_act
def _lapse(routing: Routing, *, now: datetime) -> bool:
    """Give back one unit at its term, unless somebody acted meanwhile."""
    try:
        state = lock_candidates(routing.vacancy_id, routing=routing.pk)
    except HoldRefused:
        return False
    held = state.routing
    assert held is not None, "`stand` was given the routing that is open"
    asked = clock(held, state.vacancy.kind, today=timezone.localdate(now))
    if asked is None or asked.until is None or asked.delegated or not asked.late or _sent(state):
        return False
    text = f"Sans réponse jusqu’au {asked.until:%d/%m/%Y}, dernier jour du délai."
    give(state, Reason.NO_CANDIDATE, text=text, by=None, now=now)
    return True


def _sent(state: CandidateState) -> bool:
    """Is a candidate that the landlord received still in the running?"""
    return any(each.designation_id for each in state.proposals)


def _check_nobody_sent(state: CandidateState) -> None:
    if _sent(state):
        raise ProposalRefused(
            "Des candidats transmis sont encore en cours pour ce logement : retirez-les d’abord, puis dites que vous "
            "n’en avez pas d’autre."
        )


def give(state: CandidateState, reason: str, *, text: str, by: User | None, now: datetime) -> Return:
    """Release the candidates, give the unit back, and state whom it left, whom it goes to, and the landlord; the
    landlord is not notified of what it did itself.

    Called inside the transaction of the act, with the state that it holds.
    """
    assert state.routing is not None, "a unit that nobody holds is not given back"
    left = parties(state.vacancy, state.routing)
    released = _sent(state)
    given = return_vacancy(routing=state.routing, reason=reason, text=text, by=by, now=now)
    move(state.proposals, Status.RELEASED, now=now)
    if reason in Return.HOLDER_FAULT:
        kind = Kind.LAPSED if reason == Reason.NO_CANDIDATE else Kind.NO_CANDIDATE
        going, receivers = _next(state.vacancy, given)
        effect = counted_words(offered=given.offered, consumed=given.counted)
        tell(kind, state.vacancy, left, now=now, by=by, text=f"{going} Pour qui l’avait, il est {effect}.")
        tell(kind, state.vacancy, receivers - left, now=now, text=going)
    elif reason in EXHAUSTED:
        going, receivers = _next(state.vacancy, given)
        tell(
            Kind.NOBODY_LEFT,
            state.vacancy,
            left | receivers,
            now=now,
            by=by,
            text=f"{Reason(reason).label} : {going}",
        )
    else:  # the landlord's own decision: it knows
        text = f"{Reason(reason).label}{' ; les candidats transmis sont libérés' if released else ''}."
        notified = left - {state.vacancy.unit.landlord.organisation_id}
        tell(Kind.TAKEN_BACK, state.vacancy, notified, now=now, by=by, text=text)
    return given


def _next(vacancy: Vacancy, given: Return) -> tuple[str, set[int]]:
    """Where the unit goes now, in a sentence, and the organisations (by id) that it goes to."""
    recommendation, opened = where(with_destinations(Vacancy.objects.filter(pk=vacancy.pk)).get())
    assert recommendation is not None, "a unit of the flow given back for want of candidates is recommended again"
    counts = charged_words(given, recommendation, vacancy.ledger_id, named=False)
    if opened is not None:
        found = {opened.holder.organisation_id, opened.acting_id or opened.holder.organisation_id}
        whom = opened.acting if opened.acting and opened.holder.is_not_reserved else opened.holder
        return f"Orienté vers {towards(whom)}. {counts}", found
    chain = recommendation.situation.get("chain") or {}
    found = {recommendation.holder.organisation_id}
    if recommendation.holder.is_not_reserved and chain.get("proposer"):
        found.add(int(chain["proposer"]))
    going = f"Recommandé pour {towards(recommendation.holder)}, à confirmer par le bailleur."
    return f"{going} {counts}", found


ExhaustionKind = Notice.Kind

#: By those who may say that a candidate was never there.
TAKEN_BACK = (Side.HOLDER, Side.LANDLORD)


def settle_allocation(state: CandidateState, *, on: date, by: User | None, now: datetime, why: str = "") -> None:
    """Make the account say what the candidates say: allocated while the committee's choice stands for one of them.

    Outside the accounts (stock, subtracted units) there is nothing to write; once the lease is signed nothing moves
    before it is undone. `on` is the day of the decision; `why` is asked when an allocation is undone.
    """
    if state.vacancy.ledger_id is None or state.routing is None:
        return
    today = timezone.localdate(now)
    written = outcomes([state.vacancy]).get(state.vacancy.pk, {})
    if FlowEntry.Stage.LEASED in written:
        return
    kept = bool(state.among(Status.ALLOCATED, Status.OFFERED, Status.ACCEPTED, Status.HOUSED))
    allocated = FlowEntry.Stage.ALLOCATED in written
    if kept and not allocated:
        assert by is not None, "a committee decides, a delay that runs out allocates nothing"
        record_allocation(vacancy=state.vacancy, on=on, by=by, today=today)
    elif allocated and not kept:
        withdraw_outcome(vacancy=state.vacancy, why=why, by=by, today=today)


def nobody_left(state: CandidateState, *, side: str, now: datetime) -> None:
    """Called when candidates ended by the doing of `side`: when none that was sent is left, the holder's clock.

    All taken back by whoever proposed them, or recorded by mistake, they were never there: the holder has left what it
    had when it sent them. When others are the cause of some losses, the delay starts anew if the convention says so of
    one of them; else the landlord gives the unit back (`give_back`).
    """
    routing, vacancy = state.routing, state.vacancy
    if any(each.is_live and each.designation_id for each in state.proposals):
        return
    everybody, today = parties(vacancy, routing), timezone.localdate(now)
    if routing is None:
        if side not in TAKEN_BACK:
            tell(ExhaustionKind.NOBODY_LEFT, vacancy, everybody, now=now)
        return
    lost = {side} if side == Side.UNIT else ({side} | _sides(routing)) - set(TAKEN_BACK)
    if not lost:
        before = routing.answered_on
        until = resume_clock(routing=routing, kind=vacancy.kind, on=today, by_landlord=side == Side.LANDLORD)
        if until is not None and before != today:
            text = f"Les candidats sont retirés, le délai reprend où il en était : jusqu’au {until:%d/%m/%Y}."
            tell(ExhaustionKind.RESTARTED, vacancy, everybody, now=now, text=text)
    elif any(effects(routing.convention, each).restarts for each in lost):
        restart_clock(routing=routing, on=today)
        tell(ExhaustionKind.RESTARTED, vacancy, everybody, now=now)
    else:
        tell(ExhaustionKind.NOBODY_LEFT, vacancy, everybody, now=now)


def _sides(routing: Routing) -> set[str]:
    """Whose doing the losses are since the last time that nobody was left: of the candidates that were in the running
    together, or one before the other was lost. One query."""
    ends = ProposalEnd.objects.filter(proposal__routing=routing, proposal__designation__isnull=False)
    found: set[str] = set()
    over: datetime | None = None
    rows = ends.values_list("proposal__designation__sent_at", "recorded_at", "side")
    for sent_at, ended_at, side in rows.order_by("proposal__designation__sent_at", "pk"):
        if over is not None and sent_at > over:
            found = set()
        found.add(side)
        over = max(over or ended_at, ended_at)
    return found


@atomic_act
def give_back(*, routing: Routing, by: User, now: datetime | None = None) -> Return:
    """The candidates of a routing are all lost: offer the unit again, as the convention counts whose doing it was.
    Drafts are released, and everybody is notified.

    Raises ProposalRefused: a candidate is still in the running, none that was sent was ever lost, or the holder may
    still propose others.
    """
    now = now or timezone.now()
    state = lock_candidates(routing.vacancy_id, routing=routing.pk)
    if any(each.designation_id for each in state.proposals):
        raise ProposalRefused("Un candidat est encore en cours : attendez sa réponse, ou retirez-le d’abord.")
    lost = ProposalEnd.objects.filter(proposal__routing=routing, proposal__designation__isnull=False)
    last = deciding_loss(lost.order_by("pk"))
    if last is None:
        raise ProposalRefused("Aucun candidat n’a encore refusé ni été écarté : ce logement attend des candidats.")
    reason = GIVEN_BACK[Side(last.side)]
    if reason != Return.Reason.WORKS:
        _check_delay_over(state, now)
    text = f"Plus aucun candidat : {last.get_reason_display()}."
    return give(state, reason, text=text, by=by, now=now)


def _check_delay_over(state: CandidateState, now: datetime) -> None:
    """Raises ProposalRefused while the holder may propose others: it was notified so, by the day of that notice."""
    assert state.routing is not None, "`stand` was given the routing that is open"
    asked = clock(state.routing, state.vacancy.kind, today=timezone.localdate(now))
    if asked is not None and asked.runs and not asked.late and not asked.delegated:
        who = state.routing.acting or state.routing.holder
        raise ProposalRefused(
            f"{who} peut proposer d’autres candidats jusqu’au {asked.until:%d/%m/%Y} inclus : attendez ce jour, ou "
            "qu’il dise ne pas en avoir."
        )
