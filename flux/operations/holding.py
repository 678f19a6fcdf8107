"""Holding a unit and its open routing: what every act on its candidates does first, and what it tells the routing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from flux.models import FlowEntry, Ledger, Routing, Vacancy
from flux.operations.decision import already_cancelled
from flux.queries.delays import proposing_from
from flux.queries.returning import clock
from reservations.deadlines import elapsed
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.refusals import Refusal
from reservations.words import towards


class HoldRefused(Refusal):
    """Meanwhile the unit is not where the person read it; the sentence says where it is."""


@dataclass(frozen=True, slots=True)
class Held:
    """A vacancy locked with its ledgers. `routing` is the one open now, locked too; None when it goes to nobody:
    subtracted from the flow (the landlord's own candidates), or not routed yet."""

    vacancy: Vacancy
    routing: Routing | None


def ledgers_of(vacancy: int) -> Q:
    """The ledgers where a vacancy (by id) has entries, or will, and those of later years, which carry it."""
    return ledgers_of_all([vacancy])


def ledgers_of_all(vacancies: Collection[int]) -> Q:
    """The same of several vacancies: looks at an index, and no join of the entries."""
    own = Vacancy.declared.filter(pk__in=vacancies).order_by().values("ledger")
    moved = FlowEntry.objects.filter(vacancy__in=vacancies).order_by().values("ledger")
    theirs = Q(landlord__ledgers__in=own) | Q(landlord__ledgers__in=moved)
    later = Ledger.objects.ordinary().filter(
        theirs,
        departement=F("landlord__ledgers__departement"),
        exercise__gt=F("landlord__ledgers__exercise"),
    )
    return Q(pk__in=own) | Q(pk__in=moved) | Q(pk__in=later.order_by().values("pk"))


def hold(vacancy: int, *, routing: int | None = None) -> Held:
    """Lock the ledgers of a vacancy (by id), the vacancy, then its open routing, in the order of every act of the flow.

    `routing`: the one that the person read. Raises HoldRefused: cancelled meanwhile, or routed elsewhere since. To be
    called inside the transaction of the act.
    """
    ledgers = ledgers_of(vacancy)
    list(in_order(Ledger.objects.filter(ledgers)))
    held = (
        in_order(Vacancy.declared.all())
        .select_related("unit__landlord__organisation", "unit__commune", "unit__programme")
        .get(pk=vacancy)
    )
    if held.is_cancelled:
        raise HoldRefused(already_cancelled(held))
    current = (
        in_order(Routing.objects.all())
        .select_related("holder__organisation", "convention", "acting")
        .filter(vacancy=held, closed_at=None)
        .order_by("pk")
        .first()
    )
    if routing is not None and (current is None or current.pk != routing):
        where = f"est orienté vers {towards(current.holder)}" if current else "n’est plus orienté"
        raise HoldRefused(f"Entre-temps, ce logement {where}. Relisez sa page, puis décidez de nouveau.")
    return Held(held, current)


@atomic
def record_answer(*, routing: Routing, on: date | None) -> None:
    """The holder sent its candidates on that day: its clock stops. None: it never did, and its clock never stopped."""
    routing.answered_on = on
    routing.save(update_fields=["answered_on"])


@atomic
def restart_clock(*, routing: Routing, on: date) -> None:
    """The candidates are lost, and the convention gives the holder a new delay from that day."""
    routing.answered_on, routing.clock_from, routing.clock_held = None, on, 0
    routing.save(update_fields=["answered_on", "clock_from", "clock_held"])


@atomic
def resume_clock(
    *, routing: Routing, kind: str, on: date, since: date | None = None, by_landlord: bool = False
) -> date | None:
    """The candidates are taken back: on that day the holder has left what it had when it sent them.

    The days since then are not its own (docs/decisions/0019), nor those since `since` when nothing was sent and it
    could not propose. Taken back by the landlord, it never has less than the next day that counts: it could not know.
    `kind` is that of the vacancy. The last day, None without a delay.
    """
    start = proposing_from(routing)
    since, routing.answered_on = max(routing.answered_on or since or on, start), None
    asked = clock(routing, kind, today=on)
    if asked is None or asked.until is None:
        record_answer(routing=routing, on=None)
        return None
    routing.clock_held += elapsed(since, on, asked.how)
    until = _until(routing, kind, on)
    if by_landlord and until <= on:
        routing.clock_held += elapsed(until, on, asked.how) + 1
        until = _until(routing, kind, on)
    routing.save(update_fields=["answered_on", "clock_held"])
    return until


def _until(routing: Routing, kind: str, on: date) -> date:
    read = clock(routing, kind, today=on)
    assert read is not None
    assert read.until is not None, "read before with a delay"
    return read.until
