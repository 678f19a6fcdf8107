"""The cells of a balance: what each holder was offered and what became of it, on the five axes of the law.

CCH, R441-5-1: by holder and by typology, financing, in or out of a QPV, commune, construction period. A unit whose
description lacks one of them is counted in the category "", « non renseigné », never dropped (docs/decisions/0025).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

from django.db import models

from flux import financing
from flux.models import FlowCell, FlowEntry, Ledger, PeriodCut
from flux.models.unit import BOUNDS, TYPOLOGIES, period_names, period_of, qpv_of, typology_of
from reservations.models import Territory
from reservations.models.once_a_request import once_a_request
from reservations.models.territory import end_of
from reservations.models.together import Part, Steps, stepwise, together


class Axis(StrEnum):
    """The axes of the decree, in its order."""

    TYPOLOGY = "TYPOLOGY"
    FINANCING = "FINANCING"
    QPV = "QPV"
    COMMUNE = "COMMUNE"
    PERIOD = "PERIOD"


#: The raw column of a cell that each axis reads.
COLUMNS = {
    Axis.TYPOLOGY: "rooms",
    Axis.FINANCING: "financing_code",
    Axis.QPV: "in_qpv",
    Axis.COMMUNE: "commune_id",
    Axis.PERIOD: "construction_year",
}
#: What is added up, in the order of `Measures`.
SUMMED = FlowCell.MEASURES

SUMS = ", ".join(f"sum({name})" for name in SUMMED)
OFFERED = SUMMED.index("offered")

#: The cells of some accounts, or of one year in them. Each is found by the index of the cells of an account, or of a
#: commune in it.
PART = "SELECT * FROM flux_flowcell WHERE ledger_id = ANY(%s) AND (%s OR commune_id = ANY(%s))"
IN_YEAR = f"{PART} AND year = %s"

#: A cell lacks an axis of the law.
LACKS = "financing_code = '' OR in_qpv IS NULL OR construction_year IS NULL"

GROUPED = """
SELECT ledger_id, year, holder_id,
    grouping(rooms), grouping(financing_code), grouping(in_qpv), grouping(commune_id), grouping(construction_year),
    rooms, financing_code, in_qpv, commune_id, construction_year,
    {sums}, coalesce(sum(offered) FILTER (WHERE {lacks}), 0)
FROM ({cells}) cells
GROUP BY GROUPING SETS (
    (ledger_id, year, holder_id, rooms), (ledger_id, year, holder_id, financing_code),
    (ledger_id, year, holder_id, in_qpv), (ledger_id, year, holder_id, commune_id),
    (ledger_id, year, holder_id, construction_year)
)
"""


@dataclass(frozen=True, slots=True)
class Measures:
    """Whole units, but `refused`: candidates. Those of the yearly flow, and `first_lettings`: units offered besides, at
    the first letting of new programmes."""

    offered: int = 0
    designated: int = 0
    returned: int = 0
    lapsed: int = 0
    refused: int = 0
    allocated: int = 0
    leased: int = 0
    first_lettings: int = 0
    first_allocated: int = 0
    first_leased: int = 0

    def __add__(self, other: Measures) -> Measures:
        return Measures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))

    def as_json(self) -> dict[str, int]:
        return {each.name: getattr(self, each.name) for each in fields(self)}


#: What the entries of each measure are, and of which accounts: where a figure of a cell opens on its units.
ENTRIES: dict[str, tuple[FlowEntry.Stage, Ledger.Kind]] = {
    **{name: (FlowEntry.Stage[name.upper()], Ledger.Kind.ORDINARY) for name in SUMMED},
    "first_lettings": (FlowEntry.Stage.OFFERED, Ledger.Kind.FIRST_LETTING),
    "first_allocated": (FlowEntry.Stage.ALLOCATED, Ledger.Kind.FIRST_LETTING),
    "first_leased": (FlowEntry.Stage.LEASED, Ledger.Kind.FIRST_LETTING),
}

#: {holder id: {category: measures}}; categories are codes: « T3 », « PLUS », « en QPV », an INSEE code, « 1949-1974 ».
Table = Mapping[int, Mapping[str, Measures]]


@dataclass(frozen=True, slots=True)
class Cells:
    """The tables of a balance. `communes` names the codes of that axis; `lacking`: units offered, first lettings too,
    whose description lacks an axis, by axis, and under None at least one."""

    tables: dict[Axis, dict[int, dict[str, Measures]]] = field(default_factory=dict)
    communes: dict[str, Territory] = field(default_factory=dict)
    bounds: tuple[int, ...] = BOUNDS
    lacking: dict[Axis | None, int] = field(default_factory=dict)

    def of(self, axis: Axis) -> Table:
        """One axis."""
        return self.tables.get(axis, {})

    def holders(self) -> list[int]:
        """Ids of those with a figure."""
        return [holder for holder, row in self.of(Axis.TYPOLOGY).items() if any(row.values())]

    def holder(self, holder: int, axis: Axis = Axis.TYPOLOGY) -> Measures:
        """All of one holder (by id): the same whatever the axis."""
        return total(self.of(axis).get(holder, {}).values())

    def total(self, axis: Axis = Axis.TYPOLOGY) -> Measures:
        """All holders together: the same whatever the axis."""
        return total(total(row.values()) for row in self.of(axis).values())

    def category(self, axis: Axis, category: str) -> Measures:
        """One category, all holders together."""
        return total(row.get(category, Measures()) for row in self.of(axis).values())

    def categories(self, axis: Axis) -> list[str]:
        """Those with a figure, in their order; « non renseigné » last."""
        found = {category for row in self.of(axis).values() for category, measures in row.items() if measures}
        return sorted(found, key=lambda category: (category == "", _place(axis, category, self)))

    def figure(self, measure: str, holder: int | None, axis: Axis | None = None, category: str = "") -> int:
        """One measure, of a holder (by id) or of all, of one category or of all."""
        table = self.of(axis or Axis.TYPOLOGY)
        rows = table.values() if holder is None else [table.get(holder, {})]
        counted = (row.get(category, Measures()) if axis else total(row.values()) for row in rows)
        return sum(getattr(measures, measure) for measures in counted)

    def name(self, axis: Axis, category: str) -> str:
        """The name of a commune, another category as it is; "" when it is not known."""
        return self.communes[category].name if axis == Axis.COMMUNE and category else category


def total(measures: Iterable[Measures]) -> Measures:
    """Their sum."""
    return sum(measures, Measures())


def _place(axis: Axis, category: str, read: Cells) -> tuple[int, str]:
    if axis == Axis.COMMUNE:
        return 0, read.communes[category].search_name if category in read.communes else category
    order = {
        Axis.TYPOLOGY: TYPOLOGIES,
        Axis.FINANCING: financing.GROUPS,
        Axis.PERIOD: period_names(read.bounds),
    }.get(axis, ())
    return (order.index(category) if category in order else len(order)), category


@dataclass(frozen=True, slots=True)
class Bridge:
    """How the two readings of a year lead to each other: {year of registration: {year of the act: measures}}, of the
    units registered in the year and of the acts done in it."""

    year: int
    crossed: dict[int, dict[int, Measures]] = field(default_factory=dict)

    def at(self, registered: int, done: int) -> Measures:
        """What was done in one year of the units registered in another."""
        return self.crossed.get(registered, {}).get(done, Measures())

    @property
    def both(self) -> Measures:
        """Of the units registered in the year, what was done in it."""
        return self.at(self.year, self.year)

    @property
    def done_otherwise(self) -> list[tuple[int, Measures]]:
        """Of the units registered in the year, what was done in others, by year: mostly the next."""
        return sorted((done, of) for done, of in self.crossed.get(self.year, {}).items() if done != self.year and of)

    @property
    def registered_otherwise(self) -> list[tuple[int, Measures]]:
        """Of what was done in the year, that of units registered in others, by year: mostly the one before."""
        found = ((registered, self.at(registered, self.year)) for registered in self.crossed)
        return sorted((registered, of) for registered, of in found if registered != self.year and of)

    def add(self, registered: int, done: int, measures: Measures) -> None:
        """One more sum of cells."""
        of = self.crossed.setdefault(registered, {})
        of[done] = of.get(done, Measures()) + measures


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A figure that a reading leaves out of its cells: `quantity` of one measure, of one holder (id), in one account
    (id) and year of acts, under a description. `described`: the raw columns, in the order of COLUMNS."""

    ledger: int
    year: int
    holder: int
    described: tuple[Any, ...]
    measure: str
    quantity: int

    @property
    def lacks(self) -> bool:
        """Does its description lack an axis of the law?"""
        return any(raw in ("", None) for raw in self.described)

    def rows(self) -> Iterator[_Row]:
        """What its five cells lose."""
        figures = tuple(-self.quantity if name == self.measure else 0 for name in SUMMED)
        incomplete = figures[OFFERED] if self.lacks else 0
        for axis, raw in zip(COLUMNS, self.described, strict=True):
            yield _Row(axis, self.ledger, self.year, self.holder, raw, figures, incomplete)


@dataclass(frozen=True, slots=True)
class Readings:
    """A year read twice: what was done in it, and what became of the units registered in it."""

    by_act: Cells
    by_cohort: Cells
    bridge: Bridge

    def holders(self) -> list[int]:
        """Ids of those with a figure in one or the other."""
        return list(dict.fromkeys([*self.by_act.holders(), *self.by_cohort.holders()]))


@stepwise
def readings(
    ledgers: Collection[Ledger],
    acts: Collection[Ledger],
    year: int,
    communes: Collection[int] | None = None,
    *,
    without: Iterable[LeftOut] = (),
) -> Steps[Readings]:
    """Both readings of a year, on some communes (ids) or on all. `ledgers`: the accounts of that exercise; `acts`:
    those where something was perhaps done in it; `without`: what is left out, of these. Two queries, whose cost is
    that of the cells, not of the units."""
    bridge = Bridge(year)
    if not (ledgers or acts) or (communes is not None and not communes):
        return Readings(_cells((), {}, set()), _cells((), {}, set()), bridge)
    of = {ledger.pk: ledger for ledger in (*ledgers, *acts)}
    own = {ledger.pk for ledger in ledgers}
    first = {pk for pk, ledger in of.items() if ledger.kind == Ledger.Kind.FIRST_LETTING}
    grouped, bounds = yield from together(_grouped(own, of, year, communes), bounds_of.steps(of.values(), year))
    rows = [*grouped, *(row for each in without for row in each.rows())]
    named = {row.raw for row in rows if row.axis == Axis.COMMUNE}
    places = yield from Territory.objects.as_on_steps(named, end_of(year))
    for row in rows:
        if row.axis == Axis.TYPOLOGY:
            bridge.add(of[row.ledger].exercise, row.year, _measures(row.figures, first_letting=row.ledger in first))
    return Readings(
        _cells((row for row in rows if row.year == year), places, first, bounds),
        _cells((row for row in rows if row.ledger in own), places, first, bounds),
        bridge,
    )


def acts_of(
    acts: Collection[Ledger],
    year: int,
    communes: Collection[int] | None = None,
    *,
    without: Iterable[LeftOut] = (),
) -> Cells:
    """What was done in a year in these accounts, of first lettings and yearly ones alike, on some communes (ids) or on
    all, less what is left out. Three queries."""
    return readings((), acts, year, communes, without=without).by_act


def _cells(
    rows: Iterable[_Row],
    places: Mapping[int, Territory],
    first: Collection[int],
    bounds: tuple[int, ...] = BOUNDS,
) -> Cells:
    """`places`: the communes, by id; `first`: the accounts of first lettings (ids); `bounds`: of the periods."""
    tables: dict[Axis, dict[int, dict[str, Measures]]] = {axis: defaultdict(dict) for axis in Axis}
    named: dict[str, Territory] = {}
    lacking = Counter[Axis | None]()
    for row in rows:
        if row.axis == Axis.TYPOLOGY:
            lacking[None] += row.incomplete
        elif row.raw in ("", None):
            lacking[row.axis] += row.figures[OFFERED]
        category = places[row.raw].code if row.axis == Axis.COMMUNE else category_of(row.axis, row.raw, bounds)
        if row.axis == Axis.COMMUNE:
            named[category] = places[row.raw]
        of = tables[row.axis][row.holder]
        of[category] = of.get(category, Measures()) + _measures(row.figures, first_letting=row.ledger in first)
    return Cells({axis: dict(table) for axis, table in tables.items()}, named, bounds, dict(lacking))


@stepwise
def bounds_of(ledgers: Iterable[Ledger], year: int) -> Steps[tuple[int, ...]]:
    """Those of the construction periods of these accounts, on the last day of a year. One query."""
    return (yield from PeriodCut.objects.bounds_of(ledgers, day=end_of(year)))


def category_of(axis: Axis, raw: int | str | bool | None, bounds: tuple[int, ...] = BOUNDS) -> str:
    """The category of a raw column; "" when the description does not give it. `bounds`: of the periods."""
    if axis == Axis.TYPOLOGY:
        return typology_of(int(raw or 1))
    if axis == Axis.FINANCING:
        return financing.group_of(str(raw or ""))
    if axis == Axis.QPV:
        return qpv_of(None if raw is None else bool(raw))
    return period_of(None if raw is None else int(raw), bounds)


@once_a_request
def _stored(column: str, ledgers: Collection[Ledger]) -> list[Any]:
    """The values of a column in the cells of some accounts. One query."""
    return list(FlowCell.objects.filter(ledger__in=ledgers).order_by().values_list(column, flat=True).distinct())


def described(
    axis: Axis, category: str, ledgers: Collection[Ledger], *, unit: str = "", year: int | None = None
) -> models.Q:
    """Condition on descriptions, reached by a path that `unit` begins (« entries__description__ »): those of these
    accounts that one category of an axis counts, as the balance of `year` does, by default that of their exercise."""
    if axis == Axis.COMMUNE:
        return models.Q(**{f"{unit}commune__code": category})
    column = COLUMNS[axis]
    found = _stored(column, ledgers)
    bounds: tuple[int, ...] = BOUNDS
    if axis == Axis.PERIOD:
        bounds = bounds_of(ledgers, year or max((ledger.exercise for ledger in ledgers), default=date.max.year))
    raws = [raw for raw in found if category_of(axis, raw, bounds) == category]
    condition = models.Q(**{f"{unit}{column}__in": [raw for raw in raws if raw is not None]})
    return condition | models.Q(**{f"{unit}{column}__isnull": True}) if None in raws else condition


def _measures(figures: tuple[int, ...], *, first_letting: bool) -> Measures:
    """`figures` in the order of SUMMED."""
    if not first_letting:
        return Measures(*figures)
    named = dict(zip(SUMMED, figures, strict=True))
    return Measures(first_lettings=named["offered"], first_allocated=named["allocated"], first_leased=named["leased"])


@dataclass(frozen=True, slots=True)
class _Row:
    """A sum of cells: `raw` is the column of the axis, `year` that of the acts; `incomplete`: units offered whose
    description lacks an axis, this one or another."""

    axis: Axis
    ledger: int
    year: int
    holder: int
    raw: Any
    figures: tuple[int, ...]
    incomplete: int


def _grouped(
    own: Collection[int], acts: Collection[int], year: int, communes: Collection[int] | None
) -> Steps[list[_Row]]:
    """The five tables in one reading of the cells: those of some accounts (ids), and what was done in a year in others.
    One query."""
    there: list[Any] = [communes is None, list(communes or [])]
    parts: list[tuple[str, list[Any]]] = [(IN_YEAR, [[ledger for ledger in acts if ledger not in own], *there, year])]
    if own:
        parts.append((PART, [list(own), *there]))
    cells = " UNION ALL ".join(part for part, _ in parts)
    query = GROUPED.format(sums=SUMS, lacks=LACKS, cells=cells)
    (rows,) = yield [Part(query, tuple(each for _, asked in parts for each in asked))]
    return list(_read(rows))


def _read(rows: Iterable[tuple[Any, ...]]) -> Iterator[_Row]:
    """Each row is of one axis: that of the column which its grouping set did not leave out."""
    axes = list(COLUMNS)
    width = len(axes)
    for ledger, year, holder, *rest in rows:
        left_out, raw, figures = rest[:width], rest[width : 2 * width], rest[2 * width :]
        place = left_out.index(0)
        *counts, incomplete = (int(figure) for figure in figures)
        yield _Row(axes[place], ledger, year, holder, raw[place], tuple(counts), incomplete)
