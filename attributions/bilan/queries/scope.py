"""What is read of scope.

* Which balances a person reads, and of each, which accounts and which communes: the same for every page and file.
* Who took which file of a balance, and when.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, JSONObject
from django.db.models.lookups import In

from attributions.bilan.models import AnnualBalance, BalanceDownload, BalanceVersion
from flux.models import AccountMonth, FlowCell, FlowCount, Ledger, PlaceCell
from flux.queries.cells import SUMMED
from flux.queries.stock_transfers import transfers_in
from reservations.models import Convention, Landlord, Membership, Territory
from reservations.models.once_a_request import once_in_steps
from reservations.models.stand_in import of_role
from reservations.models.territory import OneOf, end_of, ever_in, lay_in, within
from reservations.models.together import Steps, stepwise, together, whole

#: Condition on cells: they say nothing.
NOTHING = Q(**dict.fromkeys(SUMMED, 0))


@dataclass(frozen=True, slots=True)
class Scope:
    """What a balance is read from: its accounts, and communes (ids) when it is limited to some, None for all.

    `acts`: the accounts where something was perhaps done in the year, those of other exercises too.

    `whole`: the accounts (ids) whose département is read whole. A due moved at the end of a right bears on no commune:
    it is counted there, and nowhere else.
    """

    ledgers: tuple[Ledger, ...]
    acts: tuple[Ledger, ...]
    communes: frozenset[int] | None
    whole: frozenset[int] = frozenset()

    @property
    def yearly(self) -> list[int]:
        """Ids of the yearly accounts."""
        return [ledger.pk for ledger in self.ledgers if ledger.kind == Ledger.Kind.ORDINARY]

    @property
    def leaves_transfers_out(self) -> bool:
        return self.communes is not None and not self.whole.issuperset(self.yearly)

    @property
    def departements(self) -> frozenset[int]:
        """Those (ids) that are read whole."""
        read = (ledger for ledger in self.acts if self.communes is None or ledger.pk in self.whole)
        return frozenset(ledger.departement_id for ledger in read)

    def months(self) -> QuerySet[AccountMonth]:
        """Those of the yearly accounts."""
        found = AccountMonth.objects.filter(ledger__in=self.yearly)
        if self.communes is None:
            return found
        # By account: by the index of communes, which + 0 leaves alone, those of every landlord there would be read.
        here = Q(In(F("commune_id") + 0, sorted(self.communes)))
        return found.filter(here | Q(commune=None, ledger__in=self.whole))


@stepwise
def scope_of(
    landlord: Landlord,
    year: int,
    territory: Territory | None = None,
    *,
    departement: Territory | None = None,
    member: Membership | None = None,
) -> Steps[Scope]:
    """The accounts of a landlord's year that a person reads, and the communes that it is limited to. Three queries at
    most."""
    (ledgers, acts), read_there = yield from together(
        books_of.steps(landlord, year, departement, member), _places_of.steps(member, landlord, year)
    )
    if territory is None and sees_whole(member):
        return Scope(ledgers, acts, None)
    limits = [] if read_there is None else [read_there]
    if territory is not None:
        limits.append({territory.pk})
    fallen = FlowCount.objects.filter(landlord=landlord, month__year=year)
    done = PlaceCell.objects.filter(ledger__in=acts, year=year)
    for places in limits:
        fallen = fallen.filter(within(places, commune="commune", on=end_of(year)))
        done = done.filter(within(places, commune="commune", on=end_of(year)))
    covered = {ledger.pk for ledger in ledgers if all(_cover(ledger.departement, places) for places in limits)}
    there, others = (rows.order_by().values_list("commune", flat=True) for rows in (fallen, done))
    (rows,) = yield [there.union(others).order_by()]
    return Scope(ledgers, acts, frozenset(commune for (commune,) in rows), frozenset(covered))


@once_in_steps
def books_of(
    landlord: Landlord, year: int, departement: Territory | None, member: Membership | None
) -> Steps[tuple[tuple[Ledger, ...], tuple[Ledger, ...]]]:
    """The accounts of the year that a person reads, and those where something was perhaps done in it. Two queries at
    most."""
    books = Ledger.objects.filter(landlord=landlord)
    if departement is not None:
        books = books.filter(departement=departement)
    books = books.order_by("kind", "pk")
    if member is None or sees_whole(member):
        acts = yield from whole(books, *READ_WITH)
        return tuple(ledger for ledger in acts if ledger.exercise == year), tuple(acts)
    own = yield from whole(books.visible_to(member).filter(exercise=year), *READ_WITH)
    return tuple(own), tuple((yield from whole(books.filter(acting(own, member)), *READ_WITH)))


#: What is read with an account.
READ_WITH = ("departement", "landlord__organisation")


def acting(ledgers: Collection[Ledger], member: Membership) -> Q:
    """Condition on accounts: what was done there in a year is read by a person who reads these ones, of that year: they
    are of the same landlord and département, or it sees them itself."""
    same = Ledger.objects.filter(
        pk__in=[ledger.pk for ledger in ledgers], landlord=OuterRef("landlord"), departement=OuterRef("departement")
    )
    return Q(Exists(same)) | Q(pk__in=Ledger.objects.visible_to(member).order_by().values("pk"))


def _cover(departement: Territory, places: Collection[int]) -> bool:
    """Is a département in one of these territories (ids)? It is in itself and in its région."""
    return departement.pk in places or departement.region_id in places


@once_in_steps
def _places_of(member: Membership | None, landlord: Landlord, year: int) -> Steps[set[int] | None]:
    """Territories (ids) that a person reads the counts of: where its organisation had a right of this landlord in the
    year, or was written in its accounts, as by the allotment of a programme; and the one it oversees. None: all. One
    query at most."""
    if member is None or sees_whole(member):
        return None
    places = set()
    if member.is_holder:
        written = AccountMonth.objects.filter(
            Q(ledger__exercise=year) | Q(month__year=year),
            holder__organisation=member.organisation_id,
            ledger__landlord=landlord,
            commune__isnull=False,
        )
        held = Convention.objects.binding().filter(
            organisation=member.organisation_id,
            landlord=landlord,
            starts_on__year__lte=year,
            ends_on__year__gte=year,
        )
        own = written.order_by().values_list("commune")
        (rows,) = yield [held.order_by().values_list("perimeter").union(own).order_by()]
        places |= {place for (place,) in rows}
    if member.is_overseer and member.organisation.territory_id:
        places.add(member.organisation.territory_id)
    return places


def sees_whole(member: Membership | None) -> bool:
    """Is nothing of a balance out of this person's sight? Commands have no member, and read everything."""
    return member is None or member.is_administrator or member.is_landlord


@stepwise
def balances_of(member: Membership) -> Steps[list[tuple[int, int]]]:
    """(landlord id, year) of the balances that the person may read, the latest first: those of the ledgers it sees, of
    what was done there in other years, and of the vacancies it sees listed. Two queries, one without a ledger."""
    seen, years = Ledger.objects.visible_to(member), FlowCell.objects.order_by("year").values("year")
    dated = seen.order_by().annotate(first=Subquery(years[:1]), last=Subquery(years.reverse()[:1]))
    accounts = dated.values_list("landlord", "exercise", "first", "last").distinct()
    (rows,) = yield [accounts.union(_counted_for(member)).order_by()]
    listed = {(landlord, exercise) for landlord, exercise, _, _ in rows}
    among = {year for *_, first, last in rows if first is not None for year in range(first, last + 1)}
    done = yield from _done_in(seen, among)
    return sorted({*listed, *done}, key=lambda pair: (-pair[1], pair[0]))


def _done_in(ledgers: QuerySet[Ledger], years: Collection[int]) -> Steps[set[tuple[int, int]]]:
    """(landlord id, year) of what was done in these accounts in these years: one cell of each year is looked for, and
    no other. One query, none without a year."""
    if not years:
        return set()
    acts = {
        # The first of them, and not whether there is any: PostgreSQL would read all the others to know it at once.
        f"in_{year}": Subquery(
            FlowCell.objects.filter(ledger=OuterRef("pk"), year=year).exclude(NOTHING).order_by().values("year")[:1]
        )
        for year in years
    }
    (rows,) = yield [ledgers.order_by().annotate(**acts).values_list("landlord", *acts)]
    return {(landlord, year) for landlord, *found in rows for year in found if year}


def _counted_for(member: Membership) -> QuerySet[FlowCount, tuple[Any, ...]]:
    """(landlord id, year, None, None) of what fell vacant where the person reads counts."""
    counts = FlowCount.objects.filter(units__gt=0)
    if member.is_landlord:
        counts = counts.filter(landlord__organisation=member.organisation_id)
    elif not member.is_administrator:
        counts = counts.filter(of_role(FlowCount, _near, member), counts_read(member))
    none = Cast(Value(None), IntegerField())
    year = Cast("month__year", IntegerField())
    return counts.order_by().values_list("landlord", year, none, none).distinct()


def _near(member: Membership) -> Q:
    """Condition on counts that `reads` implies, and that is found by indexes: of a commune that its territory ever had,
    of a landlord with whom it ever signed, or that wrote it in an account. Those of a country are not looked at."""
    near = Q(pk__in=[])
    if member.is_overseer and member.organisation.territory_id:
        near |= Q(OneOf(F("commune_id"), ever_in(member.organisation.territory_id)))
    if member.is_holder:
        own = member.organisation_id
        signed = Convention.objects.landlords_of(own)
        months = AccountMonth.objects.filter(ledger=OuterRef("pk"), holder__organisation=own)
        written = Ledger.objects.filter(Exists(months)).order_by().values("landlord")
        near |= Q(OneOf(F("landlord_id"), ArraySubquery(signed.union(written).order_by())))
    return near


def counts_read(member: Membership) -> Q:
    """Condition on counts of flow: `reads`."""
    return of_role(FlowCount, _reads_counts, member)


def _reads_counts(member: Membership) -> Q:
    return reads(member, landlord="landlord", year="month__year")


def reads(member: Membership, *, landlord: str, year: str) -> Q:
    """Condition on a fold: it is of a commune where the person reads counts. Paths to its landlord and its year."""
    seen = Q(pk__in=[])
    # First, since it costs least: what lies in one's territory is asked nothing else.
    if member.is_overseer and member.organisation.territory_id:
        seen |= lay_in(member.organisation.territory_id, commune="commune", year=year)
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
        # Of the landlords with whom it never signed, no convention is looked for.
        signed = Convention.objects.landlords_of(member.organisation_id)
        seen |= Q(**{f"{landlord}__in": signed}) & Q(Exists(held)) | Q(Exists(written))
    return seen


def reads_transfers(member: Membership) -> Q:
    """Condition on months of accounts: they bear on no commune, and the person reads their département whole."""
    seen = Q(pk__in=[])
    if member.is_holder:
        # Asked of one département, by its id: its région would be looked for in every commune of France.
        around = Territory.objects.filter(pk=OuterRef(OuterRef("ledger__departement")), region=OuterRef("perimeter"))
        held = Convention.objects.binding().filter(
            Q(perimeter=OuterRef("ledger__departement")) | Q(Exists(around)),
            organisation=member.organisation_id,
            landlord=OuterRef("ledger__landlord"),
            starts_on__year__lte=OuterRef("ledger__exercise"),
            ends_on__year__gte=OuterRef("ledger__exercise"),
        )
        seen |= Q(Exists(held))
    if member.is_overseer and member.organisation.territory_id:
        seen |= transfers_in(member.organisation.territory_id)
    return seen & Q(commune=None)


@once_in_steps
def sent_to(member: Membership, landlord: int, year: int) -> Steps[set[int]]:
    """The départements (ids) whose balance the person reviews: all for who prepares it, those sent to it for others.
    One query."""
    seen = AnnualBalance.objects.visible_to(member).filter(landlord=landlord, exercise=year)
    (rows,) = yield [seen.order_by().values_list("departement")]
    return {place for (place,) in rows}


def territory_of(member: Membership) -> Territory | None:
    """Where the balances that the person reads are limited to, unless it asks otherwise: the EPCI and the State."""
    return member.organisation.territory if member.is_overseer else None


@once_in_steps
def territories(landlord: Landlord, year: int, *, member: Membership | None = None) -> Steps[list[Territory]]:
    """The places that a balance may be limited to: communes where a unit fell vacant in `member`'s sight, and what
    contains them. Two queries at most."""
    fallen = FlowCount.objects.filter(landlord=landlord, month__year=year, units__gt=0)
    places_read = yield from _places_of.steps(member, landlord, year)
    if places_read is not None:
        fallen = fallen.filter(within(places_read, commune="commune", on=end_of(year)))
    communes = fallen.order_by().values("commune")
    places = Territory.Kind
    order = [places.REGION, places.DEPARTEMENT, places.EPCI, places.EPT, *Territory.COMMUNAL]
    found = yield from whole(Territory.objects.covering(communes, on=end_of(year)).order_by("search_name", "code"))
    return sorted(found, key=lambda place: order.index(places(place.kind)))


def downloads(landlord: Landlord, year: int) -> QuerySet[BalanceDownload]:
    """The journal of the files of one balance, the latest first, each with the versions that were sealed then, the
    latest of each département: its name and their number. One query."""
    sealed = (
        BalanceVersion.objects.filter(balance__landlord=landlord, balance__exercise=year, sealed_at__lte=OuterRef("at"))
        .order_by("balance__departement__name", "-number")
        .distinct("balance__departement__name")
        .values_list(JSONObject(departement="balance__departement__name", number="number"))
    )
    return (
        BalanceDownload.objects.filter(landlord=landlord, exercise=year)
        .annotate(sealed_then=ArraySubquery(sealed))
        .select_related("user", "organisation", "territory", "version")
        .order_by("-pk")
    )
