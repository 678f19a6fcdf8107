"""What is read of changes.

* What differs from a sealed balance, a line an act and a cell: its cause, what it moves, and the balance that takes
  it (docs/decisions/0121).
* What a recount by the day of each movement finds in another year than the acts are of: undone leases, re-routings.
* A balance counts what undoes an act in the year of that act (docs/decisions/0036); a movement bears the day it was
  written. The two differ by these signed corrections, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, Sum
from django.utils import timezone

from attributions.bilan.moved import Cause, Moved
from attributions.bilan.queries.landlord_figures import Comparison
from attributions.bilan.queries.since import NOTHING, Since
from flux.models import FlowEntry, Ledger
from flux.queries.cells import COLUMNS, SUMMED, Axis, Measures, bounds_of, category_of
from reservations.models import ReservationHolder, Territory
from reservations.models.once_a_request import by_id
from reservations.models.territory import end_of

#: The measures of first lettings, as balances name them.
FIRST = {"offered": "first_lettings", "allocated": "first_allocated", "leased": "first_leased"}
#: The figures of an account that the cells do not count.
OF_ACCOUNTS = ("due", "received", "routed", "awaiting")


@dataclass(frozen=True, slots=True)
class Change:
    """One act, in one cell: `figures`, by measure, are to be added to what was sealed; `due` in millionths of a unit.

    `unit`: its reference, "" for who may not open it. `acted_on`: None for a description, under which many acts are.
    `categories`: of each axis, a commune by its name; empty for what bears on no unit. `taken_by`: the year of the
    balance that takes it, besides the next version of its own; None when only that does.
    """

    landlord: int
    departement: str
    cause: Cause
    vacancy: int | None
    unit: str
    acted_on: date | None
    recorded_on: date
    holder: ReservationHolder
    categories: dict[Axis, str]
    figures: dict[str, int]
    taken_by: int | None

    @property
    def act(self) -> tuple[int, Cause, int | None, date | None, date]:
        """What states an act from another, whatever the cells that it moves."""
        return self.landlord, self.cause, self.vacancy, self.acted_on, self.recorded_on


def changes(since: Since, year: int, ledgers: Collection[Ledger], *, opens: bool) -> tuple[Change, ...]:
    """In the order in which they were recorded. `ledgers`: the accounts that are read; `opens`: may the reader open the
    units? Three queries, none where nothing came."""
    if not since.moved:
        return ()
    holders = by_id(ReservationHolder, {each.holder for each in since.moved}, "organisation")
    places = Territory.objects.as_on(since.communes, end_of(year))
    bounds = bounds_of(ledgers, year)
    found: dict[tuple[object, ...], tuple[Moved, dict[str, int]]] = {}
    for each in since.moved:
        key = (
            *(each.seal.key, each.cause, each.vacancy, each.holder, _acted_on(each)),
            *(timezone.localdate(each.recorded_at), each.description, each.taken_by if each.measure else 0),
        )
        _, figures = found.setdefault(key, (each, {}))
        for name, value in _figures_moved(each):
            figures[name] = figures.get(name, 0) + value
    lines = []
    for each, figures in found.values():
        moved = {name: value for name, value in figures.items() if value}
        if moved:
            raw = dict(zip(COLUMNS, each.described, strict=True)) if each.described else {}
            categories = {
                axis: places[value].name if axis == Axis.COMMUNE else category_of(axis, value, bounds)
                for axis, value in raw.items()
            }
            lines.append(
                Change(
                    each.seal.key.landlord,
                    each.seal.departement,
                    each.cause,
                    each.vacancy,
                    each.unit if opens else "",
                    _acted_on(each),
                    timezone.localdate(each.recorded_at),
                    holders[each.holder],
                    categories,
                    moved,
                    each.taken_by,
                )
            )
    return tuple(lines)


def _acted_on(each: Moved) -> date | None:
    return None if each.cause == Cause.DESCRIBED else each.acted_on


def changes_on(read: Comparison) -> tuple[Change, ...]:
    """The same of the landlords of a territory; no unit is opened."""
    return changes(read.since, read.accounts.year, read.accounts.books, opens=False)


def _figures_moved(each: Moved) -> Iterable[tuple[str, int]]:
    """Its measure, by act or of the account, and what it moves of what is due and received."""
    if each.measure:
        yield FIRST.get(each.measure, each.measure) if each.first else each.measure, each.quantity
    if not each.first:
        figures = each.figures()
        yield from ((name, figures[name]) for name in OF_ACCOUNTS if name in figures)


def acts_of(found: Iterable[Change]) -> int:
    """How many acts they are."""
    return len({each.act for each in found})


STAGES = {name.upper(): name for name in SUMMED}


@dataclass(frozen=True, slots=True)
class Correction:
    """Of one holder and one other year: what is to be added to the acts of a year to find the movements dated in it.
    Less than nothing: written in the year, it undid acts of the other; more: acts of the year, undone in the other."""

    holder: ReservationHolder
    year: int
    measures: Measures


def corrections(
    acts: Iterable[Ledger], year: int, communes: Collection[int] | None = None, *, since: Since = NOTHING
) -> tuple[Correction, ...]:
    """Those of the yearly accounts among `acts`, on some communes (ids) or on all, by holder then year, less what was
    written `since` a seal. Two queries, that read only what undid something."""
    books = [ledger.pk for ledger in acts if ledger.kind == Ledger.Kind.ORDINARY]
    # Of any stage: asked for some, PostgreSQL reads all of theirs, by another index.
    undone = FlowEntry.objects.filter(~Q(acted_on=F("on")), ledger__in=books, vacancy__ledger=F("ledger"))
    if communes is not None:
        undone = undone.filter(description__commune__in=communes)
    rows: Iterable[Any] = (
        undone.filter(Q(on__year=year) | Q(acted_on__year=year))
        .exclude(on__year=F("acted_on__year"))
        .order_by()
        .values_list("holder", "stage", "on__year", "acted_on__year")
        .annotate(sum=Sum("quantity"))
    )
    found: dict[tuple[int, int], dict[str, int]] = {}
    moved = (
        (each.holder, each.stage, each.on.year, each.acted_on.year, -each.quantity)
        for each in since.among(books).moved
        if each.own and each.on.year != each.acted_on.year and year in (each.on.year, each.acted_on.year)
    )
    for holder, stage, written, acted, quantity in (*rows, *moved):
        if stage not in STAGES:
            continue
        other, sign = (acted, 1) if written == year else (written, -1)
        of, name = found.setdefault((holder, other), {}), STAGES[stage]
        of[name] = of.get(name, 0) + sign * quantity
    holders = by_id(ReservationHolder, {holder for holder, _ in found}, "organisation")
    lines = (Correction(holders[holder], other, Measures(**of)) for (holder, other), of in sorted(found.items()))
    return tuple(line for line in lines if line.measures)
