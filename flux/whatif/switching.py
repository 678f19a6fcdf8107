"""What would last year have been under the other version of the rule? A year replayed twice in memory: each departure
alone, as version 1 does, then with those that a window would have let known. Nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flux.engine import versions
from flux.models import DecisionWindow, Ledger, Vacancy
from flux.queries.departures import firm_on
from flux.situation import LedgerSituation
from flux.whatif.hypothesis import Changes, at_the_start, let_first
from flux.whatif.past import Event, Past, read
from reservations.deadlines import working_days
from reservations.models import Landlord, ReservationHolder
from reservations.models.convention import UNIT
from reservations.queries.rights import over_commitment_at

#: Units that a page replays at most, twice.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Course:
    """One year under one version, of one ledger or of several. By holder (id): `received`, whole units; `worst`, the
    furthest that it went from its due at any moment, in millionths. `mix_gap`: the largest lack of any holder in any
    category at the end, in millionths. `known`: departures known at each decision, itself included; `waited`: working
    days from each registration to its decision."""

    received: dict[int, int]
    worst: dict[int, int]
    mix_gap: int
    known: tuple[int, ...] = ()
    waited: tuple[int, ...] = ()

    @property
    def furthest(self) -> int:
        """Of all holders, in millionths."""
        return max(self.worst.values(), default=0)


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """One holder: units received and furthest gap (millionths) under each version; `due` in millionths, the same."""

    holder: ReservationHolder
    due: int
    received_then: int
    received: int
    worst_then: int
    worst: int

    @property
    def difference(self) -> int:
        return self.received - self.received_then


@dataclass(frozen=True, slots=True)
class Switch:
    """A landlord’s year under version 1 (`then`) and version 2 (`now`): `lines`, a holder each, the landlord last;
    `units` decided. `excess`: accounts left out, where conventions promised over 100 %; `too_many`: no replay.
    """

    landlord: Landlord
    exercise: int
    lines: tuple[SwitchLine, ...]
    then: Course
    now: Course
    units: int
    excess: tuple[Ledger, ...] = ()
    too_many: bool = False


def switch(landlord: Landlord, *, length: int, days: int, exercise: int) -> Switch | None:
    """Replay a year of a landlord with this window, beside version 1; None when nothing was decided in it.

    Units enter in order of registration, first lettings with those of their day; each is decided when the window fills,
    or by time (`firm_on`), all that is registered on that day being known. Nobody overrides, gives back or cancels. A
    fixed number of queries for each ledger of the year.
    """
    window = DecisionWindow(landlord=landlord, length=length, days=days)
    pasts, excess, units = [], [], 0
    for ledger in Ledger.objects.ordinary().filter(landlord=landlord, exercise=exercise).select_related("landlord"):
        past = read(ledger)
        events = in_order_of_registration(past)
        units += sum(event.taker is None for event in events)
        if any(_over_committed(past.known, event.vacancy) for event in events if event.taker is None):
            excess.append(ledger)
        elif events:
            pasts.append((past, events))
    if not units:
        return None
    nothing = Course({}, {}, 0)
    if units > MOST:
        return Switch(landlord, exercise, (), nothing, nothing, units, tuple(excess), too_many=True)
    alone = DecisionWindow(landlord=landlord, length=1, days=0)
    then = [_follow(past, events, alone) for past, events in pasts]
    now = [_follow(past, events, window) for past, events in pasts]
    before, after = _together(course for course, _ in then), _together(course for course, _ in now)
    return Switch(landlord, exercise, _lines(pasts, now, before, after), before, after, units, tuple(excess))


def in_order_of_registration(past: Past) -> list[Event]:
    """The units that the rule decided, and the first lettings that entered the account."""
    entered = (event for event in past.events if event.recommended is not None or event.taker is not None)
    return sorted(entered, key=lambda event: event.vacancy.pk)


def _over_committed(situation: LedgerSituation, vacancy: Vacancy) -> bool:
    held = situation.held_at(vacancy)
    return over_commitment_at(held, vacancy.unit.commune, vacancy.registered_on) is not None


def _follow(past: Past, events: Sequence[Event], window: DecisionWindow) -> tuple[Course, LedgerSituation]:
    """One ledger's year under one window."""
    situation = at_the_start(past, Changes())
    needs = list(past.needs)
    worst: dict[int, int] = defaultdict(int)
    known: list[int] = []
    waited: list[int] = []
    queue = [event for event in events if event.taker is None]
    decided_on = date.min
    for sequence, event in enumerate(events, start=1):
        while needs and event.sequence is not None and needs[0][0] <= event.sequence:
            situation.needs = needs.pop(0)[1]
        if event.taker is not None:
            let_first(situation, event, sequence)
        else:
            place = len(known)
            decided_on = max(decided_on, _decided_on(situation, queue[place : place + window.length], window))
            others = [
                each.vacancy
                for each in queue[place + 1 : place + window.length]
                if each.vacancy.registered_on <= decided_on
            ]
            known.append(1 + len(others))
            waited.append(working_days(event.vacancy.registered_on, decided_on))
            entered = situation.enter(event.vacancy, sequence=sequence, waiting=others, window=window.length)
            decision = versions.VERSIONS[versions.version_of(window.length)](entered.facts)
            situation.receive(decision.holder, event.vacancy.categories, sequence=sequence)
        for key, counter in situation.counters.holders.items():
            worst[int(key)] = max(worst[int(key)], abs(counter.due - UNIT * counter.received))
    counters = situation.counters.holders
    course = Course(
        received={int(key): counter.received for key, counter in counters.items()},
        worst=dict(worst),
        mix_gap=max(
            (
                abs(lack)
                for counter in counters.values()
                for dimension in counter.profile
                for lack in counter.lacks(dimension, UNIT).values()
            ),
            default=0,
        ),
        known=tuple(known),
        waited=tuple(waited),
    )
    return course, situation


def _decided_on(situation: LedgerSituation, window_of: Sequence[Event], window: DecisionWindow) -> date:
    """The day on which the first of these is decided: the window fills, or its time comes."""
    head = window_of[0].vacancy
    by_time = firm_on(head, situation.held_at(head), window.days)
    return min(by_time, window_of[-1].vacancy.registered_on) if len(window_of) == window.length else by_time


def _together(courses: Iterable[Course]) -> Course:
    """Several ledgers of one landlord: units add up, the furthest is that of any."""
    received: dict[int, int] = defaultdict(int)
    worst: dict[int, int] = defaultdict(int)
    gap = 0
    known: list[int] = []
    waited: list[int] = []
    for course in courses:
        for holder, units in course.received.items():
            received[holder] += units
        for holder, away in course.worst.items():
            worst[holder] = max(worst[holder], away)
        gap = max(gap, course.mix_gap)
        known += course.known
        waited += course.waited
    return Course(dict(received), dict(worst), gap, tuple(known), tuple(waited))


def _lines(
    pasts: Iterable[tuple[Past, list[Event]]],
    now: Iterable[tuple[Course, LedgerSituation]],
    before: Course,
    after: Course,
) -> tuple[SwitchLine, ...]:
    due: dict[int, int] = defaultdict(int)
    holders: dict[int, ReservationHolder] = {}
    for (past, _), (_, situation) in zip(pasts, now, strict=True):
        for key, counter in situation.counters.holders.items():
            due[int(key)] += counter.due
            holders[int(key)] = past.known.holders[key]
    lines = [
        SwitchLine(
            holder,
            due[pk],
            before.received.get(pk, 0),
            after.received.get(pk, 0),
            before.worst.get(pk, 0),
            after.worst.get(pk, 0),
        )
        for pk, holder in holders.items()
        if due[pk] or before.received.get(pk) or after.received.get(pk)
    ]
    return tuple(sorted(lines, key=lambda line: (line.holder.is_not_reserved, -line.due, line.holder.pk)))
