"""The annual balance (CCH, R441-5-1): what fell vacant, what left the flow, what each holder was due, was offered, and
what became of it, on the five axes of the law.

Read by the screens, the files and the command, from the folds of the account (docs/decisions/0025): its cost is that of
the cells shown. A vacancy belongs to the exercise of the day it was registered, and its entries to that exercise's
ledger, whenever they come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from flux.models import AccountMonth, FlowCount, FlowEntry, Ledger, Vacancy
from flux.queries.account import AccountFigures, AccountLine, bearing, furthest, lines, total
from flux.queries.cells import Cells, Measures, cells
from flux.queries.transfers import transfers_in
from reservations.models import Convention, Landlord, Membership, ReservationHolder, Territory
from reservations.models.territory import end_of, lay_in, within
from reservations.queries.rights import Right, rights

Kind = Vacancy.Kind

#: Figures of an account line that the months add up.
SUMMED = ("due", "carried", "routed", "awaiting", "returned", "allocated", "leased")


@dataclass(frozen=True, slots=True)
class Flow:
    """Units that fell vacant, by class. `by_exclusion` has the five legal categories, those without units too.

    By class too: `undecided`, those that no recommendation has reached; `in_shares`, those that count in the yearly
    accounts, as some first lettings do.
    """

    by_kind: dict[str, int] = field(default_factory=dict)
    by_exclusion: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Vacancy.Exclusion.values, 0))
    undecided: dict[str, int] = field(default_factory=dict)
    in_shares: dict[str, int] = field(default_factory=dict)

    @property
    def vacated(self) -> int:
        return sum(self.by_kind.values())

    @property
    def excluded(self) -> int:
        return self.by_kind.get(Kind.EXCLUDED, 0)

    @property
    def stock(self) -> int:
        return self.by_kind.get(Kind.STOCK, 0)

    @property
    def technical(self) -> int:
        return self.by_kind.get(Kind.TECHNICAL, 0)

    @property
    def first_lettings(self) -> int:
        return self.by_kind.get(Kind.FIRST_LETTING, 0)

    @property
    def counted_first_lettings(self) -> int:
        """Those that a convention counts in its share: due in the yearly accounts, though not of the flow."""
        return self.in_shares.get(Kind.FIRST_LETTING, 0)

    @property
    def others(self) -> int:
        """Recorded, and not routed for the time being: technical vacancies and first lettings."""
        return self.technical + self.first_lettings

    @property
    def net(self) -> int:
        """Units of the flow: what is left once all the others are taken away."""
        return self.by_kind.get(Kind.IN_FLOW, 0)

    @property
    def exclusions(self) -> list[tuple[str, str, int]]:
        """(code, words, units) of the five legal categories, in the order of the article."""
        return [(choice.value, str(choice.label), self.by_exclusion[choice]) for choice in Vacancy.Exclusion]


@dataclass(frozen=True, slots=True)
class Balance:
    """One landlord, one year, the whole or one territory: as many units as there are, never a percentage alone.

    `lines`: the yearly accounts, a line a holder. `cells`: what each was offered and what became of it, first lettings
    besides; `ledgers` are those they were read from, of both kinds, and `communes` (ids) what they were limited to.
    `leaves_transfers_out`: dues moved at the end of a right, that bear on no commune, are not in these accounts.
    `accounts`: figures of each holder (id) in each of them.
    """

    landlord: Landlord
    year: int
    territory: Territory | None
    departement: Territory | None
    flow: Flow
    lines: tuple[AccountLine, ...]
    cells: Cells
    ledgers: tuple[Ledger, ...]
    communes: frozenset[int] | None = None
    leaves_transfers_out: bool = False
    accounts: tuple[tuple[int, AccountFigures], ...] = ()

    @property
    def total(self) -> AccountFigures:
        return total(line.figures for line in self.lines)

    @property
    def measures(self) -> Measures:
        """All holders together."""
        return self.cells.total()

    @property
    def holders(self) -> dict[int, ReservationHolder]:
        """Who has a line, by id, in the order of the lines."""
        return {line.holder.pk: line.holder for line in self.lines}

    @property
    def waiting(self) -> int:
        """Units of the flow that no recommendation has reached yet: due to nobody so far."""
        return self.flow.undecided.get(Kind.IN_FLOW, 0)

    @property
    def widest(self) -> AccountLine | None:
        """The holder furthest from its due in one account, as far as it is read here."""
        holders = self.holders
        return furthest(AccountLine(holders[holder], (), figures) for holder, figures in self.accounts)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a balance is read from: accounts, and communes (ids) when it is limited to some, None for all.

    `whole`: the accounts (ids) whose département is read whole. A due moved at the end of a right bears on no commune:
    it is counted there, and nowhere else.
    """

    ledgers: tuple[Ledger, ...]
    communes: frozenset[int] | None
    whole: frozenset[int] = frozenset()

    @property
    def yearly(self) -> list[int]:
        """Ids of the yearly accounts."""
        return [ledger.pk for ledger in self.ledgers if ledger.kind == Ledger.Kind.ORDINARY]

    @property
    def leaves_transfers_out(self) -> bool:
        return self.communes is not None and not self.whole.issuperset(self.yearly)

    def months(self) -> QuerySet[AccountMonth]:
        """Those of the yearly accounts."""
        found = AccountMonth.objects.filter(ledger__in=self.yearly)
        if self.communes is None:
            return found
        return found.filter(Q(commune__in=self.communes) | Q(commune=None, ledger__in=self.whole))


def balance(
    landlord: Landlord,
    year: int,
    territory: Territory | None = None,
    *,
    departement: Territory | None = None,
    member: Membership | None = None,
    on: date = date.max,
) -> Balance:
    """Read a balance, limited to what `member` may read; without member, as commands do, nothing is left out.

    `departement`: only the account of that one, as it is sent. `on`: the day it is read, which says what each
    convention counts then; by default the year is taken as a whole.

    A fixed number of queries, whatever the number of holders, cells and units.
    """
    scope = scope_of(landlord, year, territory, departement=departement, member=member)
    counts = FlowCount.objects.filter(landlord=landlord, month__year=year).filter(_in(scope.communes))
    if departement is not None:
        counts = counts.filter(within(departement.pk, commune="commune", on=end_of(year)))
    held: Sequence[Right] = rights(landlord, since=date(year, 1, 1), until=date(year, 12, 31))
    whole = departement is None and sees_whole(member)
    if territory is not None or not whole:
        held = bearing(held, _communes(scope, territory, year, whole=whole))
    read = cells(scope.ledgers, scope.communes)
    rows = scope.months().order_by().values("ledger", "holder").annotate(**SUMS)
    apart = tuple((row["holder"], figures_of(row)) for row in rows)
    found: dict[int, AccountFigures] = {}
    for holder, figures in apart:
        found[holder] = found.get(holder, AccountFigures()) + figures
    named = {holder: AccountFigures() for holder in read.holders()} | found
    flow = flows(counts).get((landlord.pk, year), Flow())
    if first := _counted_first(landlord, year, scope.yearly, scope.communes):
        flow.in_shares[Kind.FIRST_LETTING] = first
    return Balance(
        landlord,
        year,
        territory,
        departement,
        flow,
        lines(landlord, held, named, on=on),
        read,
        scope.ledgers,
        scope.communes,
        scope.leaves_transfers_out,
        apart,
    )


#: The sum of each, for `.annotate(**SUMS)` on grouped months.
SUMS = {name: Sum(name) for name in SUMMED}


def figures_of(row: Any) -> AccountFigures:
    """Those of a row annotated with `SUMS`."""
    return AccountFigures(**{name: row[name] for name in SUMMED})


def _in(communes: Collection[int] | None) -> Q:
    return Q() if communes is None else Q(commune__in=communes)


def _communes(scope: Scope, territory: Territory | None, year: int, *, whole: bool) -> QuerySet[Territory]:
    """Where a right must bear to have a line, though nothing fell vacant there yet."""
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL)
    if territory is not None:
        communes = communes.filter(within(territory.pk, on=end_of(year)))
    return communes if whole else communes.filter(departement__in={ledger.departement_id for ledger in scope.ledgers})


def scope_of(
    landlord: Landlord,
    year: int,
    territory: Territory | None = None,
    *,
    departement: Territory | None = None,
    member: Membership | None = None,
) -> Scope:
    """The accounts of a landlord's year that a person reads, and the communes that it is limited to. Four queries at
    most."""
    books = Ledger.objects.filter(landlord=landlord, exercise=year)
    if departement is not None:
        books = books.filter(departement=departement)
    if not sees_whole(member):
        assert member is not None, "who has no member sees the whole"
        books = books.visible_to(member)
    ledgers = tuple(books.select_related("departement", "landlord__organisation").order_by("kind", "pk"))
    if territory is None and sees_whole(member):
        return Scope(ledgers, None)
    limits = []
    if not sees_whole(member) and member is not None:
        limits.append(_places_of(member, landlord, year))
    if territory is not None:
        limits.append({territory.pk})
    fallen = FlowCount.objects.filter(landlord=landlord, month__year=year)
    for places in limits:
        fallen = fallen.filter(within(places, commune="commune", on=end_of(year)))
    whole = {ledger.pk for ledger in ledgers if all(_cover(ledger.departement, places) for places in limits)}
    return Scope(ledgers, frozenset(fallen.order_by().values_list("commune", flat=True).distinct()), frozenset(whole))


def _cover(departement: Territory, places: Collection[int]) -> bool:
    """Is a département in one of these territories (ids)? It is in itself and in its région."""
    return departement.pk in places or departement.region_id in places


def _places_of(member: Membership, landlord: Landlord, year: int) -> set[int]:
    """Territories (ids) that a person reads the counts of: where its organisation had a right of this landlord in the
    year, or was written in its accounts, as by the allotment of a programme; and the one it oversees. One query."""
    places = set()
    if member.is_holder:
        written = AccountMonth.objects.filter(
            holder__organisation=member.organisation_id,
            ledger__landlord=landlord,
            ledger__exercise=year,
            commune__isnull=False,
        )
        held = Convention.objects.binding().filter(
            organisation=member.organisation_id,
            landlord=landlord,
            starts_on__year__lte=year,
            ends_on__year__gte=year,
        )
        own = written.order_by().values_list("commune", flat=True)
        places |= set(held.order_by().values_list("perimeter", flat=True).union(own).order_by())
    if member.is_overseer and member.organisation.territory_id:
        places.add(member.organisation.territory_id)
    return places


def _counted_first(landlord: Landlord, year: int, ordinary: Collection[int], communes: Collection[int] | None) -> int:
    """First lettings that count in these yearly accounts. One query, that reads first lettings only."""
    let = Vacancy.objects.filter(kind=Kind.FIRST_LETTING, ledger__landlord=landlord, ledger__exercise=year)
    if communes is not None:
        let = let.filter(description__commune__in=communes)
    due = FlowEntry.objects.filter(vacancy=OuterRef("pk"), ledger__in=ordinary, stage=FlowEntry.Stage.DUE)
    return let.filter(Exists(due)).count()


def sees_whole(member: Membership | None) -> bool:
    """Is nothing of a balance out of this person's sight? Commands have no member, and read everything."""
    return member is None or member.is_administrator or member.is_landlord


def flows(counts: QuerySet[FlowCount]) -> dict[tuple[int, int], Flow]:
    """The flow of each (landlord id, year) among some counts. One query."""
    found: dict[tuple[int, int], Flow] = {}
    rows = (
        counts.order_by()
        .values_list("landlord", "month__year", "kind", "exclusion")
        .annotate(units=Sum("units"), decided=Sum("decided"))
        .exclude(units=0)
    )
    for landlord, year, kind, exclusion, count, decided in rows:
        flow = found.setdefault((landlord, year), Flow())
        flow.by_kind[kind] = flow.by_kind.get(kind, 0) + count
        flow.undecided[kind] = flow.undecided.get(kind, 0) + count - decided
        if exclusion:
            flow.by_exclusion[exclusion] += count
    return found


def balances_of(member: Membership) -> list[tuple[int, int]]:
    """(landlord id, year) of the balances that the person may read, the latest first: those of the ledgers it sees, and
    of the vacancies it sees listed. Two queries."""
    ledgers = Ledger.objects.visible_to(member).order_by().values_list("landlord", "exercise").distinct()
    return sorted({*ledgers, *_counted_for(member)}, key=lambda pair: (-pair[1], pair[0]))


def _counted_for(member: Membership) -> Iterable[tuple[int, int]]:
    """(landlord id, year) of what fell vacant where the person reads counts. One query."""
    counts = FlowCount.objects.filter(units__gt=0)
    if member.is_landlord:
        counts = counts.filter(landlord__organisation=member.organisation_id)
    elif not member.is_administrator:
        counts = counts.filter(reads(member, landlord="landlord", year="month__year"))
    return counts.order_by().values_list("landlord", "month__year").distinct()


def reads(member: Membership, *, landlord: str, year: str) -> Q:
    """Condition on a fold: it is of a commune where the person reads counts. Paths to its landlord and its year."""
    seen = Q(pk__in=[])
    if member.is_holder:
        held = (
            Convention.objects.binding()
            .filter(
                organisation=member.organisation_id,
                landlord=OuterRef(landlord),
                starts_on__year__lte=OuterRef(year),
                ends_on__year__gte=OuterRef(year),
            )
            .covering("commune")
        )
        written = AccountMonth.objects.filter(
            holder__organisation=member.organisation_id,
            ledger__landlord=OuterRef(landlord),
            ledger__exercise=OuterRef(year),
            commune=OuterRef("commune"),
        )
        seen |= Q(Exists(held)) | Q(Exists(written))
    if member.is_overseer and member.organisation.territory_id:
        seen |= lay_in(member.organisation.territory_id, commune="commune", year=year)
    return seen


def reads_transfers(member: Membership) -> Q:
    """Condition on months of accounts: they bear on no commune, and the person reads their département whole."""
    seen = Q(pk__in=[])
    if member.is_holder:
        held = Convention.objects.binding().filter(
            Q(perimeter=OuterRef("ledger__departement")) | Q(perimeter=OuterRef("ledger__departement__region")),
            organisation=member.organisation_id,
            landlord=OuterRef("ledger__landlord"),
            starts_on__year__lte=OuterRef("ledger__exercise"),
            ends_on__year__gte=OuterRef("ledger__exercise"),
        )
        seen |= Q(Exists(held))
    if member.is_overseer and member.organisation.territory_id:
        seen |= transfers_in(member.organisation.territory_id)
    return seen & Q(commune=None)


def territory_of(member: Membership) -> Territory | None:
    """Where the balances that the person reads are limited to, unless it asks otherwise: the EPCI and the State."""
    return member.organisation.territory if member.is_overseer else None


def territories(landlord: Landlord, year: int, *, member: Membership | None = None) -> list[Territory]:
    """The places that a balance may be limited to: communes where a unit fell vacant in `member`'s sight, and what
    contains them."""
    fallen = FlowCount.objects.filter(landlord=landlord, month__year=year, units__gt=0)
    if not sees_whole(member) and member is not None:
        fallen = fallen.filter(within(_places_of(member, landlord, year), commune="commune", on=end_of(year)))
    communes = fallen.order_by().values("commune")
    places = Territory.Kind
    order = [places.REGION, places.DEPARTEMENT, places.EPCI, places.EPT, *Territory.COMMUNAL]
    found = Territory.objects.covering(communes, on=end_of(year)).order_by("search_name", "code")
    return sorted(found, key=lambda place: order.index(places(place.kind)))
