"""The statement of one holder in a ledger: month by month, line by line, and the units behind each figure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from flux.models import FlowEntry, Ledger, Vacancy
from flux.queries.account import SUMS, Figures, total
from reservations.models import Membership, ReservationHolder
from reservations.models.convention import UNIT

Stage = FlowEntry.Stage


class Figure(models.TextChoices):
    """The figures of an account that open on their units."""

    DUE = "DUE", "dus"
    ROUTED = "ROUTED", "orientés"
    AWAITING = "AWAITING", "recommandés, à confirmer par le bailleur"
    RECEIVED = "RECEIVED", "reçus"
    ALLOCATED = "ALLOCATED", "attribués"
    LEASED = "LEASED", "baux signés"

    @property
    def stages(self) -> tuple[Stage, ...]:
        several = {Figure.RECEIVED: FlowEntry.RECEIVED, Figure.DUE: FlowEntry.OWED}
        return several.get(self, (Stage(self.value),) if self.value in Stage.values else ())


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a statement. `vacated`: units that credited the holder, less those cancelled; `balance`: the gap
    when it ends."""

    first: date
    vacated: int
    figures: Figures
    balance: int


class Event(models.TextChoices):
    """What a line of the statement tells."""

    VACATED = "VACATED"
    OFFERED_AGAIN = "OFFERED_AGAIN"
    RECOMMENDED = "RECOMMENDED"
    ROUTED = "ROUTED"
    CONFIRMED = "CONFIRMED"
    WITHDRAWN = "WITHDRAWN"
    REROUTED = "REROUTED"
    SAME_DAY = "SAME_DAY"
    FORFEITED = "FORFEITED"
    TRANSFERRED = "TRANSFERRED"
    RETURNED_COUNTED = "RETURNED_COUNTED"
    RETURNED_UNCOUNTED = "RETURNED_UNCOUNTED"
    ALLOCATED = "ALLOCATED"
    LEASED = "LEASED"
    CORRECTED = "CORRECTED"
    CANCELLED = "CANCELLED"


#: What became of a unit once it was routed: told on a line of its own, it moves no figure of the account.
OUTCOMES = {Stage.ALLOCATED: Event.ALLOCATED, Stage.LEASED: Event.LEASED}

#: What moves what is due without any unit falling vacant.
MOVED = {Stage.FORFEITED: Event.FORFEITED, Stage.TRANSFERRED: Event.TRANSFERRED}

#: What credits a holder: units that fall vacant, and those that another gave back, its turn used.
CREDITS = (Event.VACATED, Event.OFFERED_AGAIN)

#: What one vacancy did in one day to (awaiting, routed); anything that cancels out is SAME_DAY.
EVENTS = {
    (1, 0): Event.RECOMMENDED,
    (0, 1): Event.ROUTED,
    (-1, 1): Event.CONFIRMED,
    (-1, 0): Event.WITHDRAWN,
    (0, -1): Event.REROUTED,
    (0, 0): Event.SAME_DAY,
}


#: One entry as lines are made of: day, stage, quantity, vacancy, was it given back before, is it of its cancellation.
Row = tuple[date, str, int, int, bool, bool]


@dataclass(slots=True)
class StatementLine:
    """Units that credited the holder between two receipts (CREDITS), or what happened to one unit in a day.

    `share` is what each of the vacated units credited, None when they differ; `carried` the part of `due` that an
    earlier year left; `balance` the gap after the line.
    """

    event: str
    since: date
    until: date
    vacancy_id: int | None
    due: int = 0
    received: int = 0
    count: int = 0
    share: int | None = None
    carried: int = 0
    balance: int = 0
    vacancy: Vacancy | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything of one holder in one ledger up to a date; `lines` are those of the month `shown`."""

    ledger: Ledger
    holder: ReservationHolder
    on: date
    months: list[Month]
    shown: date
    opening: int
    lines: list[StatementLine]

    @property
    def figures(self) -> Figures:
        return total(month.figures for month in self.months)

    @property
    def vacated(self) -> int:
        return sum(month.vacated for month in self.months)

    @property
    def earlier(self) -> date | None:
        """The month before the one shown, when the statement has it."""
        return max((month.first for month in self.months if month.first < self.shown), default=None)

    @property
    def later(self) -> date | None:
        return min((month.first for month in self.months if month.first > self.shown), default=None)


def statement(
    ledger: Ledger, holder: ReservationHolder, *, on: date, month: date | None, member: Membership
) -> Statement:
    """Read a statement; `month` (its first day) chooses the lines, the latest when None or out of the statement.

    Three queries, whatever the number of entries: one month's lines are read, the others are added up.
    """
    months = list(_months(ledger, holder, on))
    known = [row.first for row in months]
    shown = month if month in known else known[-1]
    opening = next((row.balance for row in reversed(months) if row.first < shown), 0)
    told = _entries(ledger, holder, on).exclude(stage__in=FlowEntry.MEMO)
    lines = _lines(told.filter(on__gte=shown, on__lt=_next_month(shown)), opening)
    _say_what(lines, member)
    return Statement(ledger, holder, on, months, shown, opening, lines)


def _entries(ledger: Ledger, holder: ReservationHolder, on: date) -> QuerySet[FlowEntry]:
    return FlowEntry.objects.filter(ledger=ledger, holder=holder, on__lte=on)


def _months(ledger: Ledger, holder: ReservationHolder, on: date) -> Iterator[Month]:
    """Every month from January to the day asked (or December, or the last entry), the empty ones included."""
    rows = (
        _entries(ledger, holder, on)
        .order_by()
        .annotate(month=TruncMonth("on"))
        .values("month")
        .annotate(
            vacated=Count("pk", filter=Q(stage=Stage.DUE, quantity__gt=0))
            - Count("pk", filter=Q(stage=Stage.DUE, quantity__lt=0)),
            **SUMS,
        )
    )
    found = {row["month"]: row for row in rows}
    first, last = date(ledger.exercise, 1, 1), date(ledger.exercise, 12, 1)
    end = max([first, min(last, on.replace(day=1)), *found])
    balance = 0
    while first <= end:
        row = found.get(first)
        figures = Figures.of(row) if row else Figures()
        balance += figures.gap
        yield Month(first, row["vacated"] if row else 0, figures, balance)
        first = _next_month(first)


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _lines(entries: QuerySet[FlowEntry], balance: int) -> list[StatementLine]:
    """Fold entries into lines. What one vacancy did in a day is one line; what credited between two, one too."""
    given_back = FlowEntry.objects.filter(vacancy=OuterRef("vacancy"), stage=Stage.RETURNED, pk__lt=OuterRef("pk"))
    # Nothing but a cancellation takes a due back, and it takes the dues first: what follows is of it.
    undone = FlowEntry.objects.filter(
        ledger=OuterRef("ledger"),
        vacancy=OuterRef("vacancy"),
        stage=Stage.DUE,
        quantity__lt=0,
        pk__lte=OuterRef("pk"),
    )
    rows = list(
        entries.order_by("on", "pk").values_list(
            "on", "stage", "quantity", "vacancy", Exists(given_back), Exists(undone)
        )
    )
    moves = _moves(rows)
    ours = set()  # the units that the holder itself gave back
    lines: list[StatementLine] = []
    told = set()
    for on, stage, quantity, vacancy, again, cancelled in rows:
        if cancelled:
            balance += _take_back(lines, on, stage, quantity, vacancy)
            lines[-1].balance = balance
            continue
        if stage == Stage.RETURNED:
            ours.add(vacancy)
        key = vacancy, on, vacancy in ours
        if stage == Stage.DUE:
            event = Event.OFFERED_AGAIN if again else Event.VACATED
            if not lines or lines[-1].event != event:
                lines.append(StatementLine(event, on, on, vacancy, share=quantity))
            group = lines[-1]
            group.until, group.count, group.due = on, group.count + 1, group.due + quantity
            group.share = quantity if group.share == quantity else None
            balance += quantity
        elif stage == Stage.CARRIED:  # written with the share that the same unit credits
            lines[-1].due, lines[-1].carried = lines[-1].due + quantity, lines[-1].carried + quantity
            balance += quantity
        elif stage in MOVED:
            lines.append(StatementLine(MOVED[Stage(stage)], on, on, vacancy, due=quantity))
            balance += quantity
        elif stage in OUTCOMES:
            event = OUTCOMES[Stage(stage)] if quantity > 0 else Event.CORRECTED
            lines.append(StatementLine(event, on, on, vacancy))
        elif key in told:
            continue
        else:
            told.add(key)
            counts = moves[key]
            received = counts[Stage.AWAITING] + counts[Stage.ROUTED]
            lines.append(StatementLine(_event(counts), on, on, vacancy, received=received))
            balance -= UNIT * lines[-1].received
        lines[-1].balance = balance
    return lines


def _moves(rows: Iterable[Row]) -> dict[tuple[int, date, bool], dict[str, int]]:
    """What one vacancy did in a day, by stage, before or from its return on: {(vacancy, day, returned): quantities}."""
    moves: dict[tuple[int, date, bool], dict[str, int]] = {}
    ours = set()
    for on, stage, quantity, vacancy, _, cancelled in rows:
        if cancelled:
            continue
        if stage == Stage.RETURNED:
            ours.add(vacancy)
        if stage in (*FlowEntry.RECEIVED, Stage.RETURNED):
            counts = moves.setdefault((vacancy, on, vacancy in ours), {Stage.AWAITING: 0, Stage.ROUTED: 0})
            counts[stage] = counts.get(stage, 0) + quantity
    return moves


def _take_back(lines: list[StatementLine], on: date, stage: str, quantity: int, vacancy: int) -> int:
    """Add one opposite entry to the line of its cancelled unit; returns what it does to the balance."""
    if not lines or (lines[-1].event, lines[-1].vacancy_id) != (Event.CANCELLED, vacancy):
        lines.append(StatementLine(Event.CANCELLED, on, on, vacancy))
    line = lines[-1]
    if stage in FlowEntry.OWED:
        line.due += quantity
        line.carried += quantity if stage == Stage.CARRIED else 0
        return quantity
    if stage in FlowEntry.RECEIVED:
        line.received += quantity
        return -UNIT * quantity
    return 0


def _event(counts: Mapping[str, int]) -> Event:
    """What the entries of one unit, of one day, before or from its return on, tell."""
    if Stage.RETURNED in counts:
        return Event.RETURNED_UNCOUNTED if counts[Stage.ROUTED] else Event.RETURNED_COUNTED
    return EVENTS[counts[Stage.AWAITING], counts[Stage.ROUTED]]


def _say_what(lines: Iterable[StatementLine], member: Membership) -> None:
    """Give each line about one unit its vacancy, when the reader may see it. One query."""
    single = [line for line in lines if line.event not in CREDITS]
    about = [line.vacancy_id for line in single if line.vacancy_id is not None]
    seen = {vacancy.pk: vacancy for vacancy in visible_units(about, member)}
    for line in single:
        line.vacancy = seen.get(line.vacancy_id) if line.vacancy_id is not None else None


def visible_units(ids: Iterable[int], member: Membership) -> QuerySet[Vacancy]:
    """Vacancies of this list that the person may see, with what a list shows of them and `file_open`; those cancelled
    since too, that the account of an earlier day counts."""
    return (
        Vacancy.declared.visible_to(member)
        .with_file_access(member)
        .filter(pk__in=list(ids))
        .select_related("unit__commune", "unit__programme", "unit__landlord__organisation")
        .order_by("-registered_on", "-pk")
    )


def behind(
    ledger: Ledger, holder: ReservationHolder, figure: Figure, *, until: date, month: date | None = None
) -> dict[int, int]:
    """The units behind a figure: {vacancy id: quantity}, whose quantities sum to it.

    What cancels out within the period is left out. `month`: only the entries of that month.
    """
    entries = _entries(ledger, holder, until).filter(stage__in=figure.stages)
    if month is not None:
        entries = entries.filter(on__gte=month, on__lt=_next_month(month))
    about = entries.filter(vacancy__isnull=False)  # a transfer at the end of a right bears on no unit
    rows = about.order_by().values_list("vacancy").annotate(quantity=Sum("quantity")).exclude(quantity=0)
    return dict(rows)
