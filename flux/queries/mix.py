"""Mix equity of an account: what each holder was offered against the flow of its perimeter, and against its needs.

The whole of an account is judged together, so that the answer does not depend on who reads it. The test is in
`flux/mix.py`; why it is so, in docs/decisions/0027.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Sum

from flux.mix import ENOUGH, Case, Judgment, Part, Reading, Verdict, against_flow, against_needs, judge
from flux.models import FlowCell, Ledger
from flux.models.needs import STATED, needs_in_force
from flux.queries.accounts import AccountFigures, lines
from flux.queries.cells import COLUMNS, Axis, category_of
from reservations.models import ReservationHolder, Territory
from reservations.models.categories import code_of
from reservations.models.once_a_request import by_id_steps
from reservations.models.together import Steps, queried, stepwise, together
from reservations.queries.rights import Right, rights

#: What is judged, by the names of the dimensions that a holder can state.
AXES = {"typology": Axis.TYPOLOGY, "financing": Axis.FINANCING, "qpv": Axis.QPV}


@dataclass(frozen=True, slots=True)
class EquityRow:
    """One category of one holder, as a page shows it. `wanted`: the gap goes where the holder's own needs do."""

    reading: Reading
    wanted: bool = False

    @property
    def alarms(self) -> bool:
        return self.reading.verdict.alarms and not self.wanted


@dataclass(frozen=True, slots=True)
class Mix:
    """One dimension of one holder. `needs` is empty when it declared none there."""

    dimension: str
    flow: tuple[EquityRow, ...]
    needs: tuple[EquityRow, ...]

    @property
    def offered(self) -> int:
        return sum(row.reading.offered for row in self.flow)

    @property
    def known(self) -> int:
        """Units offered whose category is known: those that needs are set beside."""
        return sum(row.reading.offered for row in self.needs)

    @property
    def is_enough(self) -> bool:
        return self.offered >= ENOUGH

    @property
    def alarms(self) -> list[EquityRow]:
        return sorted((row for row in self.flow if row.alarms), key=lambda row: row.reading.chance)

    @property
    def unmet(self) -> list[EquityRow]:
        """Needs that the year did not answer."""
        return [row for row in self.needs if row.reading.verdict == Verdict.LESS]

    @property
    def wanted(self) -> list[EquityRow]:
        return [row for row in self.flow if row.wanted]


@dataclass(frozen=True, slots=True)
class HolderMix:
    """One holder of the account, in every dimension."""

    holder: ReservationHolder
    offered: int
    mixes: tuple[Mix, ...]

    @property
    def is_enough(self) -> bool:
        return self.offered >= ENOUGH

    @property
    def declares(self) -> bool:
        return any(mix.needs for mix in self.mixes)

    @property
    def alarms(self) -> list[EquityRow]:
        return [row for mix in self.mixes for row in mix.alarms]


@dataclass(frozen=True, slots=True)
class Equity:
    """An account. `asked`: among how many categories the five per cent are shared."""

    holders: tuple[HolderMix, ...]
    asked: int

    @property
    def judged(self) -> list[HolderMix]:
        """Those of whom something can be stated."""
        return [each for each in self.holders if each.is_enough]

    @property
    def offered(self) -> int:
        return sum(each.offered for each in self.judged)

    @property
    def alarms(self) -> list[tuple[HolderMix, Mix, EquityRow]]:
        """What is to be explained, the least likely first."""
        found = [(each, mix, row) for each in self.holders for mix in each.mixes for row in mix.alarms]
        return sorted(found, key=lambda alarm: alarm[2].reading.chance)


@stepwise
def equity(ledger: Ledger) -> Steps[Equity]:
    """Judge an account. Three statements, whatever the number of holders and units."""
    names = ("holder", "commune", "rooms", "financing_code", "in_qpv")
    cells = FlowCell.objects.filter(ledger=ledger).order_by().values_list(*names)
    year = ledger.exercise
    (found,), held, needed = yield from together(
        queried(cells.annotate(offered=Sum("offered")).exclude(offered=0)),
        rights.steps(ledger.landlord, since=date(year, 1, 1), until=date(year, 12, 31)),
        needs_in_force.steps(ledger),
    )
    rows = [dict(zip((*names, "offered"), each, strict=True)) for each in found]
    communes = yield from by_id_steps(Territory, {row["commune"] for row in rows})
    here = [right for right in held if any(_bears(right, commune) for commune in communes.values())]
    served = {row["holder"]: AccountFigures() for row in rows}
    holders = [line.holder for line in (yield from lines.steps(ledger.landlord, here, served))]
    wishes = {row.holder_id: row.mix for row in needed}
    flow = _Flow(rows, communes, here)
    cases: dict[tuple[int, str], Case] = {}
    needs: dict[tuple[int, str], Case] = {}
    for holder in holders:
        for dimension, parts in flow.parts(holder).items():
            cases[holder.pk, dimension] = case = against_flow(parts)
            wish = wishes.get(holder.pk, {}).get(dimension)
            if wish:
                needs[holder.pk, dimension] = against_needs(case.offered, wish)
    judged, answered = judge(cases), judge(needs)
    return Equity(
        tuple(
            HolderMix(
                holder,
                cases[holder.pk, "typology"].drawn,
                tuple(_mix(holder, dimension, judged, answered, wishes.get(holder.pk, {})) for dimension in STATED),
            )
            for holder in holders
        ),
        judged.asked,
    )


def _mix(
    holder: ReservationHolder,
    dimension: str,
    judged: Judgment[tuple[int, str]],
    answered: Judgment[tuple[int, str]],
    wishes: Mapping[str, Mapping[str, int]],
) -> Mix:
    wish = wishes.get(dimension, {})
    readings = _in_order(dimension, judged.readings[holder.pk, dimension])
    base = sum(reading.base or 0 for reading in readings)
    return Mix(
        dimension,
        tuple(EquityRow(reading, _wanted(reading, wish, base)) for reading in readings),
        tuple(EquityRow(each) for each in _in_order(dimension, answered.readings.get((holder.pk, dimension), ()))),
    )


def _wanted(reading: Reading, wish: Mapping[str, int], base: int) -> bool:
    """Does a gap to the flow go the way that the holder asked for?"""
    if not wish or not reading.verdict.alarms:
        return False
    more = wish.get(reading.category, 0) * base - (reading.base or 0) * sum(wish.values())
    return more > 0 if reading.verdict == Verdict.MORE else more < 0


def _in_order(dimension: str, readings: Iterable[Reading]) -> list[Reading]:
    """In the order of the dimension, those of which there is nothing left out, « non renseigné » last."""
    order = (*STATED[dimension], "")
    shown = [each for each in readings if each.base or each.offered or each.expected]
    return sorted(shown, key=lambda each: order.index(each.category))


def _bears(right: Right, commune: Territory) -> bool:
    return right.perimeter_id in commune.covering_ids()


def _rates_in(right: Right, covering: Collection[int]) -> tuple[int, ...]:
    """What a table of rates adds to a share in a commune: the rows that hold there, by their place in it."""
    rows = enumerate(right.rates)
    return tuple(place for place, cell in rows if cell.territory is None or cell.territory in covering)


#: {dimension: {commune id: {category: units}}}.
Counts = dict[str, dict[int, dict[str, int]]]

#: The part of a holder's flow where it was served without any right.
ELSEWHERE = ("elsewhere",)


@dataclass(frozen=True, slots=True)
class _Description:
    """What units of a cell are: their category in each dimension, and its code as conventions write it."""

    categories: Mapping[str, str]
    codes: frozenset[str]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> _Description:
        categories = {name: category_of(axis, row[COLUMNS[axis]]) for name, axis in AXES.items()}
        return cls(categories, frozenset(code_of(name, category) for name, category in categories.items()))


class _Flow:
    """What was offered to anybody, by commune and description: the flow that each mix is set beside."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], communes: Mapping[int, Territory], held: Sequence[Right]):
        known: dict[tuple[Any, ...], _Description] = {}
        self.cells: list[tuple[int, int, int, _Description]] = []
        for row in rows:
            raw = (row["rooms"], row["financing_code"], row["in_qpv"])
            what = known.get(raw) or known.setdefault(raw, _Description.of(row))
            self.cells.append((row["holder"], row["commune"], row["offered"], what))
        self.communes, self.held = communes, held
        self.whole = _counts(self.cells)
        by_holder: dict[int, list[tuple[int, int, int, _Description]]] = {}
        for cell in self.cells:
            by_holder.setdefault(cell[0], []).append(cell)
        self.own = by_holder

    def parts(self, holder: ReservationHolder) -> dict[str, list[Part]]:
        """By dimension, the parts of a holder's perimeter where its share was the same, and where else it was served.

        What its convention declines is left out of both, offered or not: nobody drew it for the holder.
        """
        whole, own = self.whole, self.own.get(holder.pk, [])
        if declined := self._declined(holder):
            whole = _counts(cell for cell in self.cells if not cell[3].codes & declined[cell[1]])
            own = [cell for cell in own if not cell[3].codes & declined[cell[1]]]
        offered = _counts(own)
        served = {cell[1] for cell in own}
        share_of = {pk: self._share(holder, commune) for pk, commune in self.communes.items()}
        found: dict[str, list[Part]] = {}
        cells = [cell for right in self.held if right.holder.pk == holder.pk for cell in right.rates]
        dimensions_given = {code.partition(":")[0] for cell in cells for code in cell.categories}
        for name in AXES:
            if (
                name in dimensions_given
            ):  # its convention gives it another share of each: no mix of the flow is expected
                found[name] = []
                continue
            parts: dict[tuple[Any, ...], Part] = {}
            for commune, units in whole[name].items():
                if share_of[commune] or commune in served:
                    part = parts.setdefault(share_of[commune] or ELSEWHERE, Part({}, {}))
                    parts[share_of[commune] or ELSEWHERE] = Part(
                        _added(part.flow, units), _added(part.offered, offered[name].get(commune, {}))
                    )
            found[name] = list(parts.values())
        return found

    def _share(self, holder: ReservationHolder, commune: Territory) -> tuple[Any, ...]:
        """What makes the share of a holder in a commune over the year; empty where it has none.

        The landlord has what the others leave.
        """
        covering = commune.covering_ids()
        bearing = [right for right in self.held if right.perimeter_id in covering]
        if holder.is_not_reserved:
            rest = sum(right.share * (right.ends_on - right.starts_on).days for right in bearing)
            return ("rest", rest, *(rate for right in bearing for rate in _rates_in(right, covering)))
        own = [right for right in bearing if right.holder.pk == holder.pk]
        return tuple(
            sorted(
                (right.share, right.starts_on, right.ends_on, right.pauses, _rates_in(right, covering)) for right in own
            )
        )

    def _declined(self, holder: ReservationHolder) -> dict[int, frozenset[str]]:
        """By commune (id), the codes of what the holder's conventions decline there; empty when nothing."""
        own = [right for right in self.held if right.holder.pk == holder.pk and right.declined]
        return {
            pk: frozenset(code for right in own if _bears(right, commune) for code in right.declined)
            for pk, commune in (self.communes.items() if own else ())
        }


def _counts(cells: Iterable[tuple[int, int, int, _Description]]) -> Counts:
    """Units by dimension, commune and category."""
    counts: Counts = {name: {} for name in AXES}
    for _, commune, units, what in cells:
        for name, category in what.categories.items():
            there = counts[name].setdefault(commune, {})
            there[category] = there.get(category, 0) + units
    return counts


def _added(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {category: counts.get(category, 0) + more.get(category, 0) for category in {**counts, **more}}
