"""What one decision costs, one transaction each, in one process: beside the same statements sent by pgbench alone, on a
ledger that was just opened and on one where many were decided."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from random import Random
from statistics import median, quantiles

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.service.ledgers import fall_vacant, holders, open_landlord
from benchmarks.service.measure import alone, scratch_database
from benchmarks.service.rows_read import rows_read
from benchmarks.service.statements import by_batches_of, prepare
from flux.models import Ledger, RoutingPolicy, Vacancy
from flux.operations import routing
from reservations.models import Organisation, User
from reservations.operations.log import append_leaves

#: The parts of a decision, each by the functions that it is made of: their module, then their name.
PARTS = {
    "the queue": [
        ("flux/queries/departures.py", "waiting_after"),
        ("flux/queries/departures.py", "waiting_in"),
        ("flux/queries/departures.py", "sorted_out"),
    ],
    "rights": [("reservations/queries/rights.py", "rights_of")],
    "the situation": [("flux/situation/loading.py", "load")],
    "the rule": [("flux/operations/routing.py", "_recommend")],
    "what is written": [("flux/operations/decision.py", "write")],
}


@dataclass(slots=True)
class Pace:
    """Of one decision on a ledger where `decided` were taken before: how many `statements`, how many `rows` the
    database looked at and where `most`, the processor `milliseconds` of this process; decisions a second, here and by
    pgbench with the same statements, in rounds that take turns; and of the time, what each part took, in hundredths.
    `log`: what the writer of the verifiable log took after each round, of what the round took.
    """

    decided: int
    statements: int = 0
    rows: int = 0
    most: str = ""
    milliseconds: float = 0.0
    here: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    parts: Mapping[str, int] = field(default_factory=dict)
    log: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The median of the rounds, each beside its own; 0 without pgbench."""
        return median(here / alone for here, alone in zip(self.here, self.alone, strict=True)) if self.alone else 0.0


#: People at work on one ledger, and the seconds that one reads before each confirmation: two, then none.
CLERKS, BREATHS = 16, (2.0, 0.0)


@dataclass(frozen=True, slots=True)
class Queue:
    """Of `CLERKS` people who confirm on one ledger, each after `breath` seconds on average: milliseconds."""

    breath: float
    half: float
    nearly_all: float


def measured(*, decided: int, decisions: int, rounds: int) -> tuple[list[Pace], list[Queue]]:
    """On a fresh ledger, then on one of so many decided; the rounds of both take turns. Then people at once."""
    with scratch_database() as environment:
        prepare()
        signing = holders()
        found = paces(signing, decided=decided, decisions=decisions, rounds=rounds, environment=environment)
        after = 1 + Ledger.objects.count()
        return found, [queue(clerks(signing, after + n, each=20, breath=one), one) for n, one in enumerate(BREATHS)]


def queue(took: Sequence[float], breath: float) -> Queue:
    """Half of them took at most so long; 19 in 20, so long."""
    cuts = quantiles(took, n=20, method="inclusive")
    return Queue(breath, cuts[9], cuts[18])


def paces(
    signing: dict[str, Organisation], *, decided: int, decisions: int, rounds: int, environment: Mapping[str, str]
) -> list[Pace]:
    """In the database that is given."""
    numbers, found = count(1 + Ledger.objects.count()), [Pace(0), Pace(decided)]
    wanted = (rounds + 2) * decisions + rounds + 20
    ledgers = [_ledger(next(numbers), signing, each.decided, wanted) for each in found]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for pace, ledger in zip(found, ledgers, strict=True):
        _counted(pace, ledger)
    for _ in range(rounds):
        for pace, ledger in zip(found, ledgers, strict=True):
            append_leaves()
            pace.here.append(_decided(ledger, decisions))
            began = time.monotonic()
            append_leaves()
            pace.log.append((time.monotonic() - began) * pace.here[-1] / decisions)
            if environment.get("PGBENCH"):
                pace.alone.append(alone([ledger], dict(environment), clients=1, seconds=3))
    for pace, ledger in zip(found, ledgers, strict=True):
        began = time.process_time()
        _decided(ledger, decisions)
        pace.milliseconds = (time.process_time() - began) / decisions * 1000
        pace.parts = _parts(partial(_decided, ledger, decisions))
    return found


def clerks(signing: dict[str, Organisation], number: int, *, each: int, breath: float) -> list[float]:
    """Milliseconds of each confirmation by `CLERKS` people at once, on one ledger of so many recommendations a person,
    in the threads of one process, as of one site; seconds that a person takes to read before each, on average."""
    now = timezone.now()
    landlord, by = open_landlord(number, signing, on=timezone.localdate(now))
    ledger = fall_vacant(landlord, by, CLERKS * each, seed=number, now=now)
    routing.route_waiting_vacancies(ledger_id=ledger.pk, now=now)
    waiting = list(Vacancy.objects.filter(ledger=ledger).to_confirm().values_list("pk", flat=True))
    with ThreadPoolExecutor(CLERKS) as people:
        shares = [waiting[place::CLERKS] for place in range(CLERKS)]
        took = people.map(partial(_confirmed, by=by, breath=breath), shares, range(CLERKS))
        return sorted(one for theirs in took for one in theirs)


def _confirmed(waiting: Sequence[int], seed: int, *, by: User, breath: float) -> list[float]:
    """One clerk, who reads for a while that is drawn around `breath`, then confirms one."""
    draw, took = Random(seed), list[float]()
    try:
        for vacancy in waiting:
            time.sleep(draw.uniform(0, 2 * breath))
            began = time.monotonic()
            routing.confirm_recommendations(vacancies=[vacancy], by=by)
            took.append(1000 * (time.monotonic() - began))
    finally:
        connection.close()
    return took


def _ledger(number: int, signing: dict[str, Organisation], decided: int, waiting: int) -> Ledger:
    """What was decided before is routed at once; what waits, a person will confirm."""
    now = timezone.now()
    landlord, by = open_landlord(number, signing, on=timezone.localdate(now))
    ledger = fall_vacant(landlord, by, decided + waiting, seed=number, now=now)
    before = RoutingPolicy.objects.create(
        landlord=landlord, mode=RoutingPolicy.Mode.AUTOMATIC, starts_on=timezone.localdate(now)
    )
    for first in range(0, decided, routing.BATCH):
        with by_batches_of(min(routing.BATCH, decided - first)):
            routing.route_next(ledger_id=ledger.pk, now=now)
    before.delete()
    return ledger


def _counted(pace: Pace, ledger: Ledger) -> None:
    """Statements and rows of the second decision: nothing is kept of it."""
    with by_batches_of(1):
        routing.route_next(ledger_id=ledger.pk, now=timezone.now())
        with transaction.atomic():
            with rows_read() as rows, CaptureQueriesContext(connection) as heard:
                routing.route_next(ledger_id=ledger.pk, now=timezone.now())
            transaction.set_rollback(True)
    pace.rows, pace.most = rows.total, rows.most
    pace.statements = sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in heard.captured_queries)


def _decided(ledger: Ledger, decisions: int) -> float:
    """So many decisions, one transaction each: how many a second."""
    with by_batches_of(1):
        began, now = time.monotonic(), timezone.now()
        for _ in range(decisions):
            handled, _ = routing.route_next(ledger_id=ledger.pk, now=now)
            assert handled == 1, "one waits for each"
        return decisions / (time.monotonic() - began)


def _parts(act: Callable[[], object]) -> dict[str, int]:
    profile = cProfile.Profile()
    profile.runcall(act)
    result = pstats.Stats(profile)
    spent: dict[tuple[str, str], float] = {}
    for (module, _, name), (_, _, _, cumulated, _) in result.stats.items():  # type: ignore[attr-defined]
        for known in {each for functions in PARTS.values() for each in functions}:
            if module.endswith(known[0]) and name == known[1]:
                spent[known] = cumulated
    whole = result.total_tt  # type: ignore[attr-defined]
    return {
        part: round(100 * sum(spent.get(each, 0.0) for each in functions) / whole) for part, functions in PARTS.items()
    }
