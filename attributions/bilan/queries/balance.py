"""What is read of the balance.

* The annual balance (CCH, R441-5-1): what fell vacant, what left the flow, what each holder was due, was offered, and
  what became of it, on the five axes of the law.
* Read by the screens, the files and the command, from the folds of the account (docs/decisions/0025): its cost is
  that of the cells shown. Two readings, never mixed (docs/decisions/0036): what was done in the year, whenever the
  units were registered, and what became of the units registered in it. What is due and received is of the exercise: a
  vacancy belongs to that of the day it was registered.
* What delegates propose for in a balance: as its seal has it where it is sealed, as its accounts have it today
  elsewhere (docs/decisions/0121 and 0126).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, JSONField, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from attributions.bilan.models import BalanceVersion
from attributions.bilan.moved import Fallen
from attributions.bilan.queries.figures import Late, late_acts
from attributions.bilan.queries.scope import Scope, books_of, scope_of, sees_whole, territories
from attributions.bilan.queries.since import NOTHING, Since, seals_among, since
from flux.models import FlowCount, FlowEntry, Ledger, Vacancy
from flux.queries.accounts import AccountFigures, AccountLine, bearing, furthest, lines, total
from flux.queries.cells import Bridge, Cells, Measures, readings
from flux.queries.flow import Delegated, delegated_in
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.territory import OneOf, end_of, within
from reservations.models.together import Steps, given, queried, stepwise, together
from reservations.models.wall import of_one_moment
from reservations.queries.rights import Right, rights

Kind, Stage = Vacancy.Kind, FlowEntry.Stage

#: Figures of an account line that the months add up.
SUMMED = ("due", "carried", "routed", "awaiting", "returned", "allocated", "leased", "received")


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
    def outside(self) -> int:
        """Of units that no share bears on: foyers, résidences, logements de fonction…"""
        return self.by_kind.get(Kind.OUTSIDE, 0)

    @property
    def first_lettings(self) -> int:
        return self.by_kind.get(Kind.FIRST_LETTING, 0)

    @property
    def counted_first_lettings(self) -> int:
        """Those that a convention counts in its share: due in the yearly accounts, though not of the flow."""
        return self.in_shares.get(Kind.FIRST_LETTING, 0)

    @property
    def others(self) -> int:
        """Recorded, and not routed for the time being: technical vacancies, first lettings, and units that no
        share bears on."""
        return self.technical + self.first_lettings + self.outside

    @property
    def net(self) -> int:
        """Units of the flow: what is left once all the others are taken away."""
        return self.by_kind.get(Kind.IN_FLOW, 0)

    def leave_out(self, fallen: Iterable[Fallen]) -> None:
        """Read it as it was sealed."""
        for each in fallen:
            self.by_kind[each.kind] = self.by_kind.get(each.kind, 0) - each.units
            if not each.decided:
                self.undecided[each.kind] = self.undecided.get(each.kind, 0) - each.units
            if each.exclusion:
                self.by_exclusion[each.exclusion] -= each.units

    @property
    def exclusions(self) -> list[tuple[str, str, int]]:
        """(code, words, units) of the five legal categories, in the order of the article."""
        return [(choice.value, str(choice.label), self.by_exclusion[choice]) for choice in Vacancy.Exclusion]


@dataclass(frozen=True, slots=True)
class Balance:
    """One landlord, one year, the whole or one territory: as many units as there are, never a percentage alone.

    `lines`: the yearly accounts, a line a holder. `cells`: what each was offered, allocated, let… in the year, first
    lettings besides, read from `acts`; `cohort`: what became of the units registered in it, read from `ledgers`;
    `bridge`: how one leads to the other; `late`: what was registered after a seal, None where a département is not read
    whole. `communes` (ids): what they were limited to.
    `leaves_transfers_out`: dues moved at the end of a right, that bear on no commune, are not in these accounts.
    `accounts`: figures of each holder (id) in each of them. `since`: what was recorded after the seals of the year,
    that these figures leave out.
    """

    landlord: Landlord
    year: int
    territory: Territory | None
    departement: Territory | None
    flow: Flow
    lines: tuple[AccountLine, ...]
    cells: Cells
    cohort: Cells
    bridge: Bridge
    ledgers: tuple[Ledger, ...]
    acts: tuple[Ledger, ...]
    late: Late | None
    communes: frozenset[int] | None = None
    leaves_transfers_out: bool = False
    accounts: tuple[tuple[int, AccountFigures], ...] = ()
    since: Since = NOTHING

    @property
    def total(self) -> AccountFigures:
        return total(line.figures for line in self.lines)

    @property
    def measures(self) -> Measures:
        """All holders together: what was done in the year."""
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
    def yearly(self) -> tuple[Ledger, ...]:
        """Its accounts of the year, one a département."""
        return tuple(ledger for ledger in self.ledgers if ledger.kind == Ledger.Kind.ORDINARY)

    @property
    def widest(self) -> AccountLine | None:
        """The holder furthest from its due in one account, as far as it is read here."""
        lines = {line.holder.pk: line for line in self.lines}
        return furthest(replace(lines[holder], rights=(), figures=figures) for holder, figures in self.accounts)


@of_one_moment
@stepwise
def balance(
    landlord: Landlord,
    year: int,
    territory: Territory | None = None,
    *,
    departement: Territory | None = None,
    member: Membership | None = None,
    on: date = date.max,
    live: bool = False,
) -> Steps[Balance]:
    """Read a balance, limited to what `member` may read; without member, as commands do, nothing is left out.

    A département whose balance is sealed says what was sealed, and `since` what came after; `live`: what is known
    today, as its next version would say. `departement`: only the account of that one, as it is sent. `on`: the day it
    is read, which says what each convention counts then; by default the year is taken as a whole.

    A fixed number of queries, whatever the number of holders, cells and units; all are of one moment, since what was
    sealed is what is known less what came since.
    """
    scope = yield from scope_of.steps(landlord, year, territory, departement=departement, member=member)
    counts = FlowCount.objects.filter(landlord=landlord, month__year=year).filter(_in(scope.communes))
    if departement is not None:
        counts = counts.filter(within(departement.pk, commune="commune", on=end_of(year)))
    held: Sequence[Right] = yield from rights_in_year(landlord, year)
    whole = departement is None and sees_whole(member)
    after = NOTHING if live else (yield from since_of.steps(scope, landlord, year))
    bears = bearing.steps(held, _communes(scope, territory, year, whole=whole))
    held, read, (rows,), flowing, first, late = yield from together(
        bears if territory is not None or not whole else given(held),
        readings.steps(scope.ledgers, scope.acts, year, scope.communes, without=after.cells()),
        queried(scope.months().order_by().values_list("ledger", "holder").annotate(**SUMS)),
        flows.steps(counts),
        _counted_first(landlord, year, scope.yearly, scope.communes),
        late_acts.steps(landlord, year, scope.departements, draft=live) if scope.departements else given(None),
    )
    by_account = {(ledger, holder): figures_of(dict(zip(SUMS, sums, strict=True))) for ledger, holder, *sums in rows}
    for each, moved in after.accounts(scope.yearly):
        key = each.ledger, each.holder
        by_account[key] = by_account.get(key, AccountFigures()) - account_figures(moved)
    apart = tuple((holder, figures) for (_, holder), figures in by_account.items())
    found: dict[int, AccountFigures] = {}
    for holder, figures in apart:
        found[holder] = found.get(holder, AccountFigures()) + figures
    came = {each.holder for each in after.moved}
    lived = {holder: figures for holder, figures in found.items() if figures != AccountFigures() or holder not in came}
    named = {holder: AccountFigures() for holder in read.holders()} | lived
    flow = flowing.get((landlord.pk, year), Flow())
    flow.leave_out(after.fallen)
    copied = {each.vacancy for each, _ in after.accounts(scope.yearly) if each.stage == Stage.DUE and not each.own}
    if counted := first - len(copied):
        flow.in_shares[Kind.FIRST_LETTING] = counted
    return Balance(
        landlord,
        year,
        territory,
        departement,
        flow,
        (yield from lines.steps(landlord, held, named, on=on)),
        read.by_act,
        read.by_cohort,
        read.bridge,
        scope.ledgers,
        scope.acts,
        late,
        scope.communes,
        scope.leaves_transfers_out,
        apart,
        after,
    )


def rights_in_year(landlord: Landlord, year: int) -> Steps[list[Right]]:
    """The rights that a balance reads: those in force at some moment of its year. One query."""
    return rights.steps(landlord, since=date(year, 1, 1), until=date(year, 12, 31))


def read_ahead(landlord: Landlord, year: int, member: Membership) -> Steps[Any]:
    """What does not wait for the territory of a balance, to be read with what decides whether it is shown."""
    return together(scope_ahead(landlord, year, member), rights_in_year(landlord, year))


def scope_ahead(landlord: Landlord, year: int, member: Membership) -> Steps[Any]:
    """The same, of what is limited to a territory without the rights."""
    return together(
        territories.steps(landlord, year, member=member),
        books_of.steps(landlord, year, None, member),
        seals_among.steps(frozenset({landlord.pk}), None),
    )


@stepwise
def since_of(scope: Scope, landlord: Landlord, year: int) -> Steps[Since]:
    """What was recorded after the seals of a year, as far as a person reads it."""
    ledgers = {ledger.pk for ledger in (*scope.ledgers, *scope.acts)}
    departements = {ledger.departement_id for ledger in (*scope.ledgers, *scope.acts)}
    came = yield from since.steps([landlord.pk], [year], departements)
    return came.among(ledgers).where(scope.communes, scope.whole)


#: The sum of each, for `.annotate(**SUMS)` on grouped months.
SUMS = {name: Sum(name) for name in SUMMED}


def figures_of(row: Any) -> AccountFigures:
    """Those of a row annotated with `SUMS`."""
    return AccountFigures(**{name: row[name] for name in SUMMED})


def account_figures(figures: Mapping[str, int]) -> AccountFigures:
    """The same, of the columns of some months."""
    return AccountFigures(**{name: figures.get(name, 0) for name in SUMMED})


def _in(communes: Collection[int] | None) -> Q:
    return Q() if communes is None else Q(commune__in=communes)


def _communes(scope: Scope, territory: Territory | None, year: int, *, whole: bool) -> QuerySet[Territory]:
    """Where a right must bear to have a line, though nothing fell vacant there yet."""
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL)
    if territory is not None:
        communes = communes.filter(within(territory.pk, on=end_of(year)))
    return communes if whole else communes.filter(departement__in={ledger.departement_id for ledger in scope.ledgers})


def _counted_first(
    landlord: Landlord, year: int, ordinary: Collection[int], communes: Collection[int] | None
) -> Steps[int]:
    """First lettings that count in these yearly accounts. One query, that reads first lettings only."""
    # They have accounts of their own: found by these, and not among the first lettings of a country.
    books = Ledger.objects.filter(landlord=landlord, exercise=year, kind=Ledger.Kind.FIRST_LETTING).order_by()
    let = Vacancy.objects.filter(
        OneOf(F("ledger_id"), ArraySubquery(books.values("pk"))),
        kind=Kind.FIRST_LETTING,
    )
    if communes is not None:
        let = let.filter(description__commune__in=communes)
    due = FlowEntry.objects.filter(vacancy=OuterRef("pk"), ledger__in=ordinary, stage=Stage.DUE)
    (rows,) = yield [let.filter(Exists(due)).order_by().values_list(Value(0)).annotate(Count("pk"))]
    return int(sum(number for _, number in rows))


@stepwise
def flows(counts: QuerySet[FlowCount]) -> Steps[dict[tuple[int, int], Flow]]:
    """The flow of each (landlord id, year) among some counts. One query."""
    found: dict[tuple[int, int], Flow] = {}
    asked = (
        counts.order_by()
        .values_list("landlord", "month__year", "kind", "exclusion")
        .annotate(units=Sum("units"), decided=Sum("decided"))
        .exclude(units=0)
    )
    (rows,) = yield [asked]
    for landlord, year, kind, exclusion, count, decided in rows:
        flow = found.setdefault((landlord, year), Flow())
        flow.by_kind[kind] = flow.by_kind.get(kind, 0) + count
        flow.undecided[kind] = flow.undecided.get(kind, 0) + count - decided
        if exclusion:
            flow.by_exclusion[exclusion] += count
    return found


@stepwise
def delegates_of(read: Balance) -> Steps[tuple[Delegated, ...]]:
    """Of the whole accounts that a person reads, whatever the territory chosen in them. One query, one more where there
    are some, one where the year is sealed."""
    seals = {seal.key.departement: seal.pk for seal in read.since.seals}
    sealed = (yield from _sealed(seals.values())) if seals else {}
    open_ones = [book for book in read.yearly if seals.get(book.departement_id) not in sealed]
    delegated = yield from delegated_in.steps(open_ones)
    return tuple(_together([*delegated, *(each for found in sealed.values() for each in found)]))


def _sealed(versions: Collection[int]) -> Steps[dict[int, list[Delegated]]]:
    """By version (id), what it has; absent where its form is from before it was counted."""
    result = KeyTransform("delegated", Cast("content", JSONField()))
    (rows,) = yield [BalanceVersion.objects.filter(pk__in=versions).annotate(said=result).values_list("pk", "said")]
    return {pk: [Delegated.of_json(each) for each in found] for pk, found in rows if found is not None}


def _together(found: Iterable[Delegated]) -> list[Delegated]:
    """One for each holder, whatever the number of accounts, in the order of their names."""
    by_holder: dict[tuple[str, int], Delegated] = {}
    for each in found:
        key = each.siren, each.contingent
        by_holder[key] = _added(by_holder[key], each) if key in by_holder else each
    return sorted(by_holder.values(), key=lambda each: (each.name, -each.contingent))


def _added(one: Delegated, other: Delegated) -> Delegated:
    known = {each.siren: each for each in (*one.delegates, *other.delegates)}
    units = Counter[str]()
    for each in (*one.delegates, *other.delegates):
        units[each.siren] += each.units
    delegates = (replace(each, units=units[siren]) for siren, each in known.items())
    return replace(one, routed=one.routed + other.routed, delegates=tuple(sorted(delegates, key=str)))
