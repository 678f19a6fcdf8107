"""Rights in force: which holder has what share, where and when; and where they exceed the whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from reservations.models import Convention, Landlord, Quota, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.ground import Ground, ShareGround, grounds_of
from reservations.models.once import Once
from reservations.models.once_a_request import once_in_steps
from reservations.models.rate import RateCell, UnitFacts, share_at
from reservations.models.territory import communes_by_size
from reservations.models.together import Steps, read_whole, stepwise
from reservations.queries.rates import cells_of, kinds_of_units, row_grounds, table
from reservations.queries.signatories import days_of, suspended

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Right:
    """One quota of a binding convention. `share` in millionths of a unit; both dates included.

    `yearly_units`: what is due in a year stops there; None for a percentage. `declined`: codes of what is not taken.
    `rates`: the rows of its table, where its share is not the same for every unit; `share` is then the general one.
    `pauses`: the days, both included, on which its parties agreed that it promises nothing; `suspended`: as it bears
    on a unit of one of those days. `guaranteed`: the part of the share that loan guarantees gave, `guaranteed_rates`
    that of each row of the table; None where nobody recorded its grounds. `lost`: what ends with the right, on its last
    day, where the convention goes on: of the share, then of each row; `lost_units`, `left_units`: of units a year.
    """

    convention: Convention
    holder: ReservationHolder
    share: int
    rank: int
    perimeter_id: int
    starts_on: date
    ends_on: date
    yearly_units: int | None = None
    declined: frozenset[str] = frozenset()
    rates: tuple[RateCell, ...] = ()
    pauses: tuple[tuple[date, date], ...] = ()
    suspended: bool = False
    guaranteed: int | None = None
    guaranteed_rates: tuple[RateCell, ...] = ()
    lost: tuple[int, ...] = ()
    lost_units: int = 0
    left_units: int = 0

    def on(self, day: date) -> Right:
        """The right as it is on one day: of no share where its convention is suspended."""
        if any(first <= day <= last for first, last in self.pauses):
            return replace(self, share=0, rates=(), suspended=True)
        return self

    def days(self, first: date, last: date) -> int:
        """On how many days of a period it promises something: from its start to its end, those of its pauses apart."""
        first, last = max(first, self.starts_on), min(last, self.ends_on)
        paused = sum(max(0, (min(last, end) - max(first, start)).days + 1) for start, end in self.pauses)
        return max(0, (last - first).days + 1 - paused)

    def at(self, facts: UnitFacts) -> Right:
        """The right as it bears on one unit: with the share that its table gives there, and no table."""
        return replace(self, share=share_at(self.share, self.rates, facts), rates=()) if self.rates else self

    @property
    def span(self) -> tuple[int, int]:
        """Its lowest and its highest share; the same twice without a table."""
        shares = [self.share, *(cell.share for cell in self.rates)]
        return min(shares), max(shares)

    @property
    def left(self) -> tuple[int, ...]:
        """What goes on after its last day where a guarantee ends it: of the share, then of each row."""
        shares = (self.share, *(cell.share for cell in self.rates))
        return tuple(share - lost for share, lost in zip(shares, self.lost, strict=True))

    @property
    def of_guarantees(self) -> Right:
        """What loan guarantees may give of it: the whole where nobody recorded its grounds."""
        return self if self.guaranteed is None else replace(self, share=self.guaranteed, rates=self.guaranteed_rates)

    def holds(self, territories: Iterable[int], on: date) -> bool:
        """Does the right bear on a commune covered by these territories, on that date?"""
        return self.perimeter_id in territories and self.starts_on <= on <= self.ends_on


@stepwise
def rights(landlord: Landlord, *, since: date, until: date) -> Steps[list[Right]]:
    """The landlord's rights in force at some moment of a period, by rank. One query."""
    return (yield from rights_of.steps([landlord], since=since, until=until))


@once_in_steps
def rights_of(landlords: Iterable[Landlord], *, since: date, until: date) -> Steps[list[Right]]:
    """The rights of several landlords in force at some moment of a period, by rank. One query."""
    ids = [landlord.pk for landlord in landlords]
    period = {"since": since, "until": until}
    read: Any = _of_one.steps(landlord=ids[0], **period) if len(ids) == 1 else read_whole(_quotas(ids, **period))
    return [
        replace(right, pauses=days_of(quota.paused))
        for quota in (yield from read)
        for right in by_ground(_right(quota, quota.convention), grounds_of(quota.grounds), row_grounds(quota.table))
        if right.starts_on <= until and right.ends_on >= since
    ]


def by_ground(
    right: Right, grounds: Sequence[ShareGround], of_rows: Sequence[Sequence[ShareGround]] = ()
) -> Iterator[Right]:
    """A right for each period in which the same grounds hold: what a guarantee gave stops on its last day, and the rest
    goes on (CCH, R441-6); of units a year, their number falls on 1 January. `of_rows`: those of each row of its table,
    which has the one of the share where it has none."""
    if not grounds:
        yield right
        return
    every = [grounds]
    for cell, own in zip(right.rates, of_rows, strict=True):
        every.append(own or [replace(each, share=cell.share) for each in grounds])
    ends = {each.ends_on for held in every for each in held if each.ends_on and each.ends_on < right.ends_on}
    if right.yearly_units is not None:
        ends |= {date(end.year, 12, 31) for end in ends if date(end.year, 12, 31) < right.ends_on}
    first = right.starts_on
    for last in sorted(each for each in ends if each >= right.starts_on):
        lost = tuple(sum(each.share for each in held if each.ends_on == last) for held in every)
        if any(_going(held, first) for held in every):
            units, left = (_units(held) for held in (_going(grounds, last), _going(grounds, last + ONE_DAY)))
            granted = _granted(right, every, first)
            yield replace(granted, ends_on=last, lost=lost, lost_units=units - left, left_units=left)
        first = last + ONE_DAY
    if any(_going(held, first) for held in every):
        yield _granted(right, every, first)


def _units(grounds: Iterable[ShareGround]) -> int:
    return sum(each.units or 0 for each in grounds)


def _going(grounds: Iterable[ShareGround], on: date) -> list[ShareGround]:
    """Those that have not ended by a day."""
    return [each for each in grounds if each.ends_on is None or each.ends_on >= on]


def _granted(right: Right, every: Sequence[Sequence[ShareGround]], first: date) -> Right:
    """The right as its grounds of a day give it, from then on."""
    going = [_going(held, first) for held in every]
    share, *rates = (sum(each.share for each in held) for held in going)
    guarantees = ([each for each in held if each.ground == Ground.LOAN_GUARANTEE] for held in going)
    guaranteed, *of_rates = (sum(each.share for each in held) for held in guarantees)
    units = right.yearly_units and _units(_going(every[0], max(date(first.year, 1, 1), right.starts_on)))
    return replace(
        right,
        starts_on=first,
        yearly_units=units,
        share=share,
        rates=_at_shares(right.rates, rates),
        guaranteed=guaranteed,
        guaranteed_rates=_at_shares(right.rates, of_rates),
    )


def _at_shares(cells: Iterable[RateCell], shares: Iterable[int]) -> tuple[RateCell, ...]:
    return tuple(replace(cell, share=share) for cell, share in zip(cells, shares, strict=True))


def _quotas(landlords: Collection[int], *, since: date, until: date) -> QuerySet[Quota]:
    return (
        Quota.objects.filter(
            convention__landlord__in=landlords,
            convention__status__in=Convention.BINDING,
            convention__starts_on__lte=until,
            convention__ends_on__gte=since,
        )
        .select_related("convention__organisation", "convention__perimeter", "holder__organisation")
        .annotate(table=table(), paused=suspended())
        .order_by("rank", "pk")
    )


_of_one = Once(
    lambda landlord, **period: _quotas([landlord], **period), landlord=-1, since=date(1, 1, 1), until=date(1, 1, 2)
)


def _right(quota: Any, convention: Convention) -> Right:
    """Of a quota read with its `table`."""
    return Right(
        convention=convention,
        holder=quota.holder,
        share=quota.share,
        rank=quota.rank,
        perimeter_id=convention.perimeter_id,
        starts_on=convention.starts_on,
        ends_on=convention.ends_on,
        yearly_units=quota.yearly_units,
        declined=frozenset(quota.declined),
        rates=cells_of(quota.table),
    )


FIRST = "FIRST"

#: A kind of unit by its category in each dimension, then whether it is a first letting (`FIRST`).
type Kind = tuple[str, ...]


def totals(
    held: Sequence[Right],
    territories: Collection[int],
    year: int,
    contingents: Collection[int] | None = None,
    *,
    beside: Iterable[RateCell] = (),
) -> dict[Kind, int]:
    """What rights that bear on the same communes promise together, by kind of unit, in millionths. `contingents`: of
    these only. First lettings count where the convention says so. `beside`: other rows that distinguish kinds."""
    own = [right for right in held if contingents is None or right.holder.contingent in contingents]
    cells = [*beside, *(cell for right in own for cell in right.rates)]
    found = {}
    for facts in kinds_of_units(cells, territories, years=(year,)):
        key = (*facts.categories.values(), FIRST if facts.first_letting else "")
        counting = (right for right in own if not facts.first_letting or right.convention.first_letting_counts)
        found[key] = sum(right.at(facts).share for right in counting)
    return found


def highest(
    held: Sequence[Right], territories: Collection[int], year: int, contingents: Collection[int] | None = None
) -> int:
    """The most that they promise together of one unit, whatever its kind, in millionths."""
    return max(totals(held, territories, year, contingents).values())


@dataclass(frozen=True, slots=True)
class OverCommitment:
    """More than the whole flow is promised in a commune on a date. `total` in millionths, above one unit."""

    commune: Territory
    on: date
    total: int
    conventions: tuple[Convention, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """Every right, this convention's included, that would bear on a commune (and those alike) from a date on.

    `communes` counts them, `commune` being the most populated; 0 when no commune of the perimeter is known.
    `territories` (ids) cover them, among those that these rights name.
    """

    commune: Territory
    communes: int
    on: date
    held: tuple[Right, ...]
    territories: frozenset[int] = frozenset()

    def total(self, contingents: Collection[int] | None = None) -> int:
        """What these contingents, or all, are promised together of the unit where it is most, in millionths."""
        return highest(self.held, self.territories, self.on.year, contingents)


@once_in_steps
def rights_in(convention: Convention) -> Steps[list[Right]]:
    """The rights that a convention gives, or would give once signed, by rank. One query."""
    quotas = convention.quotas.select_related("holder__organisation").annotate(table=table()).order_by("rank", "pk")
    return [
        right
        for quota in (yield from read_whole(quotas))
        for right in by_ground(_right(quota, convention), grounds_of(quota.grounds), row_grounds(vars(quota)["table"]))
    ]


def rights_beside(convention: Convention, *, since: date | None = None, until: date | None = None) -> list[Right]:
    """The binding rights of the same landlord beside a convention, in its period or between two days.

    What it amends, or would replace, is not beside it. One query.
    """
    found = rights(convention.landlord, since=since or convention.starts_on, until=until or convention.ends_on)
    return [right for right in found if not _is_replaced(right, convention)]


def promises(convention: Convention, *, moments: Iterable[date] = ()) -> list[Promise]:
    """What this convention, once signed, would promise together with the binding ones beside it.

    At its start, at each later start of another, in each year from which a rate changes, and at the `moments` that lie
    in its period; on each group of communes of its perimeter. What it amends, or would replace, is not counted beside
    it. Three queries.
    """
    mine, others = rights_in(convention), rights_beside(convention)
    years = {cell.since_year for right in (*mine, *others) for cell in right.rates if cell.since_year is not None}
    changes = {right.starts_on for right in others} | {date(year, 1, 1) for year in years} | set(moments)
    dates = sorted({convention.starts_on} | {on for on in changes if convention.starts_on < on <= convention.ends_on})
    return [
        Promise(
            alike.largest,
            alike.communes,
            on,
            tuple(right for right in (*mine, *others) if right.holds(alike.perimeters, on)),
            alike.perimeters,
        )
        for alike in _alike(convention.perimeter, _named(mine, others))
        or [_Alike(frozenset({convention.perimeter_id}), convention.perimeter, 0)]
        for on in dates
    ]


def _is_replaced(right: Right, convention: Convention) -> bool:
    """Does the right come from this convention, or from what ends the day before it: a version that it amends, the
    préfet's order that stood for it?"""
    other = right.convention
    if other.pk in (convention.pk, convention.amends_id):
        return True
    same = (other.organisation_id, other.perimeter_id) == (convention.organisation_id, convention.perimeter_id)
    return same and (convention.amends_id is not None or (other.is_order and not convention.is_order))


def over_commitment(promised: Iterable[Promise]) -> OverCommitment | None:
    """Where over 100 % of the flow would be promised; None when it never is: the worst commune, at the worst date."""
    worst: OverCommitment | None = None
    for promise in promised:
        total = promise.total()
        if total > UNIT and (worst is None or total > worst.total):
            worst = OverCommitment(promise.commune, promise.on, total, _conventions(promise.held))
    return worst


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a landlord promises on one date in communes that the same conventions cover.

    `total` in millionths of a unit, of the unit where most is promised; `rest` is what stays with the landlord there,
    negative above 100 %.
    """

    largest: Territory
    communes: int
    rights: tuple[Right, ...]
    total: int

    @property
    def rest(self) -> int:
        return UNIT - self.total


def commitments(convention: Convention, *, on: date) -> list[Commitment]:
    """All that the landlord promises where this convention bears, signed or not, on a date; the most promised first.

    One line for each set of conventions that communes of the perimeter lie in. Three queries.
    """
    mine, others = rights_in(convention), rights_beside(convention, since=on, until=on)
    every = sorted((*mine, *others), key=lambda right: right.rank)
    lines = []
    for alike in _alike(convention.perimeter, _named(mine, others)):
        held = tuple(right for right in every if right.holds(alike.perimeters, on))
        lines.append(Commitment(alike.largest, alike.communes, held, highest(held, alike.perimeters, on.year)))
    return sorted(lines, key=lambda line: (-line.total, line.largest.search_name))


def _named(mine: Iterable[Right], others: Iterable[Right]) -> list[int]:
    """The territories (ids) that distinguish communes: perimeters, and what tables name."""
    named = [cell.territory for right in (*mine, *others) for cell in right.rates if cell.territory is not None]
    return [*(right.perimeter_id for right in others), *named]


def _conventions(held: Sequence[Right]) -> tuple[Convention, ...]:
    return tuple({right.convention.pk: right.convention for right in held}.values())


def over_commitment_at(held: Sequence[Right], commune: Territory, on: date) -> OverCommitment | None:
    """The same, for the rights already known to bear on one commune on one date."""
    total = sum(right.share for right in held)
    return OverCommitment(commune, on, total, _conventions(held)) if total > UNIT else None


@dataclass(slots=True)
class _Alike:
    """Communes that the same perimeters cover: how many, and the most populated of them."""

    perimeters: frozenset[int]
    largest: Territory
    communes: int


def _alike(perimeter: Territory, others: Sequence[int]) -> list[_Alike]:
    """Communes of the perimeter, grouped by the set of perimeters that they lie in. One query."""
    wanted = {perimeter.pk, *others}
    groups: dict[frozenset[int], _Alike] = {}
    for commune in communes_by_size(perimeter):
        perimeters = frozenset(commune.covering_ids() & wanted)
        groups.setdefault(perimeters, _Alike(perimeters, commune, 0)).communes += 1
    return list(groups.values())
