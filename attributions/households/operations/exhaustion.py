"""What follows the loss of candidates: the account's allocation, then the holder's clock or the unit's return."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from attributions.households.models import ProposalEnd
from attributions.households.operations.silence import give
from attributions.households.operations.standing import CandidateStanding, ProposalRefused, Status, stand
from attributions.households.queries.deciding import GIVEN_BACK, deciding_loss
from attributions.notices.models import Notice
from attributions.notices.telling import parties, tell
from flux.models import FlowEntry, Return, Routing
from flux.operations.holding import restart_clock, resume_clock
from flux.operations.outcome import record_allocation, withdraw_outcome
from flux.queries.outcome import outcomes
from flux.queries.returning import clock, effects
from reservations.models import User
from reservations.models.terms import Side
from reservations.models.wall import atomic_act

Kind = Notice.Kind

#: By those who may say that a candidate was never there.
TAKEN_BACK = (Side.HOLDER, Side.LANDLORD)


def settle_allocation(standing: CandidateStanding, *, on: date, by: User | None, now: datetime, why: str = "") -> None:
    """Make the account say what the candidates say: allocated while the committee's choice stands for one of them.

    Outside the accounts (stock, subtracted units) there is nothing to write; once the lease is signed nothing moves
    before it is undone. `on` is the day of the decision; `why` is asked when an allocation is undone.
    """
    if standing.vacancy.ledger_id is None or standing.routing is None:
        return
    today = timezone.localdate(now)
    written = outcomes([standing.vacancy]).get(standing.vacancy.pk, {})
    if FlowEntry.Stage.LEASED in written:
        return
    kept = bool(standing.among(Status.ALLOCATED, Status.OFFERED, Status.ACCEPTED, Status.HOUSED))
    allocated = FlowEntry.Stage.ALLOCATED in written
    if kept and not allocated:
        assert by is not None, "a committee decides, a delay that runs out allocates nothing"
        record_allocation(vacancy=standing.vacancy, on=on, by=by, today=today)
    elif allocated and not kept:
        withdraw_outcome(vacancy=standing.vacancy, why=why, by=by, today=today)


def nobody_left(standing: CandidateStanding, *, side: str, now: datetime) -> None:
    """Called when candidates ended by the doing of `side`: when none that was sent is left, the holder's clock.

    All taken back by whoever proposed them, or recorded by mistake, they were never there: the holder has left what it
    had when it sent them. When others are the cause of some losses, the delay starts anew if the convention says so of
    one of them; else the landlord gives the unit back (`give_back`).
    """
    routing, vacancy = standing.routing, standing.vacancy
    if any(each.is_live and each.designation_id for each in standing.proposals):
        return
    everybody, today = parties(vacancy, routing), timezone.localdate(now)
    if routing is None:
        if side not in TAKEN_BACK:
            tell(Kind.NOBODY_LEFT, vacancy, everybody, now=now)
        return
    lost = {side} if side == Side.UNIT else ({side} | _sides(routing)) - set(TAKEN_BACK)
    if not lost:
        before = routing.answered_on
        until = resume_clock(routing=routing, kind=vacancy.kind, on=today, by_landlord=side == Side.LANDLORD)
        if until is not None and before != today:
            text = f"Les candidats sont retirés, le délai reprend où il en était : jusqu’au {until:%d/%m/%Y}."
            tell(Kind.RESTARTED, vacancy, everybody, now=now, text=text)
    elif any(effects(routing.convention, each).restarts for each in lost):
        restart_clock(routing=routing, on=today)
        tell(Kind.RESTARTED, vacancy, everybody, now=now)
    else:
        tell(Kind.NOBODY_LEFT, vacancy, everybody, now=now)


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
    Drafts are released, and everybody is told.

    Raises ProposalRefused: a candidate is still in the running, none that was sent was ever lost, or the holder may
    still propose others.
    """
    now = now or timezone.now()
    standing = stand(routing.vacancy_id, routing=routing.pk)
    if any(each.designation_id for each in standing.proposals):
        raise ProposalRefused("Un candidat est encore en cours : attendez sa réponse, ou retirez-le d’abord.")
    lost = ProposalEnd.objects.filter(proposal__routing=routing, proposal__designation__isnull=False)
    last = deciding_loss(lost.order_by("pk"))
    if last is None:
        raise ProposalRefused("Aucun candidat n’a encore refusé ni été écarté : ce logement attend des candidats.")
    reason = GIVEN_BACK[Side(last.side)]
    if reason != Return.Reason.WORKS:
        _check_delay_over(standing, now)
    text = f"Plus aucun candidat : {last.get_reason_display()}."
    return give(standing, reason, text=text, by=by, now=now)


def _check_delay_over(standing: CandidateStanding, now: datetime) -> None:
    """Raises ProposalRefused while the holder may propose others: it was told so, by the day that it was told."""
    assert standing.routing is not None, "`stand` was given the routing that is open"
    asked = clock(standing.routing, standing.vacancy.kind, today=timezone.localdate(now))
    if asked is not None and asked.runs and not asked.late and not asked.delegated:
        who = standing.routing.acting or standing.routing.holder
        raise ProposalRefused(
            f"{who} peut proposer d’autres candidats jusqu’au {asked.until:%d/%m/%Y} inclus : attendez ce jour, ou "
            "qu’il dise ne pas en avoir."
        )
