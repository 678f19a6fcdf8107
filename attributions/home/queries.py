"""What each person finds on arriving: what is routed to a holder, where a landlord's accounts stand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum, Value, Window
from django.utils import timezone

from attributions.home.progress import Progress, progress
from attributions.households.queries.candidates import drafts_in, expected_routings, with_drafts
from attributions.households.queries.file import going
from flux.delegating import proposed_by
from flux.models import (
    AccountMonth,
    AwaitedDecision,
    ExpectedHolder,
    Ledger,
    LedgerLine,
    PlaceCount,
    Recommendation,
    Routing,
    RoutingCount,
    Unit,
    Vacancy,
)
from flux.models.unit import TYPOLOGIES
from flux.queries.accounts import AccountFigures, AccountLine, accounts, furthest, total
from flux.queries.departures import coming
from flux.queries.flow import KindsMonth, kinds_through
from flux.queries.vacancies import VacancyRow, read_destinations, rows
from reservations.models import Convention, Landlord, Membership, Organisation, ReservationHolder, User
from reservations.models.convention import UNIT
from reservations.models.together import Steps, stepwise, together, whole
from reservations.queries.rows import ids_first
from reservations.rounding import nearest

#: Units of one page of a holder's home.
PAGE = 10

#: Units that await candidates, or are recommended for the holder, that its home shows: « À faire » and the list of
#: vacancies have them all.
SHOWN = 3

#: Units that await candidates, which do not stand again among those that follow their course.
APART = 20

#: « Récemment » on a holder's home.
RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class MixRow:
    """One typology: what the holder was due of it, and received. `gap` in millionths of a unit."""

    typology: str
    due: int
    received: int

    @property
    def gap(self) -> int:
        return self.due - UNIT * self.received

    @property
    def lacking(self) -> int:
        """Whole units lacking, rounded to the nearest; 0 when the holder has had more."""
        return max(0, nearest(self.gap, UNIT))

    @property
    def surplus(self) -> int:
        """Whole units received beyond the due, rounded to the nearest."""
        return max(0, nearest(-self.gap, UNIT))

    @property
    def near(self) -> bool:
        """Within one unit: nothing to say of it."""
        return abs(self.gap) < UNIT


@dataclass(frozen=True, slots=True)
class HolderState:
    """A line of an account, with the ledger it is in."""

    ledger: Ledger
    line: AccountLine


@dataclass(frozen=True, slots=True)
class Awaited:
    """A unit that waits for the reader's candidates. `may_decline`: the unit is of the flow, and the holder's to give
    back. `drafts`: the candidates that the reader's organisation prepared, and has not sent."""

    row: VacancyRow
    may_decline: bool
    drafts: int


@dataclass(frozen=True, slots=True)
class HolderHome:
    """What a holder's organisation reads first. `awaiting` are the units that wait for its candidates, the most urgent
    first, `awaiting_count` all of them; `page` holds its other units, the latest routed first, `routed` where each
    stands; `waiting` those recommended for it that the landlord has not confirmed, `waiting_count` all of them;
    `foreseen` those that wait to be decided and would come to it, `foreseen_count` all of them. Of
    those that it has today, routed `since_january`: `recent` were in the last days, `in_stock` are outside the flow,
    and so outside the account; `on_behalf` are proposed by delegation, and counted to
    their holder. `in_account`, of all that it has today: those that its accounts of the year count as received;
    `months`, what these were due, offered and received in each."""

    awaiting: list[Awaited]
    awaiting_count: int
    page: Page[int]
    routed: list[tuple[VacancyRow, Progress]]
    waiting: list[VacancyRow]
    waiting_count: int
    foreseen: list[ExpectedHolder]
    foreseen_count: int
    since_january: int
    in_account: int
    on_behalf: int
    in_stock: int
    recent: int
    accounts: list[HolderState]
    mix: list[MixRow]
    months: list[KindsMonth]

    @property
    def figures(self) -> AccountFigures:
        return total(current.line.figures for current in self.accounts)

    @property
    def gone(self) -> int:
        """Received by the accounts, and no longer there: given back or taken back, and counted all the same."""
        return self.figures.routed - self.in_account

    @property
    def scale(self) -> int:
        """What the bars of the mix compare with: the largest figure, in millionths."""
        return max([UNIT, *(max(row.due, UNIT * row.received) for row in self.mix)])


@stepwise
def holder_home(member: Membership, *, today: date, page: str | None) -> Steps[HolderHome]:
    """Read a holder's home: its contingents and its landlords together. A fixed number of queries."""
    yield from member.organisation.hold()
    mine = member.organisation_id
    held = _Held(member)
    urgent, now, waiting, recent, lines, may_come = yield from together(
        _urgent(mine, today),
        held.counted(today),
        _waiting(mine),
        held.since(today - RECENT, today.year),
        _lines(mine, today.year),
        coming.steps(member),
    )
    held.above = urgent.keys()
    ledgers = list({line.ledger_id: line.ledger for line in lines}.values())
    by_ledger = yield from accounts.steps(ledgers, today, among=member.organisation.held)
    pages: Page[int] = Paginator(held, PAGE).get_page(page)  # type: ignore[arg-type]  # asked for by pages alone
    cards = list(urgent)[:SHOWN]
    read = _with_files([*cards, *pages.object_list, *waiting], member, today)
    shown = [read[pk] for pk in pages.object_list]
    stands = progress([row.vacancy for row in shown])
    return HolderHome(
        awaiting=[_awaited(read[pk]) for pk in cards],
        awaiting_count=next(iter(urgent.values()), 0),
        page=pages,
        routed=[(row, stands[row.vacancy.pk]) for row in shown],
        waiting=[read[pk] for pk in waiting],
        waiting_count=next(iter(waiting.values()), 0),
        foreseen=list(may_come.shown),
        foreseen_count=may_come.count,
        since_january=now["since_january"],
        in_account=now["in_account"],
        on_behalf=now["on_behalf"],
        in_stock=now["in_stock"],
        recent=recent,
        accounts=[HolderState(ledger, line) for ledger in ledgers for line in by_ledger[ledger.pk]],
        mix=_mix([line.profile for line in lines]),
        months=kinds_through(
            AccountMonth.objects.filter(ledger__in=ledgers, holder__in={line.holder_id for line in lines}),
            year=today.year,
            until=today,
        ),
    )


def _lines(mine: int, year: int) -> Steps[list[LedgerLine]]:
    """The lines of an organisation in the accounts of a year, by landlord then département. One query."""
    found = LedgerLine.objects.filter(
        holder__organisation=mine, ledger__exercise=year, ledger__kind=Ledger.Kind.ORDINARY
    )
    ordered = found.order_by("ledger__landlord__organisation__name", "ledger__departement__code", "pk")
    return (yield from whole(ordered, "ledger__landlord__organisation", "ledger__departement"))


def _waiting(mine: int) -> Steps[dict[int, int]]:
    """The latest vacancies (ids) recommended for an organisation that their landlords have to confirm, each with how
    many there are. One query."""
    recommended = Exists(
        Recommendation.objects.filter(vacancy=OuterRef("pk"), holder__organisation=mine, routings=None)
    )
    named = AwaitedDecision.objects.filter(holder__organisation=mine).order_by().values("pk")
    found = Vacancy.objects.to_confirm().filter(recommended, pk__in=ids_first(named))
    found = found.annotate(every=Window(Count("pk"))).order_by("-registered_on", "-pk")
    rows: Any
    (rows,) = yield [found.values_list("pk", "every")[:SHOWN]]
    return dict(rows)


class _Held:
    """The units that an organisation has now, or acts for, less those `above`: the latest routed first, a page at a
    time from an index, and counted from what is kept of each month (`RoutingCount`)."""

    def __init__(self, member: Membership) -> None:
        self.mine = member.organisation_id
        self.above: Collection[int] = ()
        self.holders = [each.pk for each in member.organisation.held]
        self.parts = [*(Q(holder=holder) for holder in self.holders), Q(acting=self.mine)]

    @property
    def _open(self) -> QuerySet[Routing]:
        return Routing.objects.filter(Q(holder__in=self.holders) | Q(acting=self.mine), closed_at=None).order_by()

    def counted(self, today: date) -> Steps[dict[str, int]]:
        """How many there are, how many were routed since January, and of what sort. One query."""
        every, this_year = Q(exercise=None), Q(exercise=None, month__year=today.year)
        others = Q(acting=self.mine) & ~Q(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
        others &= ~Q(acting__kind=Organisation.Kind.STATE)  # by order, not by delegation
        wanted = {
            "every": every,
            "in_account": Q(exercise=today.year, holder__in=self.holders),
            "since_january": this_year,
            "on_behalf": this_year & others,
            "in_stock": this_year & Q(kind=Vacancy.Kind.STOCK),
        }
        found = RoutingCount.objects.filter(Q(holder__in=self.holders) | Q(acting=self.mine)).order_by()
        sums = {name: Sum("units", filter=which, default=0) for name, which in wanted.items()}
        (rows,) = yield [found.values_list(Value(0)).annotate(**sums)]
        read = dict(zip(wanted, rows[0][1:] if rows else [0] * len(wanted), strict=True))
        self.every: int = read["every"]
        return read

    def since(self, day: date, year: int) -> Steps[int]:
        """Those routed in a year, after a day. One query."""
        first = timezone.make_aware(datetime.combine(day + timedelta(1), time.min))
        routed = self._open.filter(routed_at__year=year, routed_at__gte=first)
        (rows,) = yield [routed.values_list(Value(0)).annotate(Count("pk"))]
        return int(sum(number for _, number in rows))

    def count(self) -> int:
        return self.every - len(self.above)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, page: slice) -> list[int]:
        """The vacancies (ids) of a page. One query: the latest of each part."""
        if not page.stop:
            return []
        kept = Routing.objects.filter(closed_at=None).exclude(vacancy__in=self.above)
        parts = [
            kept.filter(part).order_by("-routed_at", "-vacancy").values_list("routed_at", "vacancy")[: page.stop]
            for part in self.parts
        ]
        latest = parts[0].union(*parts[1:]).order_by() if self.holders else parts[0]
        return [vacancy for _, vacancy in sorted({*latest}, reverse=True)[page]]


def _awaiting(mine: int, today: date) -> QuerySet[Routing]:
    """The open routings for which this organisation is expected to send candidates, the shortest delay first; what has
    no delay comes last.

    Not those whose landlord looks for them, nor what is allocated or let already.
    """
    return expected_routings(today=today).filter(proposed_by(mine, today), vacancy__in=ids_first(going(mine)))


def _urgent(mine: int, today: date) -> Steps[dict[int, int]]:
    """The vacancies (ids) of the first ones, in their order; with each, how many there are of them all, counted as they
    are put in order."""
    first = _awaiting(mine, today).annotate(every=Window(Count("pk")))
    rows: Any
    (rows,) = yield [first.values_list("vacancy", "every")[:APART]]
    return dict(rows)


def _awaited(row: VacancyRow) -> Awaited:
    return Awaited(row, row.vacancy.kind == Vacancy.Kind.IN_FLOW, drafts_in(row.vacancy))


def _with_files(ids: Sequence[int], member: Membership, today: date) -> dict[int, VacancyRow]:
    """Rows of these vacancies, by their ids, with what was prepared for each: those of every list of the page, read at
    once."""
    found = with_drafts(Vacancy.objects.filter(pk__in=ids or [0]).with_file_access(member), member.organisation_id)
    return {row.vacancy.pk: row for row in rows(read_destinations(found), member=member, today=today)}


def _mix(profiles: Sequence[Mapping[str, Mapping[str, Sequence[int]]]]) -> list[MixRow]:
    """Due and received by typology, over several lines; only the typologies that fell vacant."""
    found = []
    for typology in TYPOLOGIES:
        figures = [profile.get("typology", {}).get(typology, (0, 0)) for profile in profiles]
        row = MixRow(typology, sum(due for due, _ in figures), sum(received for _, received in figures))
        if row.due or row.received:
            found.append(row)
    return found


@dataclass(frozen=True, slots=True)
class LandlordHome:
    """Where a landlord's accounts of the year stand, beside its queue. `vacated` since January, of which `routed` are
    of the flow and at somebody's today: each as the list behind it."""

    ledgers: list[tuple[Ledger, list[AccountLine]]]
    vacated: int
    routed: int

    @property
    def widest(self) -> AccountLine | None:
        return furthest(line for _, lines in self.ledgers for line in lines)


@stepwise
def landlord_home(landlord: Landlord, *, today: date) -> Steps[LandlordHome]:
    """Read what stands beside the queue. Four queries."""
    ordinary = Ledger.objects.ordinary().filter(landlord=landlord, exercise=today.year)
    ledgers = yield from whole(ordinary, "departement")
    by_ledger = yield from accounts.steps(ledgers, today)
    counted = yield from _counted(landlord, today.year, by_ledger)
    return LandlordHome(
        ledgers=[(ledger, by_ledger[ledger.pk]) for ledger in ledgers],
        vacated=counted.get("vacated", 0),
        routed=counted.get("routed", 0),
    )


def _counted(landlord: Landlord, year: int, by_ledger: Mapping[int, Sequence[AccountLine]]) -> Steps[dict[str, int]]:
    """How many of its units fell vacant in a year, and how many of the flow are at somebody's now: of the accounts
    given, by the holders of their lines. One query, of what is kept of each place (`PlaceCount`) and of each month
    (`RoutingCount`)."""
    vacated = PlaceCount.objects.filter(landlord=landlord, year=year)
    routed = RoutingCount.objects.filter(
        holder__in={line.holder.pk for lines in by_ledger.values() for line in lines},
        month__gte=date(year, 1, 1),
        landlord=landlord,
        ledger__in=list(by_ledger),
        kind=Vacancy.Kind.IN_FLOW,
        exercise=None,
    )
    first, second = (
        kept.order_by().values_list(Value(name)).annotate(count=Sum("units", default=0))
        for name, kept in (("vacated", vacated), ("routed", routed))
    )
    (rows,) = yield [first.union(second, all=True).order_by()]
    return {str(name): count for name, count in rows}


@dataclass(frozen=True, slots=True)
class AdministratorHome:
    """How much there is of everything, and who cannot work yet."""

    organisations: int
    landlords: int
    people: int
    people_without_organisation: int
    conventions: int
    units: int
    vacancies: int
    recommendations: int


def administrator_home(*, today: date) -> AdministratorHome:
    """Count everything. Eight queries."""
    return AdministratorHome(
        organisations=Membership.objects.filter(user__is_active=True).values("organisation").distinct().count(),
        landlords=Landlord.objects.count(),
        people=User.objects.filter(is_active=True).count(),
        people_without_organisation=User.objects.filter(is_active=True, memberships=None).count(),
        conventions=Convention.objects.in_force(today).count(),
        units=Unit.objects.count(),
        vacancies=Vacancy.objects.count(),
        recommendations=Recommendation.objects.count(),
    )
