"""The statement of one holder in a ledger: month by month, line by line, and the units behind each figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from flux.models import AccountMonth, CarriedOver, FlowEntry, Ledger, SettledDue
from flux.queries.accounts import SUMS, AccountFigures, total
from flux.queries.statement_lines import Event, StatementLine, lines_of, say_what, settled_for
from flux.queries.stock_transfers import taken_from
from reservations.models import Membership, ReservationHolder
from reservations.models.terms import Side
from reservations.models.together import Steps, counting, queried, stepwise, together

Stage = FlowEntry.Stage


class Figure(StrEnum):
    """The figures of an account that open on their units: those that it is made of, then what became of the units."""

    DUE = "DUE"
    SHARE = "SHARE"
    CARRIED = "CARRIED"
    VACATED = "VACATED"
    AGAIN = "AGAIN"
    ROUTED = "ROUTED"
    AWAITING = "AWAITING"
    RECEIVED = "RECEIVED"
    IN_COURSE = "IN_COURSE"
    OFFERED = "OFFERED"
    DESIGNATED = "DESIGNATED"
    ALLOCATED = "ALLOCATED"
    LEASED = "LEASED"
    RETURNED = "RETURNED"
    LAPSED = "LAPSED"
    REFUSED_APPLICANT = "REFUSED_APPLICANT"
    REFUSED_HOLDER = "REFUSED_HOLDER"
    REFUSED_LANDLORD = "REFUSED_LANDLORD"
    REFUSED_COMMITTEE = "REFUSED_COMMITTEE"
    REFUSED_UNIT = "REFUSED_UNIT"

    @property
    def stages(self) -> tuple[Stage, ...]:
        several = {
            Figure.IN_COURSE: FlowEntry.RECEIVED,
            Figure.DUE: FlowEntry.OWED,
            Figure.SHARE: (Stage.DUE,),
            Figure.VACATED: (Stage.DUE,),
            Figure.AGAIN: (Stage.DUE,),
        }
        if self.side:
            return (Stage.REFUSED,)
        return several.get(self, (Stage(self.value),) if self.value in Stage.values else ())

    @property
    def side(self) -> str:
        """Whose doing the refusals are that this figure counts; "" for the others. They count candidates."""
        return self.value.removeprefix("REFUSED_") if self.value.startswith("REFUSED_") else ""

    @property
    def whose(self) -> str:
        """« le demandeur », « la CALEOL »; "" for what counts units."""
        return str(Side(self.side).label) if self.side else ""

    @property
    def is_owed(self) -> bool:
        """Is it in millionths of a unit?"""
        return self in (Figure.DUE, Figure.SHARE, Figure.CARRIED)

    @property
    def condition(self) -> Q:
        """On entries: those that it adds up."""
        if self == Figure.RECEIVED:
            return ~Q(reached=0)
        held = Q(stage__in=self.stages)
        if self == Figure.IN_COURSE:
            return held | ~Q(reached=0)
        return held & Q(side=self.side) if self.side else held

    @property
    def measure(self) -> Combinable:
        """The figure of grouped entries: what they add up to, of what is received what reached the counting point; for
        units vacated or counted again, how many credit the holder for the first time, or once more, less those that a
        cancellation took back."""
        if self in (Figure.VACATED, Figure.AGAIN):
            return _credits(again=self is Figure.AGAIN)
        reached: Combinable = Coalesce(Sum("reached"), 0)
        if self == Figure.RECEIVED:
            return reached
        held: Combinable = Coalesce(Sum("quantity", filter=Q(stage__in=self.stages, side=self.side)), 0)
        return held - reached if self == Figure.IN_COURSE else held


def _credits(*, again: bool) -> Combinable:
    """How many dues are the first that their unit gave the holder, or later ones: a unit given back that counts is
    offered again, and credits once more (docs/decisions/0010). Each opposite takes its due back."""
    same = FlowEntry.objects.filter(
        ledger=OuterRef("ledger"),
        holder=OuterRef("holder"),
        vacancy=OuterRef("vacancy"),
        stage=Stage.DUE,
        pk__lt=OuterRef("pk"),
    )

    def counted(**sign: int) -> Count:
        before = Exists(same.filter(**sign))
        return Count("pk", filter=Q(stage=Stage.DUE, **sign) & (Q(before) if again else ~Q(before)))

    return counted(quantity__gt=0) - counted(quantity__lt=0)


#: Each figure, by its value, for `.annotate(**COUNTS)` on grouped entries.
COUNTS = {figure.value: figure.measure for figure in Figure}

#: The same where months keep it, by the name of its column. What is in course is read from three of them.
FOLDED = {figure: figure.value.lower() for figure in Figure if figure is not Figure.IN_COURSE} | {
    Figure.SHARE: "shares"
}


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a statement, or all of them. `opening` and `balance`: the gap when it begins and when it ends;
    `counts`: each `Figure` by its value; `first_allocated` and `first_leased`: among them, first lettings that a yearly
    account counts in its shares."""

    first: date
    figures: AccountFigures
    balance: int
    counts: Mapping[str, int]
    first_allocated: int = 0
    first_leased: int = 0

    @property
    def opening(self) -> int:
        return self.balance - self.figures.gap

    @property
    def vacated(self) -> int:
        """Units that credited the holder, each once, less those cancelled."""
        return self.counts[Figure.VACATED]

    @property
    def again(self) -> int:
        """How many times one of them credited it once more, after a return that used a turn. A share that does not
        change, times `vacated` and `again` together, is what the shares made due."""
        return self.counts[Figure.AGAIN]

    @property
    def moved(self) -> int:
        """Due given up after a return, or moved at the end of a right; in millionths."""
        return self.figures.due - self.counts[Figure.SHARE] - self.counts[Figure.CARRIED]

    @property
    def refused(self) -> int:
        """Candidates lost, whoever's doing it is."""
        return sum(self.counts[figure] for figure in Figure if figure.side)


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything of one holder in one ledger up to a date; `lines` are those of the month `shown`.

    `carry_over`: what the year before left to it, in millionths, which this one gives back by steps over the `planned`
    first units of the year; `opening`: the gap when the month shown begins. `settled`: what precedes signatures;
    `apart`: other due given up or transferred, by stage, where there was any.
    """

    ledger: Ledger
    holder: ReservationHolder
    on: date
    months: list[Month]
    carry_over: int
    planned: int
    shown: date
    opening: int
    lines: list[StatementLine]
    settled: Sequence[SettledDue]
    apart: Mapping[str, int]

    @property
    def whole(self) -> Month:
        """All the months as one."""
        return Month(
            self.months[0].first,
            total(month.figures for month in self.months),
            self.months[-1].balance,
            {figure.value: sum(month.counts[figure] for month in self.months) for figure in Figure},
            sum(month.first_allocated for month in self.months),
            sum(month.first_leased for month in self.months),
        )

    @property
    def figures(self) -> AccountFigures:
        return self.whole.figures

    @property
    def vacated(self) -> int:
        return self.whole.vacated

    @property
    def to_give_back(self) -> int:
        """Of the carry-over, what the units to come will give back; in millionths."""
        return self.carry_over - self.whole.counts[Figure.CARRIED]

    @property
    def carries(self) -> bool:
        """Did the year before leave anything here, given back already or not?"""
        return bool(self.carry_over) or any(month.counts[Figure.CARRIED] for month in self.months)

    @property
    def counts_again(self) -> bool:
        """Did a unit given back ever credit it once more?"""
        return any(month.again for month in self.months)

    @property
    def moves(self) -> bool:
        """Was due ever given up or moved here?"""
        return any(month.moved for month in self.months)

    @property
    def settled_before(self) -> int:
        """What was settled of before signatures; in millionths."""
        return sum(row.entry.quantity for row in self.settled)

    @property
    def earlier(self) -> date | None:
        """The month before the one shown, when the statement has it."""
        return max((month.first for month in self.months if month.first < self.shown), default=None)

    @property
    def later(self) -> date | None:
        return min((month.first for month in self.months if month.first > self.shown), default=None)


@stepwise
def statement(
    ledger: Ledger, holder: ReservationHolder, *, on: date, month: date | None, member: Membership | None
) -> Steps[Statement]:
    """Read a statement; `month` (its first day) chooses the lines, the latest when None or out of the statement. They
    say their units as `member` may read them; without one, `say_what` says those that are shown.

    Two queries, more where due was moved or where entries follow the day asked in its own month, whatever the number of
    entries: one month's lines are read, months keep what the others add up to.
    """
    carried = CarriedOver.objects.filter(ledger=ledger, holder=holder)
    read, (amount, planned) = yield from together(
        months.steps(ledger, holder, on),
        counting(carried, amount=Coalesce(Sum("amount"), 0), planned=Coalesce(Max("planned"), 0)),
    )
    known = [row.first for row in read]
    shown = month if month is not None and month in known else known[-1]
    opening = next((row.balance for row in reversed(read) if row.first < shown), 0)
    shown_entries = _entries(ledger, holder, on).filter(on__gte=shown, on__lt=month_after(shown))
    lines = yield from lines_of.steps(shown_entries, opening)
    say_absorbed(lines, ledger, holder)
    moved = any(month.moved for month in read)
    settled, apart = list[SettledDue](), list[Any]()
    if moved:
        both = together(settled_for.steps(ledger, holder, on=on), queried(_apart(ledger, holder, on)))
        settled, (apart,) = yield from both
    say_settled(lines, settled)
    if member is not None:
        say_what(lines, member, holder)
    return Statement(ledger, holder, on, read, amount, planned, shown, opening, lines, settled, dict(apart))


def _entries(ledger: Ledger, holder: ReservationHolder, on: date) -> QuerySet[FlowEntry]:
    return FlowEntry.objects.filter(ledger=ledger, holder=holder, on__lte=on)


def _apart(ledger: Ledger, holder: ReservationHolder, on: date) -> QuerySet[FlowEntry, Any]:
    moved = _entries(ledger, holder, on).filter(stage__in=(Stage.FORFEITED, Stage.TRANSFERRED), settled=None)
    return moved.order_by().values_list("stage").annotate(Sum("quantity"))


@stepwise
def months(ledger: Ledger, holder: ReservationHolder, on: date) -> Steps[list[Month]]:
    """Every month from January to the day asked (or December, or the last entry), the empty ones included. One query,
    of months; two when entries follow the day asked in its own month, which is then added up from its entries."""
    found, read = (yield from _folded(ledger, holder, on)), list[Month]()
    first, last = date(ledger.exercise, 1, 1), date(ledger.exercise, 12, 1)
    end = max([first, min(last, on.replace(day=1)), *found])
    balance = 0
    while first <= end:
        row = found.get(first)
        figures = AccountFigures.of(row) if row else AccountFigures()
        balance += figures.gap
        counts = {figure.value: row[figure.value] if row else 0 for figure in Figure}
        copies = (row["first_allocated"], row["first_leased"]) if row else (0, 0)
        read.append(Month(first, figures, balance, counts, *copies))
        first = month_after(first)
    return read


def _folded(ledger: Ledger, holder: ReservationHolder, on: date) -> Steps[dict[date, dict[str, Any]]]:
    """By month, its `SUMS`, its `Figure`s and its first lettings, up to a day."""
    begun = on.replace(day=1)
    own = FlowEntry.objects.filter(ledger=ledger, holder=holder, on__gte=begun)
    own = own.filter(on__lt=month_after(begun)) if on < date(MAXYEAR, 12, 1) else own
    columns = sorted({*SUMS, *FOLDED.values(), "first_allocated", "first_leased"})
    kept = AccountMonth.objects.filter(ledger=ledger, holder=holder, month__lte=on).order_by().values_list("month")
    partly, rows = yield [
        own.filter(on__gt=on).values_list("pk")[:1],
        kept.annotate(**{f"sum_{name}": Sum(name) for name in columns}),
    ]
    found = {month: _month_figures(dict(zip(columns, sums, strict=True))) for month, *sums in rows}
    if partly:
        found.pop(begun, None)
        found |= yield from _added_up(begun, own.filter(on__lte=on))
    return found


def _month_figures(read: dict[str, Any]) -> dict[str, Any]:
    """A month as its entries would say it."""
    return (
        read
        | {figure.value: read[column] for figure, column in FOLDED.items()}
        | {Figure.IN_COURSE.value: read["routed"] + read["awaiting"] - read["received"]}
    )


def _added_up(month: date, entries: QuerySet[FlowEntry]) -> Steps[dict[date, dict[str, Any]]]:
    """What the entries of a month add up to, one by one; nothing without any."""
    first = {"first_allocated": Stage.ALLOCATED, "first_leased": Stage.LEASED}
    sums = {name: _of_first_lettings(stage) for name, stage in first.items()} | SUMS | COUNTS
    number, *added = yield from counting(entries, rows=Count("pk"), **sums)
    return {month: dict(zip(sums, added, strict=True))} if number else {}


def _of_first_lettings(stage: Stage) -> Coalesce:
    """Entries of a yearly account about first lettings, whose own account is another."""
    copied = Q(stage=stage, ledger__kind=Ledger.Kind.ORDINARY, vacancy__ledger__kind=Ledger.Kind.FIRST_LETTING)
    return Coalesce(Sum("quantity", filter=copied), 0)


def month_after(first: date) -> date:
    """The first day of the next month."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def say_absorbed(lines: Iterable[StatementLine], ledger: Ledger, holder: ReservationHolder) -> None:
    """Say with which landlord an absorption moved what is due. One query, none where nothing was transferred."""
    moved = [line for line in lines if line.event == Event.TRANSFERRED]
    known = taken_from(ledger, holder) if moved else {}
    for line in moved:
        line.landlord, line.gave = known.get((line.until, line.due), (None, False))


def say_settled(lines: Iterable[StatementLine], settled: Iterable[SettledDue]) -> None:
    """Say what the lines that moved due settle. No query."""
    known = {(row.entry.on, row.entry.quantity): row for row in settled}
    for line in lines:
        if line.event == Event.TRANSFERRED:
            line.settled = known.get((line.until, line.due))
