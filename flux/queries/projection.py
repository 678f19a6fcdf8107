"""Projection of an account to 31 December: the flow to come on each perimeter, what it will make due, what is missing.

The arithmetic is in `flux/projection.py`; why it is so, in docs/decisions/0027.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import Sum

from flux.models import AccountMonth, CarriedOver, FlowCount, Ledger, Vacancy
from flux.projection import AwaitedState, Band, Projection, Season, a_month, project, season, to_come
from flux.queries.accounts import AccountFigures, AccountLine, bearing_in, lines
from flux.queries.conventions import known_of
from flux.queries.shares import averaged
from reservations.models import Territory
from reservations.models.convention import UNIT
from reservations.models.once_a_request import by_id_steps
from reservations.models.together import Row, Steps, queried, stepwise, together
from reservations.queries.rights import Right
from reservations.rounding import steps

#: Whole past years whose season is read.
PAST_YEARS = 3


@dataclass(frozen=True, slots=True)
class Projected:
    """One holder: where it is, where it will be. `a_month`: units to receive each month, None once the year is over."""

    line: AccountLine
    found: Projection
    a_month: Fraction | None

    @property
    def missing(self) -> int:
        return self.found.missing[1]


@dataclass(frozen=True, slots=True)
class Outlook:
    """An account on a day. `seen`: units of the flow so far, `waiting` those that credit nobody yet; `to_come`: those
    of the rest of the year; `again`: how many times each unit credits the accounts, one or more; `past`: the whole
    years that give the season, with their units."""

    on: date
    days_left: int
    seen: int
    waiting: int
    to_come: Band
    again: Fraction
    season: Season
    past: tuple[tuple[int, int], ...]
    lines: tuple[Projected, ...]

    @property
    def units_to_come(self) -> int:
        """What is expected, to the nearest unit."""
        return steps(self.to_come.expected)

    @property
    def credits_in_a_hundred(self) -> int:
        """What a hundred units of the flow credit."""
        return steps(100 * self.again)

    @property
    def is_over(self) -> bool:
        return not self.days_left

    @property
    def is_early(self) -> bool:
        """Too few units, this year and before, for a band to say much."""
        return self.seen < 30 and not self.past

    @property
    def most(self) -> Projected | None:
        """Of those who hold a right, the one that has most to receive."""
        held = [line for line in self.lines if not line.line.holder.is_not_reserved]
        return max(held, key=lambda line: line.missing, default=None)


@dataclass(slots=True)
class _Flow:
    """Units of the flow by commune: of the year, of them those that wait, and of each past year up to the day and
    after it."""

    seen: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    waiting: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    before: dict[tuple[int, int], Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    after: dict[tuple[int, int], Fraction] = field(default_factory=lambda: defaultdict(Fraction))

    @property
    def past_years(self) -> list[int]:
        return sorted({year for year, _ in (*self.before, *self.after)})

    def past(self, commune: int) -> Fraction:
        """Units of all the past years."""
        return sum(
            (of.get((year, commune), Fraction(0)) for of in (self.before, self.after) for year in self.past_years),
            Fraction(0),
        )

    def years(self) -> list[tuple[int, int]]:
        """Of each past year, all communes together: (up to the day, after it)."""
        return [(_whole(self.before, year), _whole(self.after, year)) for year in self.past_years]

    @property
    def communes(self) -> list[int]:
        return sorted({*self.seen, *(commune for _, commune in (*self.before, *self.after))})


def _whole(counts: Mapping[tuple[int, int], Fraction], year: int) -> int:
    return steps(sum((units for (of, _), units in counts.items() if of == year), Fraction(0)))


@stepwise
def outlook(ledger: Ledger, on: date) -> Steps[Outlook]:
    """Project an account from a day. Four statements at most, whatever the number of holders and units."""
    year = ledger.exercise
    last = date(year, 12, 31)
    on = min(max(on, date(year, 1, 1)), last)
    days_left, days = (last - on).days, (last - date(year - 1, 12, 31)).days
    flow, held, (figures, carried), ahead = yield from together(
        _read(ledger, on), bearing_in.steps(ledger), _account(ledger), _carried(ledger)
    )
    when = season(days_left, days, flow.years())
    communes, listed = yield from together(
        by_id_steps(Territory, flow.communes), lines.steps(ledger.landlord, held, figures)
    )
    expected = averaged(ledger.landlord, held, year, until=on)
    steps = _steps(ahead, carried)
    shares = {pk: _shares(expected, commune, on, last) for pk, commune in communes.items()}
    again = _again(figures, flow)
    projected = []
    for line in listed:
        mine = {pk: _share(line, shares[pk]) for pk in communes}
        there = [pk for pk, share in mine.items() if share]
        band = _times(again, _band(flow, there, when))
        found = project(_state_of(line, flow, mine, steps, carried), band, UNIT)
        projected.append(Projected(line, found, a_month(found.missing[1], days_left)))
    return Outlook(
        on=on,
        days_left=days_left,
        seen=sum(flow.seen.values()),
        waiting=sum(flow.waiting.values()),
        to_come=_band(flow, list(communes), when, waiting=False),
        again=again,
        season=when,
        past=tuple((past, sum(units)) for past, units in zip(flow.past_years, flow.years(), strict=True)),
        lines=tuple(projected),
    )


def _read(ledger: Ledger, on: date) -> Steps[_Flow]:
    """The flow of the département, this year and the past ones; the month of the day is shared by its days. A year
    whose beginning is not known is left out (`whole_years`). Two queries."""
    flow = _Flow()
    asked = (
        FlowCount.objects.filter(
            landlord=ledger.landlord_id,
            commune__departement=ledger.departement_id,
            kind=Vacancy.Kind.IN_FLOW,
            month__gte=date(ledger.exercise - PAST_YEARS, 1, 1),
            month__lte=date(ledger.exercise, 12, 31),
        )
        .order_by("month", "commune")
        .values_list("month", "commune", "units", "decided")
    )
    (counts,), known = yield from together(queried(asked), known_of.steps(ledger.landlord))
    for month, commune, units, decided in counts:
        if month.year == ledger.exercise:
            flow.seen[commune] += units
            flow.waiting[commune] += units - decided
            continue
        if not known.is_begun(month.year):
            continue
        gone = _gone(month, on)
        flow.before[month.year, commune] += gone * units
        flow.after[month.year, commune] += (1 - gone) * units
    return flow


def _gone(month: date, on: date) -> Fraction:
    """The part of a month of a past year that comes before the same day, that day included."""
    if month.month != on.month:
        return Fraction(int(month.month < on.month))
    days = monthrange(month.year, month.month)[1]
    return Fraction(min(on.day, days), days)


def _account(ledger: Ledger) -> Steps[tuple[dict[int, AccountFigures], dict[int, int]]]:
    """By holder (id): what is due and received so far, and what of it was carried over. One query."""
    months = AccountMonth.objects.filter(ledger=ledger).order_by().values_list("holder")
    (rows,) = yield [months.annotate(Sum("due"), Sum("routed"), Sum("awaiting"), Sum("received"), Sum("carried"))]
    figures, carried = {}, {}
    for holder, due, routed, awaiting, received, back in rows:
        figures[holder] = AccountFigures(due=due, routed=routed, awaiting=awaiting, received=received)
        carried[holder] = back
    return figures, carried


def _carried(ledger: Ledger) -> Steps[list[Row]]:
    """What earlier years give back: holder (id), amount, units over which it is planned. One query."""
    (rows,) = yield [CarriedOver.objects.filter(ledger=ledger).values_list("holder", "amount", "planned")]
    return rows


def _steps(ahead: Iterable[Row], carried: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """By holder (id), what an earlier year still gives back, and over how many units: the steps of the carry-over."""
    found: dict[int, tuple[int, int]] = {}
    amounts: dict[int, int] = defaultdict(int)
    step: dict[int, int] = defaultdict(int)
    for holder, amount, planned in ahead:
        amounts[holder] += amount
        step[holder] += -(-abs(amount) // planned)
    for holder, amount in amounts.items():
        left = amount - carried.get(holder, 0)
        if left * amount > 0 and step[holder]:
            found[holder] = left, -(-abs(left) // step[holder])
    return found


def _shares(held: Sequence[Right], commune: Territory, on: date, last: date) -> dict[int, Fraction]:
    """By holder (id), its share of each unit to come in a commune, the rest of the year over: a right that ends or
    starts meanwhile counts for its days."""
    shares: dict[int, Fraction] = defaultdict(Fraction)
    covering = commune.covering_ids()
    days = (last - on).days
    for right in held:
        lasts = right.days(on + timedelta(days=1), last)
        if right.perimeter_id in covering and days and lasts > 0:
            shares[right.holder.pk] += Fraction(right.share * lasts, days)
    return shares


def _share(line: AccountLine, shares: Mapping[int, Fraction]) -> Fraction:
    """That of one holder; the landlord has what is left."""
    if line.holder.is_not_reserved:
        return max(Fraction(0), UNIT - sum(shares.values(), Fraction(0)))
    return shares.get(line.holder.pk, Fraction(0))


def _band(flow: _Flow, communes: Iterable[int], when: Season, *, waiting: bool = True) -> Band:
    """The units still to credit some communes: those that wait for their recommendation, and those to come."""
    places = list(communes)
    past = len(flow.past_years)
    usual = sum((flow.past(pk) for pk in places), Fraction(0)) / past if past else None
    band = to_come(sum(flow.seen[pk] for pk in places), when, usual) if places else Band(0, Fraction(0), 0)
    more = sum(flow.waiting[pk] for pk in places) if waiting else 0
    return Band(band.low + more, band.expected + more, band.high + more)


def _again(figures: Mapping[int, AccountFigures], flow: _Flow) -> Fraction:
    """How many times a unit of the flow credits the accounts, this year so far: more than one where units given back
    are offered again at their holder's cost, or where first lettings count in the shares; two at most."""
    entered = sum(flow.seen.values()) - sum(flow.waiting.values())
    credited = sum(each.due for each in figures.values())
    return min(Fraction(2), max(Fraction(1), Fraction(credited, UNIT * entered))) if entered > 0 else Fraction(1)


def _times(factor: Fraction, band: Band) -> Band:
    return Band(int(band.low * factor), band.expected * factor, -int(-band.high * factor // 1))


def _state_of(
    line: AccountLine,
    flow: _Flow,
    shares: Mapping[int, Fraction],
    steps: Mapping[int, tuple[int, int]],
    carried: Mapping[int, int],
) -> AwaitedState:
    """Where a holder is. Its share is that of its communes, each for the units that fall there."""
    weights = {pk: flow.seen[pk] + flow.past(pk) for pk, share in shares.items() if share}
    whole = sum(weights.values(), Fraction(0))
    share = sum((weights[pk] * shares[pk] for pk in weights), Fraction(0)) / whole if whole else Fraction(0)
    left, over = steps.get(line.holder.pk, (0, 0))
    if line.holder.is_not_reserved:  # it pays what the others are given back
        left, over = -sum(each[0] for each in steps.values()), max((each[1] for each in steps.values()), default=0)
    last = {right.perimeter_id: right for right in sorted(line.rights, key=lambda right: right.ends_on)}
    limits = [right.yearly_units for right in last.values()]  # of one place, what follows takes over the number
    ceiling = None
    if limits and None not in limits:
        credited = line.figures.due - carried.get(line.holder.pk, 0)
        ceiling = UNIT * sum(limit or 0 for limit in limits) - credited
    return AwaitedState(line.figures.due, line.figures.held, share, left, over, ceiling)
