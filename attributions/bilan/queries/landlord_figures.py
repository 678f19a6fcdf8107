"""The landlords of a territory side by side, with one definition of each figure: that of their balances.

Due, received and gap are those of the account lines of the exercise; offered, allocated and leased, what was done in
the year, whenever the units were registered (CCH, R441-5-1).
Both are limited to the communes of the territory, as each balance that the table opens.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Q, QuerySet, Sum

from attributions.bilan.queries.balance import account_figures
from attributions.bilan.queries.content import Apart, Gap, Without, less, lines_apart, sums_apart, widest
from attributions.bilan.queries.scope import acting
from attributions.bilan.queries.since import NOTHING, Since, since
from flux.models import AccountMonth, FlowCount, Ledger, PlaceCell, Vacancy
from flux.queries.stock_transfers import transfers_in
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.once_a_request import by_id_steps, once_in_steps
from reservations.models.territory import end_of, within
from reservations.models.together import Steps, stepwise, together, whole


@dataclass(frozen=True, slots=True)
class LandlordFigures:
    """`due` in millionths of a unit; the others in whole units. `net`: units that entered the flow."""

    net: int = 0
    due: int = 0
    routed: int = 0
    awaiting: int = 0
    offered: int = 0
    returned: int = 0
    lapsed: int = 0
    allocated: int = 0
    leased: int = 0
    received: int = 0

    def __add__(self, other: LandlordFigures) -> LandlordFigures:
        return LandlordFigures(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def in_course(self) -> int:
        """On their way to the counting point of their convention (`AccountFigures`)."""
        return self.routed + self.awaiting - self.received

    @property
    def gap(self) -> int:
        """Dû − reçus, in millionths: positive when something is still owed."""
        return self.due - UNIT * self.received

    @property
    def left(self) -> int:
        """What will be left once all that is in course has arrived, in millionths."""
        return self.due - UNIT * (self.routed + self.awaiting)

    @property
    def unused(self) -> int:
        """Whole units due and not received; 0 when fewer than one."""
        return max(0, self.gap // UNIT)


def total(figures: Iterable[LandlordFigures]) -> LandlordFigures:
    """Their sum."""
    return sum(figures, LandlordFigures())


@dataclass(frozen=True, slots=True)
class HolderLine:
    """One holder of one landlord. `lacking`: whole units that its whole accounts lack, each in its département: there,
    and not on a part of the territory, the landlord owes them."""

    landlord: Landlord
    holder: ReservationHolder
    figures: LandlordFigures
    lacking: int = 0


@dataclass(frozen=True, slots=True)
class LandlordLine:
    """One landlord, and its holders on the territory. `widest`: of its whole accounts (`gaps`), None without a holder
    there."""

    landlord: Landlord
    figures: LandlordFigures
    holders: tuple[HolderLine, ...]
    widest: Gap | None

    @property
    def reserved(self) -> LandlordFigures:
        """Of the holders alone, the landlord's own part left out: with it, due and received always agree."""
        return total(line.figures for line in self.holders if not line.holder.is_not_reserved)


@dataclass(frozen=True, slots=True)
class Accounts:
    """The yearly accounts that a person reads, {account: landlord}, ids: `owners`, of the `books` of the year; `acts`,
    those where something was perhaps done in it."""

    year: int
    books: Sequence[Ledger]
    acts: Mapping[int, int]

    @property
    def owners(self) -> dict[int, int]:
        return {ledger.pk: ledger.landlord_id for ledger in self.books}

    def owner_of(self, ledger: int) -> int:
        """The landlord (id) of one of them."""
        return self.acts[ledger] if ledger in self.acts else self.owners[ledger]


@once_in_steps
def accounts_of(year: int, member: Membership) -> Steps[Accounts]:
    """Two queries."""
    books = yield from whole(Ledger.objects.ordinary().filter(exercise=year).visible_to(member).order_by("pk"))
    acts = Ledger.objects.ordinary().filter(acting(books, member)).order_by().values_list("pk", "landlord")
    (rows,) = yield [acts]
    return Accounts(year, books, dict(rows))


@dataclass(frozen=True, slots=True)
class Comparison:
    """The landlords, by name; `total` of the territory. `gaps`: each holder in each whole account that is read;
    `accounts`: those that were; `since`: what was recorded after their balances were sealed, that it leaves out."""

    lines: tuple[LandlordLine, ...]
    gaps: tuple[Gap, ...]
    accounts: Accounts
    since: Since = NOTHING

    @property
    def widest(self) -> Gap | None:
        """The holder furthest from its due in one account: the one that the home page names."""
        return widest(self.gaps)

    @property
    def latest(self) -> Gap | None:
        """Of those to whom an account still owes a whole unit, the one it owes most; None when promises are kept."""
        return widest(each for each in self.gaps if each.is_whole)

    @property
    def total(self) -> LandlordFigures:
        return total(line.figures for line in self.lines)

    @property
    def reserved(self) -> LandlordFigures:
        """The same of the holders alone."""
        return total(line.reserved for line in self.lines)

    @property
    def unused(self) -> list[HolderLine]:
        """Holders to whom a whole account still owes a whole unit, as `latest` counts it, whatever part of it lies
        here; the most first."""
        here = {(line.landlord.pk, line.holder.pk): line for line in self._holders}
        owed = {(each.landlord.pk, each.holder.pk): each for each in self.gaps if each.is_whole}
        lines = [
            here.get(key) or HolderLine(each.landlord, each.holder, LandlordFigures(), each.gap // UNIT)
            for key, each in owed.items()
        ]
        return sorted(lines, key=lambda line: (-line.lacking, -line.figures.gap, line.landlord.pk, line.holder.pk))

    @property
    def made_up(self) -> bool:
        """Does a share lack a whole unit here that its account has elsewhere?"""
        return any(line.figures.unused and not line.lacking for line in self._holders)

    @property
    def _holders(self) -> list[HolderLine]:
        every = (line for each in self.lines for line in each.holders)
        return [line for line in every if not line.holder.is_not_reserved]


_OWN = Q(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
_MONTHS = ("due", "routed", "awaiting", "received")
_CELLS = ("offered", "returned", "lapsed", "allocated", "leased")


@dataclass(frozen=True, slots=True)
class Lived:
    """What was read of some accounts in a place: `found` by landlord and holder, `entered` by landlord, ids; `rows`,
    each holder in each account."""

    accounts: Accounts
    since: tuple[Since, Since]
    found: Mapping[tuple[int, int], Mapping[str, int]]
    entered: Mapping[int, int]
    rows: Sequence[Apart]


@stepwise
def compare(
    year: int,
    place: Territory | Collection[int],
    *,
    member: Membership,
    landlords: Iterable[Landlord] = (),
    moved: Q | None = None,
) -> Steps[Comparison]:
    """The landlords whose accounts of a year the person reads, on part of its own territory or on some communes (ids);
    those of `landlords` too, with zeros. `moved`: of communes that are a whole département, months that bear on none of
    them (`transfers_in`). Four statements, whatever there is to count, and those of what was recorded after a seal."""
    read = yield from lived_in.steps(year, place, member=member, moved=moved)
    return (yield from compared(read, landlords))


@stepwise
def lived_in(
    year: int, place: Territory | Collection[int], *, member: Membership, moved: Q | None = None
) -> Steps[Lived]:
    """What is compared, before its landlords and holders are named. Three statements, as `compare`."""
    accounts = yield from accounts_of.steps(year, member)
    owners = accounts.owners
    if isinstance(place, Territory):
        here, moved = within(place.pk, commune="commune", on=end_of(year)), transfers_in(place.pk)
    else:
        here = Q(commune__in=place)
    months = AccountMonth.objects.filter(ledger__in=owners.keys())
    rows, done, entered, since = yield from together(
        sums_apart.steps(months, here if moved is None else here | moved),
        _done(here, accounts, "ledger", "holder"),
        _entered(here, owners, year, "landlord"),
        since_of.steps(accounts, place, transfers=isinstance(place, Territory) or moved is not None),
    )
    rows = less(rows, left_out(accounts, since))
    lived = [
        ((row.ledger, row.holder), {name: getattr(row.here, name) for name in _MONTHS})
        for row in rows
        if row.here is not None
    ]
    found: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for (ledger, holder), values in (*lived, *done):
        of = found[accounts.owner_of(ledger), holder]
        for name, value in values.items():
            of[name] = of.get(name, 0) + value
    for came, figures in since[1].placed(accounts.acts):
        of = found[accounts.owner_of(came.ledger), came.holder]
        for name in _CELLS:
            of[name] = of.get(name, 0) - figures.get(name, 0)
    return Lived(accounts, since, found, _less_fallen(entered, "landlord", since[1]), rows)


def compared(read: Lived, landlords: Iterable[Landlord] = ()) -> Steps[Comparison]:
    """`landlords`: those that have a line too, with zeros. One statement."""
    owners, found = read.accounts.owners, read.found
    every = {*owners.values(), *(landlord for landlord, _ in found)}
    apart, holders, landlord_of = yield from together(
        lines_apart.steps(read.rows, read.accounts.books),
        by_id_steps(ReservationHolder, {holder for _, holder in found}, "organisation"),
        by_id_steps(Landlord, every, "organisation"),
    )
    named = {landlord.pk: landlord for landlord in landlords}
    named |= {landlord: landlord_of[landlord] for landlord, _ in found}
    gaps = tuple(Gap(landlord_of[owners[ledger]], line) for ledger, line in apart if not line.holder.is_not_reserved)
    owed: dict[int, list[Gap]] = defaultdict(list)
    for each in gaps:
        owed[each.landlord.pk].append(each)
    lines = [_line(one, found, holders, read.entered.get(one.pk, 0), owed[one.pk]) for one in named.values()]
    lines.sort(key=lambda line: (line.landlord.organisation.search_name, line.landlord.pk))
    return Comparison(tuple(lines), gaps, read.accounts, read.since[1])


@stepwise
def since_of(
    accounts: Accounts, place: Territory | Collection[int], *, transfers: bool = True
) -> Steps[tuple[Since, Since]]:
    """What was recorded after the seals of the year, in all the accounts that are read, and in a place."""
    landlords = {*accounts.owners.values(), *accounts.acts.values()}
    came = yield from since.steps(landlords, [accounts.year])
    every = came.among({*accounts.owners, *accounts.acts})
    return every, every.lying_in(place, accounts.year, transfers=transfers)


def left_out(accounts: Accounts, since: tuple[Since, Since]) -> list[Without]:
    """The same, in whole accounts, and whether it lies in the place."""
    every, here = since
    lying = set(map(id, here.moved))
    return [
        Without(each.ledger, each.holder, account_figures(figures), id(each) in lying)
        for each, figures in every.accounts(accounts.owners)
    ]


@dataclass(frozen=True, slots=True)
class CommuneLine:
    """One commune, all landlords together; `reserved`: due and received of the holders alone. Without a commune: dues
    moved at the end of a right, which bear on none."""

    commune: Territory | None
    figures: LandlordFigures
    reserved: LandlordFigures


@stepwise
def by_commune(read: Comparison, territory: Territory) -> Steps[tuple[CommuneLine, ...]]:
    """The same figures of the same accounts, commune by commune, by name; last, what bears on none of them. Two
    statements."""
    accounts, year = read.accounts, read.accounts.year
    here, moved = within(territory.pk, commune="commune", on=end_of(year)), transfers_in(territory.pk)
    found: dict[int | None, LandlordFigures] = defaultdict(LandlordFigures)
    reserved: dict[int | None, LandlordFigures] = defaultdict(LandlordFigures)
    months = AccountMonth.objects.filter(here | moved, ledger__in=accounts.owners.keys())
    lived, done, counted = yield from together(
        _grouped(months, _MONTHS, "commune", "own"),
        _done(here, accounts, "commune", "own"),
        _entered(here, accounts.owners, year, "commune"),
    )
    for (commune, is_own), values in (*lived, *done):
        found[commune] += LandlordFigures(**values)
        if not is_own:
            reserved[commune] += LandlordFigures(**values)
    came = [(each, _left(figures, _MONTHS)) for each, figures in read.since.accounts(accounts.owners)]
    came += [(each, _left(figures, _CELLS)) for each, figures in read.since.placed(accounts.acts)]
    for each, left in came:
        found[each.commune] = found[each.commune] + left
        if each.contingent != ReservationHolder.Contingent.NOT_RESERVED:
            reserved[each.commune] = reserved[each.commune] + left
    entered = _less_fallen(counted, "commune", read.since)
    named = yield from by_id_steps(Territory, {each for each in (*found, *entered) if each is not None})
    communes = sorted(named.values(), key=lambda each: (each.search_name, each.code))
    lines = [
        CommuneLine(each, LandlordFigures(net=entered.get(each.pk, 0)) + found[each.pk], reserved[each.pk])
        for each in communes
    ]
    if found[None] != LandlordFigures() or reserved[None] != LandlordFigures():
        lines.append(CommuneLine(None, found[None], reserved[None]))
    return tuple(lines)


def _left(figures: Mapping[str, int], names: Iterable[str]) -> LandlordFigures:
    """What a sealed year leaves out of these columns."""
    return LandlordFigures(**{name: -figures.get(name, 0) for name in names})


def _done(here: Q, read: Accounts, *by: str) -> Steps[list[_Group]]:
    """What was done in the year, of what lies `here`, as `_grouped`. One query."""
    cells = PlaceCell.objects.filter(here, year=read.year, ledger__in=read.acts.keys())
    return _grouped(cells, _CELLS, *by)


#: What rows are grouped by, and their figures.
type _Group = tuple[tuple[Any, ...], Mapping[str, int]]


def _grouped(rows: QuerySet[Any], names: Sequence[str], *by: str) -> Steps[list[_Group]]:
    """Some months or cells. `own`: of the landlord's own part? One query."""
    summed = {f"sum_{name}": Sum(name) for name in names}
    (read,) = yield [rows.order_by().annotate(own=Q(_OWN)).values_list(*by).annotate(**summed)]
    return [(row[: len(by)], dict(zip(names, row[len(by) :], strict=True))) for row in read]


def _entered(here: Q, owners: Mapping[int, int], year: int, by: str) -> Steps[dict[int, int]]:
    """Units that entered the flow, by landlord or commune (id). One query."""
    counts = FlowCount.objects.filter(
        here, landlord__in=set(owners.values()), month__year=year, kind=Vacancy.Kind.IN_FLOW
    )
    (rows,) = yield [counts.order_by().values_list(by).annotate(units=Sum("units"))]
    return dict(rows)


def _less_fallen(entered: Mapping[int, int], by: str, since: Since) -> dict[int, int]:
    """The same, less those declared `since` a seal."""
    found = Counter(entered)
    for each in since.fallen:
        if each.kind == Vacancy.Kind.IN_FLOW:
            found[getattr(each, by)] -= each.units
    return dict(found)


def _line(
    landlord: Landlord,
    found: Mapping[tuple[int, int], Mapping[str, int]],
    holders: Mapping[int, ReservationHolder],
    net: int,
    gaps: Sequence[Gap],
) -> LandlordLine:
    """`gaps`: those of the landlord's whole accounts."""
    lacking: dict[int, int] = defaultdict(int)
    for each in gaps:
        lacking[each.holder.pk] += max(0, each.gap // UNIT)
    of = [
        HolderLine(landlord, holders[holder], LandlordFigures(**values), lacking[holder])
        for (owner, holder), values in found.items()
        if owner == landlord.pk
    ]
    of.sort(key=lambda line: (line.holder.is_not_reserved, -line.figures.due, line.holder.pk))
    figures = LandlordFigures(net=net) + total(line.figures for line in of)
    return LandlordLine(landlord, figures, tuple(of), widest(gaps))
