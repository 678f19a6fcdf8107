"""What became of a routed unit: allocated by the committee, then let. Each is one entry of the account."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, Sum
from django.utils import timezone

from flux.models import FlowEntry, Ledger, Routing, Vacancy
from flux.operations.decision import already_cancelled
from flux.operations.vacancy import check_not_free_again
from flux.queries.outcome import dated_by_lease, outcomes
from reservations.models import HistoryEntry, ReservationHolder, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak

Stage = FlowEntry.Stage


class OutcomeRefused(Refusal):
    """The unit cannot be said allocated or let; the sentence says what to do first."""


@atomic
def record_allocation(*, vacancy: Vacancy, on: date, by: User, today: date) -> Routing:
    """The committee allocated the unit to a household of the holder it is routed to, on a day (CCH, R441-3).

    Raises OutcomeRefused: not routed, already allocated, a day before the routing or still to come.
    """
    routing = _routed(vacancy)
    _check_day(routing, on, today)
    if _standing(routing, Stage.ALLOCATED):
        raise OutcomeRefused("Ce logement est déjà attribué. Rechargez la page.")
    _add(routing, Stage.ALLOCATED, 1, on=on, by=by)
    return routing


@atomic
def record_lease(*, vacancy: Vacancy, on: date, by: User, today: date) -> Routing:
    """The lease was signed on a day: the allocation is effective (CCH, L441-1). Allocated the same day if not before.

    Raises OutcomeRefused: not routed, already let, a day before the routing or still to come.
    """
    routing = _routed(vacancy)
    _check_day(routing, on, today)
    if _standing(routing, Stage.LEASED):
        raise OutcomeRefused("Le bail de ce logement est déjà signé. Rechargez la page.")
    if not _standing(routing, Stage.ALLOCATED):
        _add(routing, Stage.ALLOCATED, 1, on=on, by=by)
    _add(routing, Stage.LEASED, 1, on=on, by=by)
    return routing


@atomic
def date_allocation(*, vacancy: Vacancy, on: date, by: User, today: date) -> Routing:
    """The committee allocated the unit on a day, and the account has that of the lease alone: two entries take the one
    back and write the other. The day of the lease itself may be confirmed.

    Raises OutcomeRefused: no such allocation, or a day outside the routing and the lease.
    """
    routing = _routed(vacancy)
    found = outcomes([vacancy]).get(vacancy.pk, {})
    if not dated_by_lease(found):
        raise OutcomeRefused(
            "Le jour de l’attribution n’est pas connu par le seul bail : annulez ce qui est faux, puis "
            "enregistrez-le à nouveau."
        )
    routed_on, signed_on = timezone.localdate(routing.routed_at), found[Stage.LEASED]
    if not routed_on <= on <= signed_on:
        raise OutcomeRefused(
            f"Choisissez un jour entre l’orientation, le {routed_on:%d/%m/%Y}, et celui du bail, le "
            f"{signed_on:%d/%m/%Y}.",
            field="on",
        )
    _add(routing, Stage.ALLOCATED, -1, on=today, by=by, why="L’attribution n’était connue que par son bail.")
    _add(routing, Stage.ALLOCATED, 1, on=on, by=by)
    return routing


@atomic
def withdraw_outcome(*, vacancy: Vacancy, why: str, by: User | None, today: date) -> Routing:
    """Undo the latest of the two: the lease, else the allocation, by an entry of the opposite sign.

    Raises OutcomeRefused: nothing to undo, or no reason given.
    """
    routing = _routed(vacancy)
    if not why.strip():
        raise OutcomeRefused("Dites pourquoi, en une phrase : le compte la garde.", field="why")
    for stage in (Stage.LEASED, Stage.ALLOCATED):
        if _standing(routing, stage):
            if stage == Stage.LEASED:
                check_not_free_again(vacancy)
            with constraints_speak(Vacancy):
                _add(routing, stage, -1, on=today, by=by, why=why)
            return routing
    raise OutcomeRefused("Ce logement n’est ni attribué ni loué : il n’y a rien à annuler.")


def _routed(vacancy: Vacancy) -> Routing:
    """The open routing of a unit of an account, its ledger held."""
    if vacancy.ledger_id is None:
        raise OutcomeRefused("Ce logement n’entre dans aucun compte : son bail se suit hors du flux.")
    in_order(Ledger.objects.all()).get(pk=vacancy.ledger_id)
    gone = Vacancy.declared.select_related("unit").filter(pk=vacancy.pk, cancelled_at__isnull=False)
    for cancelled in gone.order_by("pk"):
        raise OutcomeRefused(already_cancelled(cancelled))
    routing = vacancy.routings.select_related("holder__organisation").filter(closed_at=None).order_by("pk").first()
    if routing is None:
        raise OutcomeRefused("Ce logement n’est orienté vers personne : confirmez d’abord son orientation.")
    return routing


def _check_day(routing: Routing, on: date, today: date) -> None:
    routed_on = timezone.localdate(routing.routed_at)
    if not routed_on <= on <= today:
        raise OutcomeRefused(
            f"Choisissez un jour entre l’orientation, le {routed_on:%d/%m/%Y}, et aujourd’hui, le {today:%d/%m/%Y}.",
            field="on",
        )


def _standing(routing: Routing, stage: Stage) -> bool:
    entries = routing.vacancy.entries.filter(stage=stage, holder=routing.holder_id)
    return bool(entries.aggregate(sum=Sum("quantity"))["sum"])


def _add(routing: Routing, stage: Stage, quantity: int, *, on: date, by: User | None, why: str = "") -> None:
    """Write it for the holder of the routing, and in the yearly account that counts a first letting as received.

    A return that used its holder's turn left that holder its unit: it is not the one who houses.
    """
    own = routing.vacancy.ledger_id
    assert own is not None, "`_routed` lets only the units of an account through"
    FlowEntry.objects.bulk_create(
        FlowEntry(
            ledger_id=ledger,
            holder_id=holder,
            vacancy=routing.vacancy,
            stage=stage,
            quantity=quantity,
            on=on,
        )
        for ledger, holder in ((own, routing.holder_id), *_received_elsewhere(routing))
    )
    record(routing.vacancy, HistoryEntry.Act.RECORDED, by=by, why=why, details={stage: [0, quantity]})


def _received_elsewhere(routing: Routing) -> list[tuple[int, int]]:
    """(ledger, holder) of the other account where a first letting inside the percentages counts, none otherwise.

    There it counts for the routing's holder, or for the landlord when that holder's convention leaves it out.
    """
    routed = (
        routing.vacancy.entries.filter(stage=Stage.ROUTED)
        .exclude(Q(ledger=routing.vacancy.ledger_id) | Q(ledger__kind=Ledger.Kind.ONE_TURN))
        .order_by("ledger", "holder")
        .values("ledger", "holder", "holder__contingent")
        .annotate(standing=Sum("quantity"))
        .filter(standing__gt=0)
    )
    receivers = {
        row["ledger"]: row["holder"]
        for row in sorted(routed, key=lambda row: row["holder"] == routing.holder_id)
        if row["holder"] == routing.holder_id or row["holder__contingent"] == ReservationHolder.Contingent.NOT_RESERVED
    }
    return sorted(receivers.items())
