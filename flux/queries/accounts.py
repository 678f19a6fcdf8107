"""The account: for each holder of a ledger, what was due, what was received, the gap; at any date, from the entries.

Every figure is a sum of `FlowEntry` rows dated up to the day asked: of the months that add them up, less what the last
of these months holds after that day. Read by screens, exports, the balance and commands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from typing import Any, Protocol

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from flux.models import AccountMonth, FlowEntry, Ledger, Recommendation, Vacancy
from flux.queries.conventions import counting_points
from reservations.models import Landlord, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.once_a_request import by_id_steps
from reservations.models.terms import Terms
from reservations.models.territory import holds_one_of
from reservations.models.together import Steps, given, queried, stepwise, together, whole
from reservations.queries.rights import Right, rights

Stage = FlowEntry.Stage


def _sum(*stages: Stage) -> Coalesce:
    return Coalesce(Sum("quantity", filter=Q(stage__in=stages)), 0)


#: The sum of each figure, for `.annotate(**SUMS)` on grouped entries; `Figures.of(row)` reads them back.
SUMS = {
    "due": _sum(*FlowEntry.OWED),
    "carried": _sum(Stage.CARRIED),
    "routed": _sum(Stage.ROUTED),
    "awaiting": _sum(Stage.AWAITING),
    "returned": _sum(Stage.RETURNED),
    "designated": _sum(Stage.DESIGNATED),
    "allocated": _sum(Stage.ALLOCATED),
    "leased": _sum(Stage.LEASED),
    "received": Coalesce(Sum("reached"), 0),
}


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """What entries add up to. `due`, `carried` (the part of it that gives back what the year before left) and `gap` in
    millionths of a unit; the others in whole units.

    `received`: units at the counting point of the convention that their routing applied, and turns used by returns:
    what due is compared with on every page, in every file (docs/decisions/0073). `held`:
    those in course too, that the rule counts (routing specification, section 1), a recommendation that waits included.
    """

    due: int = 0
    routed: int = 0
    awaiting: int = 0
    returned: int = 0
    allocated: int = 0
    leased: int = 0
    carried: int = 0
    designated: int = 0
    received: int = 0

    @classmethod
    def of(cls, row: Any) -> AccountFigures:
        """Those of a row annotated with `SUMS`."""
        return cls(**{name: row[name] for name in SUMS})

    @property
    def held(self) -> int:
        """Received or in course."""
        return self.routed + self.awaiting

    @property
    def in_course(self) -> int:
        """En cours: on their way to the counting point."""
        return self.held - self.received

    @property
    def gap(self) -> int:
        """Dû − reçu: positive when something is still owed, negative when the holder is ahead."""
        return self.due - UNIT * self.received

    @property
    def left(self) -> int:
        """What will be left once all that is in course has arrived: the gap that the rule keeps small."""
        return self.due - UNIT * self.held

    def __add__(self, other: AccountFigures) -> AccountFigures:
        return AccountFigures(**{name: getattr(self, name) + getattr(other, name) for name in SUMS})

    def __sub__(self, other: AccountFigures) -> AccountFigures:
        return AccountFigures(**{name: getattr(self, name) - getattr(other, name) for name in SUMS})

    def as_tuple(self) -> tuple[int, ...]:
        return tuple(getattr(self, name) for name in SUMS)

    def as_json(self) -> dict[str, int]:
        return {
            "due": self.due,
            "routed": self.routed,
            "awaiting": self.awaiting,
            "received": self.received,
            "in_course": self.in_course,
            "gap": self.gap,
            "left": self.left,
            "returned": self.returned,
            "allocated": self.allocated,
            "leased": self.leased,
        }


def total(figures: Iterable[AccountFigures]) -> AccountFigures:
    """Their sum."""
    return sum(figures, AccountFigures())


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One holder's figures, and the rights they come from (none for the landlord, who has the remainder).
    `counting_point`: when a unit counts, by the latest convention that has begun on the day read; `is_agreed`: is there
    one in the year? What is left to the landlord has none."""

    holder: ReservationHolder
    rights: tuple[Right, ...]
    figures: AccountFigures
    counting_point: str = Terms.CountingPoint.ROUTED
    is_agreed: bool = True

    @property
    def counting_point_words(self) -> str:
        """« à l’orientation », « au bail signé »."""
        return str(Terms.CountingPoint(self.counting_point).label)

    @property
    def gap(self) -> int:
        """Of its figures: dû − arrivés au point de comptage."""
        return self.figures.gap

    def as_json(self) -> dict[str, str | int]:
        return {
            "organisation": self.holder.organisation.siren,
            "contingent": self.holder.contingent,
            "name": str(self.holder),
            "counting_point": self.counting_point,
            "counted": self.figures.received,
            **self.figures.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Account:
    """A ledger on a date: one line a holder, in the order of the ranks, the landlord last.

    `entered`: units that entered the flow by that date. The shares of each sum to exactly one, once more after each
    return that used its holder's turn: such a unit is then received twice.
    """

    ledger: Ledger
    on: date
    entered: int
    lines: tuple[AccountLine, ...]

    @property
    def total(self) -> AccountFigures:
        return total(line.figures for line in self.lines)

    @property
    def unassigned(self) -> int:
        """Units registered by that date that nobody had: their recommendation came later, or works took them out of
        the flow; 0 when the gaps sum to nothing."""
        return self.total.left // UNIT

    @property
    def widest(self) -> AccountLine | None:
        """The holder furthest from its due."""
        return furthest(self.lines)


class Owed(Protocol):
    """What one holder has still to receive."""

    @property
    def holder(self) -> ReservationHolder: ...

    @property
    def gap(self) -> int: ...


def furthest[Each: Owed](lines: Iterable[Each]) -> Each | None:
    """« Plus grand écart d’un réservataire » : the holder furthest from its due, either way, in one account: the
    landlord's own part is what is left, and nobody's due. None without a holder. Of two as far, the one that is owed,
    then the one kept first: every page names the same."""
    held = (line for line in lines if not line.holder.is_not_reserved)
    return max(held, key=lambda line: (abs(line.gap), line.gap, -line.holder.pk), default=None)


@stepwise
def bearing_in(ledger: Ledger) -> Steps[list[Right]]:
    """The rights that bear on a commune of a ledger at some moment of its year. Two queries."""
    year = ledger.exercise
    held = yield from rights.steps(ledger.landlord, since=date(year, 1, 1), until=date(year, 12, 31))
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=ledger.departement_id)
    return (yield from bearing.steps(held, communes))


@stepwise
def account(ledger: Ledger, on: date) -> Steps[Account]:
    """Read a ledger on a date. Four queries at most, whatever the number of holders."""
    agreed = ledger.kind == Ledger.Kind.FIRST_LETTING  # programme by programme: no share of the flow bears on it
    held = given(list[Right]()) if agreed else bearing_in.steps(ledger)
    read = figures_on.steps(on, ledger=ledger), entered_by.steps(ledger, on), held
    figures, count, there = yield from together(*read)
    found = {holder: of for (_, holder), of in figures.items()}
    return Account(ledger, on, count, (yield from lines.steps(ledger.landlord, there, found, on=on)))


def entered(entries: QuerySet[FlowEntry]) -> int:
    """Units that these entries credit to somebody, each once; none of those cancelled since. One query."""
    credited = entries.filter(stage=Stage.DUE).order_by().values("vacancy").annotate(due=Sum("quantity"))
    return credited.exclude(due=0).count()


@stepwise
def entered_by(ledger: Ledger, on: date) -> Steps[int]:
    """Units that entered a ledger by a day, each once. One query, without a reading of all its entries once none is
    dated after that day; two otherwise."""
    entries = FlowEntry.objects.filter(ledger=ledger)
    stored = entered_each.steps([ledger])
    (after,), each = yield from together(queried(entries.filter(on__gt=on).values_list("pk")[:1]), stored)
    is_past = bool(after) or ledger.kind == Ledger.Kind.ONE_TURN
    return entered(entries.filter(on__lte=on)) if is_past else int(each[ledger.pk])


@stepwise
def entered_each(ledgers: Sequence[Ledger]) -> Steps[dict[int, int]]:
    """Units that entered each of several ledgers (by id), but those cancelled or taken out for works since, as they are
    stored now. One query, of these alone."""
    again = Recommendation.objects.filter(ledger=OuterRef("pk"), attempt__gt=1).order_by().values("ledger")
    decided = Ledger.objects.filter(pk__in=[ledger.pk for ledger in ledgers]).order_by()
    first = F("sequence") - Coalesce(Subquery(again.annotate(times=Count("pk")).values("times")), 0)
    due = Q(entries__ledger__in=ledgers, entries__stage=Stage.DUE)
    cancelled = Vacancy.declared.filter(due, cancelled_at__isnull=False).order_by()
    out = Vacancy.objects.filter(ledger__in=ledgers, ledger__accounting__gte=2).out_for_works().order_by()
    less = Value(0) - Count("pk", distinct=True)
    gone = cancelled.values_list("entries__ledger").annotate(less=less)
    works = out.values_list("ledger").annotate(less=less)
    found = {ledger.pk: 0 for ledger in ledgers}
    (rows,) = yield [decided.values_list("pk", first).union(gone, works, all=True).order_by()]
    for ledger, units in rows:
        found[ledger] += units
    return found


@stepwise
def figures_on(on: date, **books: Any) -> Steps[dict[tuple[int, int], AccountFigures]]:
    """The figures on a day of each (ledger, holder) of the books asked for, by ids. One query, of months and of what
    follows that day in its own month."""
    after = date(on.year + on.month // 12, on.month % 12 + 1, 1) if on < date(MAXYEAR, 12, 1) else date.max
    months = AccountMonth.objects.filter(**books, month__lte=on)
    later = FlowEntry.objects.filter(**books, on__gt=on, on__lt=after)
    kept = _by_account(months, 0, {name: Coalesce(Sum(name), 0) for name in SUMS})
    found: dict[tuple[int, int], AccountFigures] = {}
    (rows,) = yield [kept.union(_by_account(later, 1, SUMS), all=True).order_by()]
    for is_later, ledger, holder, *added in sorted(rows):
        key, figures = (ledger, holder), AccountFigures(**dict(zip(SUMS, added, strict=True)))
        found[key] = found.get(key, AccountFigures()) - figures if is_later else figures
        if is_later and not any(found[key].as_tuple()):  # nothing of it yet on that day
            del found[key]
    return found


def _by_account(rows: QuerySet[Any], rank: int, added: Mapping[str, Coalesce]) -> QuerySet[Any]:
    # By a name apart: an annotation may not have that of a column.
    named = {f"sum_{name}": value for name, value in added.items()}
    grouped: QuerySet[Any, Any] = rows.order_by().values_list(Value(rank), "ledger", "holder").annotate(**named)
    return grouped


def sums(entries: QuerySet[FlowEntry]) -> dict[int, AccountFigures]:
    """The figures of each holder (by id) in some entries. One query."""
    rows = entries.order_by().values("holder").annotate(**SUMS)
    return {row["holder"]: AccountFigures.of(row) for row in rows}


@stepwise
def bearing(held: Sequence[Right], communes: QuerySet[Territory]) -> Steps[list[Right]]:
    """Those of the rights that bear on at least one of these communes. One query."""
    around = Territory.objects.filter(holds_one_of(communes, "pk"), pk__in={right.perimeter_id for right in held})
    (rows,) = yield [around.order_by().values_list("pk")]
    return [right for right in held if (right.perimeter_id,) in rows]


def last_rights(held: Iterable[Right]) -> dict[int, Right]:
    """By holder (id), the last of its rights among those that bear on a ledger: the one that ends last."""
    return {right.holder.pk: right for right in sorted(held, key=lambda right: (right.ends_on, right.convention.pk))}


def ends_within(last: Right, ledger: Ledger) -> bool:
    """Does the last right of a holder end before the ledger's year does? What it leaves is then not carried over."""
    return last.ends_on < date(ledger.exercise, 12, 31)


@stepwise
def lines(
    landlord: Landlord, held: Iterable[Right], found: Mapping[int, AccountFigures], *, on: date = date.max
) -> Steps[tuple[AccountLine, ...]]:
    """One line for each holder that has a right or a figure, and for the landlord. One query. `on`: the day read;
    conventions that begin later do not say yet when a unit counts."""
    by_holder: dict[int, list[Right]] = defaultdict(list)
    for right in held:
        by_holder[right.holder.pk].append(right)
    own = Q(organisation=landlord.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED)
    named = ReservationHolder.objects.filter(own | Q(pk__in=[*found, *by_holder])).order_by("pk")
    holders = yield from whole(named, "organisation")
    last = 1 + max((right.rank for rights_of in by_holder.values() for right in rights_of), default=0)

    def place(line: AccountLine) -> tuple[bool, int, str, int]:
        rank = min((right.rank for right in line.rights), default=last)
        return line.holder.is_not_reserved, rank, line.holder.organisation.search_name, -line.holder.contingent

    return tuple(
        sorted(
            (
                AccountLine(
                    holder,
                    tuple(by_holder[holder.pk]),
                    found.get(holder.pk, AccountFigures()),
                    _point(by_holder[holder.pk], on),
                    bool(by_holder[holder.pk]),
                )
                for holder in holders
            ),
            key=place,
        )
    )


def _point(held: Iterable[Right], on: date) -> str:
    """Of the rights of a holder, when the latest that has begun counts a unit; at the routing without one."""
    begun = [right for right in held if right.starts_on <= on]
    latest = max(begun, key=lambda right: right.starts_on, default=None)
    return latest.convention.counting_point if latest else Terms.CountingPoint.ROUTED


@dataclass(frozen=True, slots=True)
class Term:
    """A share as a person reads it: how much (at the lowest, at the highest), where, its dates when it does not run all
    the year, and the days on which its convention is suspended."""

    span: tuple[int, int]
    place: Territory
    since: date | None
    until: date | None
    pauses: tuple[tuple[date, date], ...] = ()


def terms(line: AccountLine, exercise: int) -> list[Term]:
    """The shares behind a line."""
    first, last = date(exercise, 1, 1), date(exercise, 12, 31)
    return [
        Term(
            right.span,
            right.convention.perimeter,
            right.starts_on if right.starts_on > first else None,
            right.ends_on if right.ends_on < last else None,
            tuple((first_day, until) for first_day, until in right.pauses if first_day <= last and until >= first),
        )
        for right in line.rights
    ]


@stepwise
def accounts(
    ledgers: Sequence[Ledger], on: date, *, among: Sequence[ReservationHolder] | None = None
) -> Steps[dict[int, list[AccountLine]]]:
    """The lines of several ledgers (by id), holders without entries left out; `among`: those of these holders alone.
    Two queries, whatever their number."""
    rows = yield from figures_on.steps(on, ledger__in=ledgers, **({} if among is None else {"holder__in": among}))
    named = by_id_steps(ReservationHolder, {holder for _, holder in rows if among is None}, "organisation")
    holders, points = yield from together(named, counting_points.steps(rows.keys(), ledgers, on=on))
    holders |= {each.pk: each for each in among or ()}
    read = {ledger.pk: list[AccountLine]() for ledger in ledgers}
    for (ledger, holder), figures in rows.items():
        read[ledger].append(AccountLine(holders[holder], (), figures, *points[ledger, holder]))
    for found in read.values():
        found.sort(key=lambda line: (line.holder.is_not_reserved, -line.figures.due, line.holder.pk))
    return read


def own_figures(organisation: int, exercise: int, on: date) -> AccountFigures:
    """The yearly percentages of one organisation, its contingents and its landlords together. One query."""
    books = {"ledger__exercise": exercise, "ledger__kind": Ledger.Kind.ORDINARY}
    return total(figures_on(on, holder__organisation=organisation, **books).values())
