"""What is read of statement lines.

* The lines of a statement: what credited the holder, and what happened to each unit, folded from the entries.
* What was settled of the units that preceded the signature of a convention.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import takewhile

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.utils import timezone

from flux.models import FlowEntry, Ledger, Return, SettledDue, Vacancy
from flux.queries.units import among
from reservations.models import Convention, Landlord, Membership, ReservationHolder
from reservations.models.convention import UNIT
from reservations.models.once_a_request import once_in_steps
from reservations.models.terms import Side
from reservations.models.together import Steps, read_whole, stepwise

Stage = FlowEntry.Stage


class Event(models.TextChoices):
    """What a line of the statement states."""

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
    RETURNED_ONE_TURN = "RETURNED_ONE_TURN"
    DESIGNATED = "DESIGNATED"
    UNDESIGNATED = "UNDESIGNATED"
    REFUSED = "REFUSED"
    UNREFUSED = "UNREFUSED"
    ALLOCATED = "ALLOCATED"
    LEASED = "LEASED"
    CORRECTED = "CORRECTED"
    CANCELLED = "CANCELLED"


#: What became of a unit once it was routed: shown on a line of its own, it moves no figure of the account.
OUTCOMES = {
    Stage.DESIGNATED: (Event.DESIGNATED, Event.UNDESIGNATED),
    Stage.REFUSED: (Event.REFUSED, Event.UNREFUSED),
    Stage.ALLOCATED: (Event.ALLOCATED, Event.CORRECTED),
    Stage.LEASED: (Event.LEASED, Event.CORRECTED),
}

#: What is shown with the line of the unit's routing or return.
WITHIN = (Stage.OFFERED, Stage.LAPSED)

#: All that moves no figure of the account.
SHOWN = (*OUTCOMES, *WITHIN)

#: What moves what is due without any unit falling vacant.
MOVED = {Stage.FORFEITED: Event.FORFEITED, Stage.TRANSFERRED: Event.TRANSFERRED}

#: Beside the stages of a unit's moves: what of them is received.
REACHED = "reached"

#: A unit given back by the holder of the account.
RETURNS = (Event.RETURNED_COUNTED, Event.RETURNED_UNCOUNTED, Event.RETURNED_ONE_TURN)

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


#: One entry as lines are made of: day, stage, quantity, what of it reached the counting point, vacancy, whose doing,
#: was it given back before, is it of its cancellation, is it the return of a unit that was never received here.
Row = tuple[date, str, int, int, int, str, bool, bool, bool]


@dataclass(slots=True)
class StatementLine:
    """Units that credited the holder between two receipts (CREDITS), or what happened to one unit in a day.

    `share` is what each of the vacated units credited, None when they differ; `carried` the part of `due` that an
    earlier year left; `balance` the gap after the line. `candidates`: how many were refused, `side` whose doing it
    is; `lapsed`: given back because its delay was over. `landlord`: with whom an absorption moved what is due, which
    this account `gave` or received; `settled`: what it settles of before a signature.
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
    side: str = ""
    candidates: int = 0
    lapsed: bool = False
    landlord: Landlord | None = None
    gave: bool = False
    again: bool = False
    returned: Return | None = None
    settled: SettledDue | None = None

    def tells_as(self, other: StatementLine) -> bool:
        """Does it state the same of one unit, the same day?"""
        mine = self.event, self.until, self.vacancy_id, self.side
        return mine == (other.event, other.until, other.vacancy_id, other.side)

    @property
    def by_clause(self) -> bool:
        """Is it a return, or what a unit given back counts for whoever takes it?"""
        taken = self.event in (Event.RECOMMENDED, Event.ROUTED, Event.CONFIRMED)
        return self.event in RETURNS or (taken and self.again)

    @property
    def receives(self) -> bool:
        """Is it of the kind of what a holder receives, and not of what credits it or moves its due?"""
        return self.event not in (Event.VACATED, Event.OFFERED_AGAIN, Event.FORFEITED, Event.TRANSFERRED)

    @property
    def whose(self) -> str:
        """« le demandeur », « la CALEOL »."""
        return str(Side(self.side).label) if self.side else ""


@stepwise
def lines_of(entries: QuerySet[FlowEntry], balance: int) -> Steps[list[StatementLine]]:
    """Fold entries into lines. What one vacancy did in a day is one line; what credited between two, one too."""
    given_back = FlowEntry.objects.filter(vacancy=OuterRef("vacancy"), stage=Stage.RETURNED, pk__lt=OuterRef("pk"))
    # Nothing but a cancellation, or works, takes a due back, and it takes the dues first: what follows is of it.
    undone = FlowEntry.objects.filter(
        ledger=OuterRef("ledger"),
        vacancy=OuterRef("vacancy"),
        stage=Stage.DUE,
        quantity__lt=0,
        pk__lte=OuterRef("pk"),
    )
    received = FlowEntry.objects.filter(
        ledger=OuterRef("ledger"),
        holder=OuterRef("holder"),
        vacancy=OuterRef("vacancy"),
        stage=Stage.ROUTED,
        pk__lt=OuterRef("pk"),
    )
    beside = Case(When(Q(stage=Stage.RETURNED), then=~Exists(received)), default=False)
    (rows,) = yield [
        entries.order_by("on", "pk").values_list(
            "on", "stage", "quantity", "reached", "vacancy", "side", Exists(given_back), Exists(undone), beside
        )
    ]
    moves = _moves(rows)
    ours = set()  # the units that the holder itself gave back
    lines: list[StatementLine] = []
    seen = set()
    for on, stage, quantity, reached, vacancy, side, again, cancelled, beside_it in rows:
        if cancelled:
            if not lines or (lines[-1].event, lines[-1].vacancy_id) != (Event.CANCELLED, vacancy):
                lines.append(StatementLine(Event.CANCELLED, on, on, vacancy))
            balance += _take_back(lines[-1], stage, quantity, reached)
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
        elif stage in SHOWN:
            _tell(lines, StatementLine("", on, on, vacancy, received=reached, side=side), Stage(stage), quantity)
            balance -= UNIT * reached
        elif key in seen:
            continue
        else:
            seen.add(key)
            counts = moves[key]
            event = Event.RETURNED_ONE_TURN if beside_it else _event(counts)
            lines.append(StatementLine(event, on, on, vacancy, received=counts[REACHED], again=again))
            balance -= UNIT * lines[-1].received
        if lines:  # an offer recorded of an earlier month makes none
            lines[-1].balance = balance
    return lines


def _tell(lines: list[StatementLine], line: StatementLine, stage: Stage, quantity: int) -> None:
    """Say what became of a unit: with the line of its routing or return, or on one of its own, which moves nothing.
    Candidates lost together are one line."""
    last = lines[-1] if lines else None
    if stage in WITHIN:
        if last is not None and stage == Stage.LAPSED and last.vacancy_id == line.vacancy_id:
            last.lapsed = quantity > 0
        return
    line.event = OUTCOMES[stage][quantity < 0]
    line.candidates = 1 if line.side else 0
    if last is not None and line.side and last.tells_as(line):
        last.candidates += 1
    else:
        lines.append(line)


def _moves(rows: Iterable[Row]) -> dict[tuple[int, date, bool], dict[str, int]]:
    """What one vacancy did in a day, by stage, before or from its return on: {(vacancy, day, returned): quantities},
    and what of it REACHED the counting point."""
    moves: dict[tuple[int, date, bool], dict[str, int]] = {}
    ours = set()
    for on, stage, quantity, reached, vacancy, _, _, cancelled, _ in rows:
        if cancelled:
            continue
        if stage == Stage.RETURNED:
            ours.add(vacancy)
        if stage in (*FlowEntry.RECEIVED, Stage.RETURNED):
            counts = moves.setdefault((vacancy, on, vacancy in ours), {Stage.AWAITING: 0, Stage.ROUTED: 0, REACHED: 0})
            counts[stage] = counts.get(stage, 0) + quantity
            counts[REACHED] += reached
    return moves


def _take_back(line: StatementLine, stage: str, quantity: int, reached: int) -> int:
    """Add one opposite entry to the line of its cancelled unit; returns what it does to the balance."""
    if stage in FlowEntry.OWED:
        line.due += quantity
        line.carried += quantity if stage == Stage.CARRIED else 0
        return quantity
    line.received += reached
    return -UNIT * reached


def _event(counts: Mapping[str, int]) -> Event:
    """What the entries of one unit, of one day, before or from its return on, state."""
    if Stage.RETURNED in counts:
        return Event.RETURNED_UNCOUNTED if counts[Stage.ROUTED] else Event.RETURNED_COUNTED
    return EVENTS[counts[Stage.AWAITING], counts[Stage.ROUTED]]


@once_in_steps
def settled_of(convention: Convention) -> Steps[list[SettledDue]]:
    """What a convention settled for its holders. One query."""
    return (yield from read_whole(_read().filter(convention=convention, entry__quantity__gt=0)))


@once_in_steps
def settled_in(ledger: Ledger, *, on: date) -> Steps[list[SettledDue]]:
    """What was settled by a day in one account, for each holder. One query."""
    return (yield from read_whole(_read().filter(entry__ledger=ledger, entry__on__lte=on, entry__quantity__gt=0)))


@stepwise
def settled_for(ledger: Ledger, holder: ReservationHolder, *, on: date) -> Steps[Sequence[SettledDue]]:
    """The same in the line of one holder, what nobody reserves included, which gave it. One query."""
    return (yield from read_whole(_read().filter(entry__ledger=ledger, entry__holder=holder, entry__on__lte=on)))


def _read() -> QuerySet[SettledDue]:
    return SettledDue.objects.select_related(
        "convention__organisation",
        "convention__perimeter",
        "entry__holder__organisation",
        "entry__ledger__landlord__organisation",
        "entry__ledger__departement",
    ).order_by("pk")


def say_what(lines: Iterable[StatementLine], member: Membership, holder: ReservationHolder) -> None:
    """Give each line about one unit its vacancy, when the reader may see it, and the return that it is or follows. One
    query; one more where a unit was given back."""
    single = [line for line in lines if line.event not in CREDITS]
    about = [line.vacancy_id for line in single if line.vacancy_id is not None]
    seen = {vacancy.pk: vacancy for vacancy in visible_units(about, member)}
    for line in single:
        line.vacancy = seen.get(line.vacancy_id) if line.vacancy_id is not None else None
    _say_returned([line for line in single if line.vacancy is not None and line.by_clause], holder)


def _say_returned(lines: Sequence[StatementLine], holder: ReservationHolder) -> None:
    """The return by the account’s `holder` that a line is; else the last one before what it says. One query at most."""
    if not lines:
        return
    given = Return.objects.filter(routing__vacancy__in={line.vacancy_id for line in lines}).order_by("pk")
    by_unit: dict[int | None, list[Return]] = defaultdict(list)
    for each in given.select_related("routing__convention", "routing__acting", "routing__holder__organisation"):
        by_unit[each.routing.vacancy_id].append(each)
    for line in lines:
        by_then = [each for each in by_unit[line.vacancy_id] if timezone.localdate(each.returned_at) <= line.until]
        own = [each for each in by_then if each.routing.holder_id == holder.pk]
        others = list(takewhile(lambda each: each.routing.holder_id != holder.pk, by_then))
        line.returned = next(reversed(own if line.event in RETURNS else others), None)


def visible_units(ids: Iterable[int], member: Membership) -> QuerySet[Vacancy]:
    """Vacancies of this list that the person may see, with what a list shows of them and `file_open`; those cancelled
    since too, that the account of an earlier day counts."""
    return (
        Vacancy.declared.visible_to(member)
        .with_file_access(member)
        .filter(among(ids))
        .select_related("unit__commune", "unit__programme", "unit__landlord__organisation")
        .order_by("-registered_on", "-pk")
    )
