"""Beside a balance, as its page writes it: what became of the units registered, and what leads there; what a board says
of the balances that are sealed."""

from __future__ import annotations

from typing import Any

from attributions.bilan.pages.changes import board_words, changes_table
from attributions.bilan.pages.objective_changes import objective_words, objectives_table
from attributions.bilan.pages.opened import Figure
from attributions.bilan.pages.passages import passage_words
from attributions.bilan.pages.readings import SHOWN, BridgeRow, OtherReading
from attributions.bilan.queries.balance import Balance
from attributions.bilan.queries.changes import changes_on
from attributions.bilan.queries.landlord_figures import Comparison
from attributions.bilan.queries.objectives import Reading
from attributions.bilan.queries.passages import passages
from attributions.bilan.views.figures import opened
from flux.queries.cells import Measures
from reservations.models import Landlord, Territory

#: What the bridge tells, in its order.
CROSSED = {
    "offered": "proposés",
    "allocated": "attribués",
    "leased": "loués",
    "returned": "rendus",
    "refused": "candidatures non abouties",
}


def other_reading(read: Balance) -> OtherReading:
    """No query: the balance holds both readings."""

    def shown(measures: Measures, holder: int | None) -> dict[str, Figure]:
        return {name: opened(read, name, getattr(measures, name), holder=holder, by_cohort=True) for name in SHOWN}

    late = read.late
    return OtherReading(
        [(line.holder, shown(read.cohort.holder(line.holder.pk), line.holder.pk)) for line in read.lines],
        shown(read.cohort.total(), None),
        [_row(read, name, words) for name, words in CROSSED.items()],
        [*((each, None) for each in late.earlier), *((each, each.taken_by) for each in late.since)] if late else [],
    )


def _row(read: Balance, name: str, words: str) -> BridgeRow:
    bridge = read.bridge
    both = getattr(bridge.both, name)
    later = [(year, getattr(of, name)) for year, of in bridge.done_otherwise if getattr(of, name)]
    before = [(year, getattr(of, name)) for year, of in bridge.registered_otherwise if getattr(of, name)]
    return BridgeRow(
        words, both + sum(count for _, count in later), later, before, both + sum(count for _, count in before)
    )


def sealed_objectives(read: Reading, landlord: Landlord | None, place: Territory | None) -> dict[str, Any]:
    """For the page of objectives: `sealed`, sentences, and `leases_since`, a table, None where nothing came. One query
    where something did."""
    found = read.changes(None if landlord is None else {landlord.pk}, place)
    named = Landlord.objects.select_related("organisation").in_bulk({each.landlord for each in found})
    return {"sealed": objective_words(read, found), "leases_since": objectives_table(read, found, named)}


def sealed_on(read: Comparison, place: Territory, objectives: Reading | None = None) -> dict[str, Any]:
    """For the page of a territory: `sealed`, sentences, and `since`, a table, None where nothing came, and
    `leases_since` of its `objectives`; `passages`, of the communes that came to it, or left it, inside the year. Four
    queries, but where a commune passed."""
    found = changes_on(read)
    landlords = {line.landlord.pk: line.landlord for line in read.lines}
    passed = passages(place, read.accounts.year, read.accounts.acts)
    return {
        "sealed": board_words(read, found),
        "since": changes_table(found, landlords) if found else None,
        "leases_since": objectives_table(objectives, objectives.changes(landlords, place), landlords)
        if objectives
        else None,
        "passages": passage_words(passed),
    }
