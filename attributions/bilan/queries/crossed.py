"""What was done in a year by holder and whole description of units, its five axes crossed (CCH, R441-5-1): the rows
that the national table publishes, which add up to every table of the balance."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Sum

from attributions.bilan.queries.balance import Balance
from flux.models import FlowCell, Ledger
from flux.queries.cells import COLUMNS, Axis, bounds_of, category_of
from reservations.models import ReservationHolder, Territory
from reservations.models.territory import end_of

#: Those of the national table, in its order: the two of the article, then what became of them.
DONE = ("offered", "allocated", "leased", "returned", "refused")

#: What a cell is of: its account, then the raw columns of its description.
GROUPED = (
    *("ledger__kind", "ledger__departement__code", "holder"),
    *("rooms", "financing_code", "in_qpv", "commune", "construction_year"),
)


@dataclass(frozen=True, slots=True)
class Crossed:
    """What one holder was offered in a year, and what became of it, among units of one description. `categories` are
    those of each axis but the commune, "" where the description does not say. `figures`, in the order of DONE."""

    first_letting: bool
    departement: str
    holder: ReservationHolder
    commune: Territory
    categories: dict[Axis, str]
    figures: tuple[int, ...]


def crossed(read: Balance) -> list[Crossed]:
    """The rows of a balance with a figure, by département, holder, account, commune then description, as limited as it
    is. Four queries, whose cost is that of the cells."""
    cells = FlowCell.objects.filter(ledger__in=[ledger.pk for ledger in read.acts], year=read.year)
    if read.communes is not None:
        cells = cells.filter(commune__in=read.communes)
    rows = list(cells.order_by().values_list(*GROUPED).annotate(*map(Sum, DONE)))
    since = list(read.since.cells())
    named = {row[2] for row in rows} | {each.holder for each in since}
    holders = ReservationHolder.objects.select_related("organisation").in_bulk(named)
    places = Territory.objects.as_on({row[6] for row in rows} | read.since.communes, end_of(read.year))
    bounds = bounds_of({*read.ledgers, *read.acts}, read.year)
    found: dict[tuple[bool, str, int, int, tuple[str, ...]], list[int]] = defaultdict(lambda: [0] * len(DONE))
    axes = (Axis.TYPOLOGY, Axis.FINANCING, Axis.QPV, Axis.PERIOD)
    for kind, departement, holder, rooms, financing, in_qpv, commune, built, *figures in rows:
        raw = zip(axes, (rooms, financing, in_qpv, built), strict=True)
        described = tuple(category_of(axis, value, bounds) for axis, value in raw)
        of = found[kind == Ledger.Kind.FIRST_LETTING, departement, holder, commune, described]
        of[:] = map(sum, zip(of, figures, strict=True))
    books = {ledger.pk: ledger for ledger in read.acts}
    for each in since:
        if each.year != read.year or each.measure not in DONE:
            continue
        columns = dict(zip(COLUMNS, each.described, strict=True))
        described = tuple(category_of(axis, columns[axis], bounds) for axis in axes)
        ledger = books[each.ledger]
        is_first = ledger.kind == Ledger.Kind.FIRST_LETTING
        of = found[is_first, ledger.departement.code, each.holder, columns[Axis.COMMUNE], described]
        of[DONE.index(each.measure)] -= each.quantity
    rows_found = (
        Crossed(first, place, holders[holder], places[commune], dict(zip(axes, described, strict=True)), tuple(of))
        for (first, place, holder, commune, described), of in found.items()
        if any(of)
    )
    return sorted(rows_found, key=_place)


def _place(row: Crossed) -> tuple[str, str, int, bool, str, tuple[str, ...]]:
    organisation = row.holder.organisation
    described = tuple(row.categories.values())
    return row.departement, organisation.siren, row.holder.contingent, row.first_letting, row.commune.code, described
