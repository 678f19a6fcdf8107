"""What a recount by the day of each movement finds in another year than the acts are of: undone leases, re-routings.

A balance counts what undoes an act in the year of that act (docs/decisions/0036); a movement bears the day it was
written. The two differ by these signed corrections, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Sum

from attributions.bilan.queries.since import NOTHING, Since
from flux.models import FlowEntry, Ledger
from flux.queries.cells import SUMMED, Measures
from reservations.models import ReservationHolder

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
    holders = ReservationHolder.objects.select_related("organisation").in_bulk({holder for holder, _ in found})
    lines = (Correction(holders[holder], other, Measures(**of)) for (holder, other), of in sorted(found.items()))
    return tuple(line for line in lines if line.measures)
