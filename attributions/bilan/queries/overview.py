"""What is read of overview.

* Balances of several landlords and years, a line each.
* What was done in a year by holder and whole description of units, its five axes crossed (CCH, R441-5-1): the rows
  that the national table publishes, which add up to every table of the balance.
* Communes that pass from one EPCI to another inside a year: a balance reads them in the second for the whole of it,
  and says beside what was done on each side of the day (docs/decisions/0128).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet, Sum

from attributions.bilan.moved import Fallen, Seal
from attributions.bilan.passages import DAY, MEASURES, Passage, container_on, days_of, summed
from attributions.bilan.queries.balance import Balance, Flow, account_figures, flows
from attributions.bilan.queries.content import Gap, Without, less, lines_apart, sums_apart, widest
from attributions.bilan.queries.scope import counts_read, reads, reads_transfers, sees_whole, territory_of
from attributions.bilan.queries.since import Since, since
from flux.models import AccountMonth, FlowCell, FlowCount, FlowEntry, Ledger
from flux.queries.accounts import AccountFigures, AccountLine
from flux.queries.cells import COLUMNS, Axis, bounds_of, category_of
from flux.queries.stock_transfers import transfers_in
from reservations.models import Landlord, Membership, ReservationHolder, Territory, TerritoryLink
from reservations.models.once_a_request import by_id, by_id_steps, once_in_steps
from reservations.models.territory import end_of, lay_in
from reservations.models.together import Steps, stepwise, together, whole
from reservations.models.wall import of_one_moment


@dataclass(frozen=True, slots=True)
class Overview:
    """One balance in one line. `widest`: the holder furthest from its due in one of its accounts, the whole landlord
    over: commitments hold there, not on a part of the territory. `seals`: those of its accounts that are read, whose
    figures are then the sealed ones."""

    landlord: Landlord
    year: int
    flow: Flow
    figures: AccountFigures
    widest: Gap | None
    seals: tuple[Seal, ...] = ()


@of_one_moment
@stepwise
def overview(
    pairs: Sequence[tuple[int, int]], territory: Territory | None, on: date, *, member: Membership | None = None
) -> Steps[list[Overview]]:
    """Several balances, a line each, in the order given, limited as `balance`. Three queries, whatever their number,
    and those of what was recorded after a seal."""
    owners, years = {landlord for landlord, _ in pairs}, {year for _, year in pairs}
    books = Ledger.objects.ordinary().filter(landlord__in=owners, exercise__in=years)
    books = books.visible_to(member) if member else books
    counts = FlowCount.objects.filter(landlord__in=owners, month__year__in=years)
    here: Q | None = None
    if territory is not None:
        counts = counts.filter(lay_in(territory.pk, commune="commune", year="month__year"))
        here = lay_in(territory.pk, commune="commune", year="ledger__exercise") | transfers_in(territory.pk)
    is_own = territory is not None and member is not None and territory_of(member) == territory
    if not (sees_whole(member) or is_own) and member is not None:
        counts = counts.filter(counts_read(member))
        read = reads(member, landlord="ledger__landlord", year="ledger__exercise") | reads_transfers(member)
        here = read if here is None else here & read
    landlords, ledgers, flow_of, after = yield from together(
        by_id_steps(Landlord, owners, "organisation"),
        whole(books.order_by("pk")),
        flows.steps(counts),
        since.steps(owners, years),
    )
    for each in _lying(after.fallen, counts):
        flow_of.setdefault((each.landlord, each.year), Flow()).leave_out([each])
    of = {ledger.pk: (ledger.landlord_id, ledger.exercise) for ledger in ledgers}
    months = AccountMonth.objects.filter(ledger__in=of)
    without = _left_out(after, of, months if here is None else months.filter(here))
    rows = less((yield from sums_apart.steps(months, here)), without)
    accounts_of: dict[tuple[int, int], AccountFigures] = {}
    for row in rows:
        if row.here is not None:
            accounts_of[of[row.ledger]] = accounts_of.get(of[row.ledger], AccountFigures()) + row.here
    lines = yield from lines_apart.steps(rows, ledgers, on=on)
    found = _widest(lines, ledgers, landlords)
    read_here = {(ledger.landlord_id, ledger.departement_id, ledger.exercise) for ledger in ledgers}
    seals = [each for each in after.seals if each.key in read_here]
    return [
        Overview(
            landlords[landlord],
            year,
            flow_of.get((landlord, year), Flow()),
            accounts_of.get((landlord, year), AccountFigures()),
            found.get((landlord, year)),
            tuple(each for each in seals if (each.key.landlord, each.key.year) == (landlord, year)),
        )
        for landlord, year in pairs
    ]


def _lying(fallen: Collection[Fallen], counts: QuerySet[FlowCount]) -> list[Fallen]:
    """Those that are in some counts. One query at most."""
    if not fallen:
        return []
    read = set(counts.order_by().values_list("landlord", "month__year", "commune").distinct())
    return [each for each in fallen if (each.landlord, each.year, each.commune) in read]


def _left_out(after: Since, ledgers: Collection[int], here: QuerySet[AccountMonth]) -> list[Without]:
    """What some accounts (ids) leave out, to be read as sealed, and whether it lies in some of their months. One query
    at most."""
    came = list(after.accounts(ledgers))
    among = here.filter(ledger__in={each.ledger for each, _ in came}) if came else here.none()
    read = set(among.order_by().values_list("ledger", "commune").distinct())
    return [
        Without(each.ledger, each.holder, account_figures(figures), (each.ledger, each.commune) in read)
        for each, figures in came
    ]


def _widest(
    lines: Iterable[tuple[int, AccountLine]], ledgers: Sequence[Ledger], landlords: Mapping[int, Landlord]
) -> dict[tuple[int, int], Gap]:
    """By landlord (id) and year, the widest gap of a holder among some accounts, from their `lines_apart`."""
    of = {ledger.pk: (ledger.landlord_id, ledger.exercise) for ledger in ledgers}
    by_balance: dict[tuple[int, int], list[Gap]] = {}
    for ledger, line in lines:
        by_balance.setdefault(of[ledger], []).append(Gap(landlords[of[ledger][0]], line))
    found = {key: widest(gaps) for key, gaps in by_balance.items()}
    return {key: gap for key, gap in found.items() if gap is not None}


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
    holders = by_id(ReservationHolder, named, "organisation")
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


@once_in_steps
def passages(place: Territory | None, year: int, acts: Mapping[int, int]) -> Steps[tuple[Passage, ...]]:
    """Those of an EPCI or of an EPT, by day. `acts`: the yearly accounts that are read, {account: landlord}, ids; what
    was recorded after their seals is left out. One query, eight where a commune passed; none of another place."""
    if place is None or place.kind not in (Territory.Kind.EPCI, Territory.Kind.EPT):
        return ()
    first, last = date(year, 1, 1), end_of(year)
    passed = Q(since__gt=first, since__lte=last) | Q(until__gte=first, until__lt=last)
    here = TerritoryLink.objects.filter(passed, container=place, kind=place.kind).order_by()
    (rows,) = yield [here.values_list("territory")]
    if not (ids := {territory for (territory,) in rows}):
        return ()
    links = list(TerritoryLink.objects.filter(territory__in=ids, kind=place.kind).select_related("container"))
    communes, done = Territory.objects.as_on(ids, last), _done(ids, year, acts)
    return tuple(
        Passage(
            communes[commune],
            container_on(commune, day - DAY, links),
            container_on(commune, day, links),
            day,
            container_on(commune, last, links) == place,
            summed(each for each in done[commune] if each[0] < day),
            summed(each for each in done[commune] if each[0] >= day),
        )
        for commune, day in sorted(days_of(place, year, links), key=lambda pair: (pair[1], pair[0]))
    )


def passages_in(read: Balance, member: Membership | None) -> tuple[Passage, ...]:
    """Those of the place to which a balance is limited, as its reader asked or because it oversees no other."""
    place = read.territory or (None if sees_whole(member) or member is None else territory_of(member))
    ordinary = {ledger.pk: ledger.landlord_id for ledger in read.acts if ledger.kind == ledger.Kind.ORDINARY}
    return passages(place, read.year, ordinary)


def _done(communes: set[int], year: int, acts: Mapping[int, int]) -> dict[int, list[tuple[date, str, int]]]:
    """By commune (id), what was done on each day of a year: day, measure, units; as it was sealed, where it is."""
    stages, at = [name.upper() for name in MEASURES], "description__commune"
    entries = FlowEntry.objects.filter(ledger__in=acts.keys(), vacancy__ledger=F("ledger"), stage__in=stages)
    entries = entries.filter(**{f"{at}__in": communes}, acted_on__year=year).order_by()
    found: dict[int, list[tuple[date, str, int]]] = defaultdict(list)
    for commune, day, stage, units in entries.values_list(at, "acted_on", "stage").annotate(units=Sum("quantity")):
        found[commune].append((day, stage.lower(), units))
    for each in since(set(acts.values()), [year]).among(acts).where(communes).moved:
        if each.commune is not None and each.is_done and each.measure in MEASURES:
            found[each.commune].append((each.acted_on, each.measure, -each.quantity))
    return found
