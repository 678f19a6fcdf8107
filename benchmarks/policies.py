"""Eight ways of saying who has the next unit: what people do today, two textbook methods, and the rule.

Each reads a flow in order and never looks ahead, but for the rule when departures are known (`WINDOWS`). Each keeps its
own books, by its own means: what a clerk with that tool would know. Whoever may not take a unit is passed over, and so
is whoever has no right there.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.instances.flow import Flow, Vacancy
from flux.apportion import apportion
from flux.engine.counters import Counter, Counters, Waiting
from flux.engine.facts import Decision, Situation
from flux.engine.rule import TIE
from flux.engine.versions import VERSIONS

#: A printed roster has this many turns: a share is rounded to a twentieth.
TURNS = 20

MONTHS = 12

#: How many departures a landlord looks at when it did not say otherwise.
USUAL_WINDOW = 8


@dataclass(frozen=True, slots=True)
class Course:
    """Who had each unit, in order, and how many times the choice came down to the rank or to chance."""

    holders: list[str]
    ties: int = 0


def random_by_quota(flow: Flow) -> Course:
    """A weighted draw for each unit."""
    chance = random.Random(f"draw/{flow.name}")
    holders = []
    for vacancy in flow.vacancies:
        candidates = vacancy.candidates(flow.landlord)
        weights = [vacancy.shares.get(holder, 0) for holder in candidates]
        holders.append(chance.choices(candidates, weights)[0] if any(weights) else flow.landlord)
    return Course(holders)


def roster_of_twenty_turns(flow: Flow) -> Course:
    """Each commune has its roster of twenty turns, printed from the quotas there, followed line after line."""
    rosters: dict[str, list[str]] = {}
    done: dict[str, int] = defaultdict(int)
    holders = []
    for vacancy in flow.vacancies:
        if vacancy.place not in rosters:
            rosters[vacancy.place] = _roster(vacancy.shares, flow.ranks)
        candidates = set(vacancy.candidates(flow.landlord))
        turns, first = rosters[vacancy.place], done[vacancy.place]
        chosen = flow.landlord
        for passed in range(TURNS):
            holder = turns[(first + passed) % TURNS]
            if holder in candidates:
                chosen = holder
                done[vacancy.place] = first + passed + 1
                break
        holders.append(chosen)
    return Course(holders)


def _roster(shares: Mapping[str, int], ranks: Mapping[str, int]) -> list[str]:
    """Twenty turns, those of each holder spread over the roster."""
    turns = apportion(TURNS, dict(sorted(shares.items(), key=lambda pair: ranks[pair[0]])))
    places = [
        ((2 * turn + 1) * TURNS // count, ranks[holder], holder)
        for holder, count in turns.items()
        for turn in range(count)
    ]
    return [holder for *_, holder in sorted(places)]


def monthly_printed_table(flow: Flow) -> Course:
    """On the first of each month, a table of how many units each should have by its end; read from the top all month.

    The forecast is last month's flow (this month's quotas in the first commune, in January); what was due and not
    received is carried to the next table. A unit that no line of the table may have goes to the landlord, or, where the
    landlord has no part, to the first that may.
    """
    balance = dict.fromkeys(flow.ranks, 0)
    month_of = [number * MONTHS // len(flow.vacancies) for number in range(len(flow.vacancies))]
    expected: Mapping[str, int] = flow.vacancies[0].shares if flow.vacancies else {}
    holders: list[str] = []
    table: dict[str, int] = {}
    credited: dict[str, int] = {}
    month = -1
    for vacancy, this_month in zip(flow.vacancies, month_of, strict=True):
        if this_month != month:
            month = this_month
            expected = credited or expected
            forecast = sum(credited.values()) // flow.unit or len(flow.vacancies) // MONTHS or 1
            whole = sum(expected.values())
            wanted = {
                holder: max(0, balance[holder] + forecast * flow.unit * expected.get(holder, 0) // whole)
                for holder in sorted(flow.ranks, key=flow.ranks.__getitem__)
            }
            table = apportion(forecast, wanted) if any(wanted.values()) else {}
            credited = {}
        for holder, share in vacancy.shares.items():
            credited[holder] = credited.get(holder, 0) + share
            balance[holder] += share
        candidates = vacancy.candidates(flow.landlord)
        beyond = flow.landlord if vacancy.shares.get(flow.landlord) else candidates[0]
        chosen = next((h for h, left in table.items() if left and h in candidates), beyond)
        if table.get(chosen):
            table[chosen] -= 1
        balance[chosen] -= flow.unit
        holders.append(chosen)
    return Course(holders)


def _largest[T: (int, float)](
    candidates: Iterable[str], value: Callable[[str], T], ranks: Mapping[str, int]
) -> tuple[str, bool]:
    """The candidate of largest value, the smallest rank between equals; and whether there were equals."""
    valued = [(value(holder), -ranks[holder], holder) for holder in candidates]
    best = max(valued)
    return best[2], sum(1 for found, *_ in valued if found == best[0]) > 1


def live_attainment_rate(flow: Flow) -> Course:
    """A spreadsheet always up to date: the lowest received ÷ due."""
    due: dict[str, int] = defaultdict(int)
    received: dict[str, int] = defaultdict(int)
    holders, ties = [], 0
    for vacancy in flow.vacancies:
        for holder, share in vacancy.shares.items():
            due[holder] += share

        def behind(holder: str) -> int:
            """How far below its due, exact to a billionth; a landlord that is due nothing comes last."""
            return -(received[holder] * flow.unit * 10**9 // due[holder]) if due[holder] else -(10**18)

        chosen, tied = _largest(vacancy.candidates(flow.landlord), behind, flow.ranks)
        received[chosen] += 1
        holders.append(chosen)
        ties += tied
    return Course(holders, ties)


def live_gap_in_points(flow: Flow) -> Course:
    """A spreadsheet always up to date: quota − share received, in points of what fell vacant where each has a right."""
    delay: dict[str, int] = defaultdict(int)
    fallen: dict[str, int] = defaultdict(int)
    holders, ties = [], 0
    for vacancy in flow.vacancies:
        for holder, share in vacancy.shares.items():
            delay[holder] += share
            fallen[holder] += 1

        def points(holder: str) -> int:
            """The gap, to a billionth of a point."""
            return delay[holder] * 10**9 // fallen[holder]

        fallen[flow.landlord] = max(1, fallen[flow.landlord])
        chosen, tied = _largest(vacancy.candidates(flow.landlord), points, flow.ranks)
        delay[chosen] -= flow.unit
        holders.append(chosen)
        ties += tied
    return Course(holders, ties)


def round_robin_by_commune(flow: Flow) -> Course:
    """Smooth weighted round-robin, each commune with counters of its own."""
    delay: dict[tuple[str, str], int] = defaultdict(int)
    holders, ties = [], 0
    for vacancy in flow.vacancies:
        place = vacancy.place
        for holder, share in vacancy.shares.items():
            delay[place, holder] += share

        def owed(holder: str, place: str = place) -> int:
            return delay[place, holder]

        chosen, tied = _largest(vacancy.candidates(flow.landlord), owed, flow.ranks)
        delay[place, chosen] -= flow.unit
        holders.append(chosen)
        ties += tied
    return Course(holders, ties)


def largest_delay(flow: Flow) -> Course:
    """Smooth weighted round-robin over one ledger: the largest dû − reçu. No guard, no profile."""
    delay = dict.fromkeys(flow.ranks, 0)
    holders, ties = [], 0
    for vacancy in flow.vacancies:
        for holder, share in vacancy.shares.items():
            delay[holder] += share
        chosen, tied = _largest(vacancy.candidates(flow.landlord), delay.__getitem__, flow.ranks)
        delay[chosen] -= flow.unit
        holders.append(chosen)
        ties += tied
    return Course(holders, ties)


def ledger_of(flow: Flow) -> Counters:
    """The product's counters, at zero, for the holders of a flow."""
    counters = Counters(unit=flow.unit, landlord=flow.landlord, dimensions=flow.dimensions)
    counters.holders = {holder: Counter(name=holder, rank=rank) for holder, rank in flow.ranks.items()}
    return counters


def waiting_in(flow: Flow) -> list[Waiting]:
    """The vacancies of a flow as those before them see them."""
    return [
        Waiting(v.id, number, v.shares, v.categories, may_take=v.may_take, place=v.place, uniform=flow.uniform)
        for number, v in enumerate(flow.vacancies, 1)
    ]


def decided(
    flow: Flow, seen: Callable[[Situation], Situation] = lambda situation: situation
) -> Iterator[tuple[Vacancy, Decision, int]]:
    """The product's own: its counters and its rule, each decision being followed, with its vacancy and how many
    departures were known: one a vacancy, and one more each time that it is given back.

    Version 1 when nobody says how many are known, else version 2. `seen` changes what each decision sees; it is for the
    tests of what the rule promises whatever the profile.
    """
    decide = VERSIONS[2 if flow.foresees else 1]
    books = {False: ledger_of(flow), True: ledger_of(flow)}  # the year's; beside it, that of units handed on
    ranks = {False: 0, True: 0}
    waiting = waiting_in(flow)
    for number, vacancy in enumerate(flow.vacancies):
        one_turn, returned = False, list[str]()
        books[False].accrue(vacancy.shares, vacancy.categories)
        for counted in (None, *vacancy.given_back):
            if counted is not None:
                one_turn = _return(flow, vacancy, books, returned, counted=counted, one_turn=one_turn)
            known = 1 if one_turn else flow.known_at(number)
            ranks[one_turn] += 1
            situation = books[one_turn].situation(
                vacancy.shares,
                vacancy.categories,
                sequence=ranks[one_turn],
                may_take=_takers(flow, vacancy, returned),
                place=vacancy.place,
                uniform=flow.uniform,
                waiting=waiting[number + 1 : number + known],
                window=known,
            )
            decision = decide(seen(situation))
            books[one_turn].receive(decision.holder, vacancy.categories, sequence=ranks[one_turn])
            returned.append(decision.holder)
            yield vacancy, decision, known


def _takers(flow: Flow, vacancy: Vacancy, returned: Collection[str]) -> frozenset[str] | None:
    """Who may have it: none of those who gave it back, but the landlord."""
    if not returned:
        return vacancy.may_take
    allowed = frozenset(vacancy.shares) if vacancy.may_take is None else vacancy.may_take
    return allowed - frozenset(returned) | {flow.landlord}


def _return(
    flow: Flow,
    vacancy: Vacancy,
    books: Mapping[bool, Counters],
    returned: Sequence[str],
    *,
    counted: bool,
    one_turn: bool,
) -> bool:
    """The last to have the unit gives it back: is it handed on for one turn from then on?

    Not counted, or in the account of units handed on: its receipt there is taken back. Counted: under accounting 1
    everybody is credited again, those who gave it back leaving their share to the landlord; under 2 those who may take
    it are, in the account beside, the others' going to the landlord.
    """
    if one_turn or not counted:
        books[one_turn].forgive(returned[-1], vacancy.categories)
        return one_turn
    beside = flow.accounting > 1
    takers = vacancy.may_take if beside and vacancy.may_take is not None else frozenset(vacancy.shares)
    credited = {
        key: share
        for key, share in vacancy.shares.items()
        if key in takers and key not in returned and key != flow.landlord
    }
    left = flow.unit - sum(credited.values())
    books[beside].accrue(credited | {flow.landlord: left}, vacancy.categories)
    return beside


def the_rule(flow: Flow, seen: Callable[[Situation], Situation] = lambda situation: situation) -> Course:
    """The rule on this flow, with what it says is known."""
    holders, ties = [], 0
    for _, decision, _ in decided(flow, seen):
        holders.append(decision.holder)
        ties += decision.reason == TIE
    return Course(holders, ties)


def foreseeing(departures: int) -> Callable[[Flow], Course]:
    """Version 2 of the rule, so many departures being known at each decision."""

    def course(flow: Flow) -> Course:
        return the_rule(replace(flow, window=departures))

    return course


#: By the name that the tables show.
POLICIES: Mapping[str, Callable[[Flow], Course]] = {
    "random by quota": random_by_quota,
    "roster of 20 turns per commune": roster_of_twenty_turns,
    "monthly printed table": monthly_printed_table,
    "live spreadsheet, attainment rate": live_attainment_rate,
    "live spreadsheet, gap in points": live_gap_in_points,
    "weighted round-robin, a counter per commune": round_robin_by_commune,
    "largest delay": largest_delay,
    "the rule": the_rule,
}

#: By how many departures are known: version 1, then version 2 of the rule.
WINDOWS: Mapping[int, str] = {departures: f"L = {departures}" for departures in (1, 2, 4, 8, 16)}

#: Everything that can be measured, by name.
COURSES: Mapping[str, Callable[[Flow], Course]] = {
    **POLICIES,
    **{name: foreseeing(departures) for departures, name in WINDOWS.items()},
}
