"""What follows the loss of candidates: the account's allocation, then the holder's clock or the unit's return."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from attributions.models import Notice, ProposalEnd
from attributions.operations.standing import ProposalRefused, Standing, Status, stand
from attributions.operations.telling import parties, tell
from flux.models import FlowEntry, Return, Routing
from flux.operations.holding import record_answer, restart_clock
from flux.operations.outcome import record_allocation, withdraw_outcome
from flux.operations.returning import return_vacancy
from flux.queries.outcome import outcomes
from flux.queries.returning import effects
from reservations.models import User
from reservations.models.terms import Side

Kind = Notice.Kind


def settle_allocation(standing: Standing, *, on: date, by: User | None, now: datetime, why: str = "") -> None:
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


def nobody_left(standing: Standing, *, side: str, now: datetime) -> None:
    """Called when candidates ended by the doing of `side`: when none that was sent is left, the holder's clock.

    Taken back by whoever proposed them, or recorded by mistake, they were never there: the delay goes on from where it
    was. Otherwise it starts anew when the convention says so; else the landlord gives the unit back (`give_back`).
    """
    routing = standing.routing
    if routing is None or any(each.is_live and each.designation_id for each in standing.proposals):
        return
    everybody = parties(standing.vacancy, routing)
    if side in (Side.HOLDER, Side.LANDLORD):
        record_answer(routing=routing, on=None)
    elif effects(routing.convention, side).restarts:
        restart_clock(routing=routing, on=timezone.localdate(now))
        tell(Kind.RESTARTED, standing.vacancy, everybody, now=now)
    else:
        tell(Kind.NOBODY_LEFT, standing.vacancy, everybody, now=now)


#: Whose doing it is when the last candidate is lost → why the unit goes back.
GIVEN_BACK = {
    Side.APPLICANT: Return.Reason.REFUSED,
    Side.COMMITTEE: Return.Reason.UNALLOCATED,
    Side.UNIT: Return.Reason.WORKS,
}


@transaction.atomic
def give_back(*, routing: Routing, by: User, now: datetime | None = None) -> Return:
    """The candidates of a routing are all lost: offer the unit again, as the convention counts whose doing it was.

    Raises ProposalRefused: a candidate is still in the running, or none was ever lost.
    """
    now = now or timezone.now()
    standing = stand(routing.vacancy_id, routing=routing.pk)
    if any(each.designation_id for each in standing.proposals):
        raise ProposalRefused("Un candidat est encore en cours : attendez sa réponse, ou retirez-le d’abord.")
    last = ProposalEnd.objects.filter(proposal__routing=routing, side__in=GIVEN_BACK).order_by("pk").last()
    if last is None:
        raise ProposalRefused("Aucun candidat n’a encore refusé ni été écarté : ce logement attend des candidats.")
    reason = GIVEN_BACK[Side(last.side)]
    text = f"Plus aucun candidat : {last.get_reason_display()}."
    return return_vacancy(routing=routing, reason=reason, text=text, by=by, now=now)
