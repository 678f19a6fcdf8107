"""What is read of ledgers.

* The lines of a ledger rebuilt from its entries alone, and counted again from the facts beside them.
* Both read every ledger asked in a fixed number of queries, the entries as a stream in the order they were written.
* How many units entered a ledger by a day, without a reading of what entered it; how many were handed on beside.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    RowRange,
    Subquery,
    Sum,
    Value,
    Window,
)
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from flux.engine import recorded
from flux.engine.counters import Counter, Counters
from flux.models import CarriedOver, FlowEntry, Ledger, OpeningBalance, Recommendation, Return, Routing, Vacancy
from flux.queries.accounts import figures_on
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.models.once_a_request import once_in_steps
from reservations.models.together import Steps, together, whole

Stage = FlowEntry.Stage

#: Entries, or recommendations, held in memory at a time.
CHUNK = 2000

#: Stages whose entries sum to nothing over a ledger: what one gives another takes.
PASSED_ON = (Stage.CARRIED, Stage.FORFEITED, Stage.TRANSFERRED)


@dataclass(slots=True)
class Rebuilt:
    """What the entries of one ledger add up to: the counters of each holder (by id), and totals of `PASSED_ON`."""

    counters: dict[int, Counter]
    passed_on: dict[str, int]


def rebuild(ledgers: Collection[int]) -> Iterator[tuple[int, Rebuilt]]:
    """Fold the entries of each of these ledgers (ids), in the order they were written; those without any are left out.

    Two queries. Entries of cancelled vacancies are folded like the others: what was reversed was first written.
    """
    entered = _entered_without_categories(ledgers)
    rows = (
        FlowEntry.objects.filter(ledger__in=ledgers)
        .filter(stage__in=(*FlowEntry.OWED, *FlowEntry.RECEIVED))
        .order_by("ledger", "pk")
        .values_list("ledger", "holder", "stage", "quantity", "spread", "sequence", "vacancy", "vacancy__entered_as")
    )
    for ledger, entries in groupby(rows.iterator(chunk_size=CHUNK), itemgetter(0)):
        counters = Counters(unit=UNIT, landlord="", dimensions=())
        passed_on = dict.fromkeys((stage.value for stage in PASSED_ON), 0)
        for _, holder, stage, quantity, spread, sequence, vacancy, entered_as in entries:
            key = str(holder)
            if key not in counters.holders:
                counters.holders[key] = Counter(name="", rank=0)
            categories = entered_as or entered.get(vacancy, {})
            if stage in FlowEntry.OWED:
                counters.post(key, categories, due=quantity, spread=spread)
            else:
                counters.post(key, categories, received=quantity, spread=spread, sequence=sequence or 0)
            if stage in passed_on:
                passed_on[stage] += quantity
        yield ledger, Rebuilt({int(key): counter for key, counter in counters.holders.items()}, passed_on)


def _entered_without_categories(ledgers: Collection[int]) -> dict[int, dict[str, str]]:
    """The categories of today of the vacancies that entered before `entered_as` was kept: old first lettings."""
    old = (
        Vacancy.declared.filter(entered_as__isnull=True, entries__ledger__in=ledgers)
        .select_related("unit__commune", "unit__programme")
        .order_by("pk")
        .distinct()
    )
    return {vacancy.pk: vacancy.categories for vacancy in old}


@dataclass(slots=True)
class Counted:
    """What the facts of one ledger say, without a look at its entries, cancelled vacancies left out.

    `offers`: units that entered, each once; `turns`: returns that credited everybody again; `works`: units taken out,
    whose credit stands. Both are of accounts of before (`Ledger.accounting` 1): in the others a unit is credited once,
    and one that works took out did not enter.
    `received`: units that each holder (by id) has or must count. `ranks`: what the ledger's `sequence` must be, at
    least `last_rank`. `swapped`: (rank, recommendation) decided before a vacancy registered earlier, that nothing kept
    waiting; `waited`: how many were passed because conventions promised over 100 % there. `openings`, by holder (id):
    what it accepted of the time before the account was kept here, and what is carried over from it, in millionths.
    `misnamed`: (recommendation, origin of its unit) that says it was taken before and was not, or the other way round.
    """

    offers: int = 0
    turns: int = 0
    works: int = 0
    ranks: int = 0
    last_rank: int = 0
    received: Tally[int] = field(default_factory=Tally)
    swapped: list[tuple[int, int]] = field(default_factory=list)
    waited: int = 0
    openings: dict[int, tuple[int, int]] = field(default_factory=dict)
    misnamed: list[tuple[int, str]] = field(default_factory=list)

    @property
    def events(self) -> int:
        """Times that a whole unit was shared out: entries, and returns that credited again."""
        return self.offers + self.turns


def count(ledgers: Collection[int]) -> dict[int, Counted]:
    """Count each of these ledgers (ids) from its recommendations, routings, returns, first lettings and openings, in
    twelve queries.

    The one thing that only entries state is that a first letting entered a yearly ledger, and for whom it counts there.
    """
    found: dict[int, Counted] = {ledger: Counted() for ledger in ledgers}
    _recommended(found)
    _assigned(found)
    _returned(found)
    _let_first(found)
    _opened(found)
    _named_past(found)
    for each in out_of_order(ledgers):
        found[each.ledger].swapped, found[each.ledger].waited = each.swapped, each.waited
    return found


def _recommended(found: Mapping[int, Counted]) -> None:
    made = Recommendation.objects.filter(ledger__in=found).order_by().values("ledger")
    works = Return.objects.filter(reason=Return.Reason.WORKS, routing__vacancy=OuterRef("vacancy"))
    found_works = Return.objects.filter(reason=Return.Reason.WORKS).values("routing__vacancy")
    taken_back = Q(Exists(works.filter(routing__recommendation__gte=OuterRef("pk"))), vacancy__in=found_works)
    entered = Q(ledger__accounting=1, attempt=1) | Q(ledger__accounting__gte=2) & ~taken_back
    first = Count("vacancy", distinct=True, filter=entered & Q(vacancy__cancelled_at=None))
    for row in made.annotate(every=Count("pk"), last=Max("sequence"), first=first):
        counted = found[row["ledger"]]
        counted.offers, counted.ranks, counted.last_rank = row["first"], row["every"], row["last"]


def _assigned(found: Mapping[int, Counted]) -> None:
    """What waits for a person, and what is routed: each open row counts one for its holder."""
    waiting = Recommendation.objects.filter(ledger__in=found, routings=None, vacancy__cancelled_at=None)
    for ledger, holder, number in waiting.order_by().values_list("ledger", "holder").annotate(Count("pk")):
        found[ledger].received[holder] += number
    routed = Routing.objects.filter(closed_at=None, vacancy__cancelled_at=None).order_by()
    for ledger, which in (("vacancy__ledger", Q(one_turn=False)), ("recommendation__ledger", Q(one_turn=True))):
        each = routed.filter(which, **{f"{ledger}__in": found}).values_list(ledger, "holder")
        for pk, holder, number in each.annotate(Count("pk")):
            found[pk].received[holder] += number


def _returned(found: Mapping[int, Counted]) -> None:
    given = Return.objects.filter(routing__vacancy__ledger__in=found, routing__vacancy__cancelled_at=None)
    rows = given.order_by().values_list("routing__vacancy__ledger", "routing__holder")
    before = Q(routing__vacancy__ledger__accounting=1)
    for ledger, holder, turns, again, works in rows.annotate(
        turns=Count("pk", filter=Q(pk__in=Return.objects.turns_used().values("pk"))),
        again=Count("pk", filter=Q(counted=True) & before),
        works=Count("pk", filter=Q(reason=Return.Reason.WORKS, resumption=None) & before),
    ):
        found[ledger].turns += again
        found[ledger].works += works
        found[ledger].received[holder] += turns


def _let_first(found: Mapping[int, Counted]) -> None:
    """First lettings take a rank in their own ledger, and in the yearly one where conventions count them."""
    firsts = Vacancy.declared.filter(kind=Vacancy.Kind.FIRST_LETTING)
    state = Count("pk", filter=Q(cancelled_at=None))
    own = firsts.filter(ledger__in=found).order_by().values_list("ledger")
    for ledger, every, kept in own.annotate(Count("pk"), kept=state):
        found[ledger].ranks += every
        found[ledger].offers += kept
    inside = FlowEntry.objects.filter(ledger__in=found, vacancy__kind=Vacancy.Kind.FIRST_LETTING)
    inside = inside.exclude(Q(vacancy__ledger=F("ledger")) | Q(ledger__kind=Ledger.Kind.ONE_TURN)).order_by()
    kept_inside = Count("vacancy", distinct=True, filter=Q(vacancy__cancelled_at=None))
    units = inside.values_list("ledger").annotate(Count("vacancy", distinct=True), kept=kept_inside)
    for ledger, every, kept in units:
        found[ledger].ranks += every
        found[ledger].offers += kept
    for ledger, holder, number in (
        inside.filter(stage=Stage.ROUTED).values_list("ledger", "holder").annotate(net=Sum("quantity"))
    ):
        found[ledger].received[holder] += number


def _named_past(found: Mapping[int, Counted]) -> None:
    """Recommendations that say they are of before, of units registered here, or the other way round."""
    past, decided = Q(vacancy__source=Vacancy.Source.PAST), Q(engine_version=recorded.VERSION)
    first = Recommendation.objects.filter(ledger__in=found, attempt=1).filter(past & ~decided | ~past & decided)
    for ledger, pk, source in first.order_by("pk").values_list("ledger", "pk", "vacancy__source"):
        found[ledger].misnamed.append((pk, source))


def _opened(found: Mapping[int, Counted]) -> None:
    """What holders accepted, and what is carried over from it."""
    accepted = OpeningBalance.objects.accepted().filter(ledger__in=found).order_by()
    gap = Sum(F("due") - UNIT * F("received"))
    owed = accepted.values_list("ledger", "holder").annotate(owed=gap)
    rows = {(ledger, holder): amount for ledger, holder, amount in owed}
    carried = CarriedOver.objects.filter(ledger__in=found, opening__isnull=False).order_by()
    taken = {
        (ledger, holder): amount
        for ledger, holder, amount in carried.values_list("ledger", "holder").annotate(Sum("amount"))
    }
    for ledger, holder in sorted({*rows, *taken}):
        found[ledger].openings[holder] = (rows.get((ledger, holder), 0), taken.get((ledger, holder), 0))


@dataclass(frozen=True, slots=True)
class Order:
    """In what order a ledger (id) decided what it `decided` for the first time: `swapped`, `waited`, as `Counted`."""

    ledger: int
    decided: int
    swapped: list[tuple[int, int]]
    waited: int


def out_of_order(ledgers: Collection[int]) -> Iterator[Order]:
    """For each ledger that has recommendations: those made out of the order of registration, and how many waited.

    A vacancy whose commune is promised over 100 % waits, and others pass: no fault. What kept it waiting is a matter
    of its commune and of its day of registration, so a vacancy may be passed, but never by one of the same commune and
    day; and those of one pass of the worker are decided in their order. What a person asked for before its time passes
    by that act, which says why, and is counted apart (`early_decisions`). One query, of those that were passed
    and of the first of each ledger; two where one was passed by another pass.
    """
    passed: dict[int, list[tuple[int, int, bool]]] = defaultdict(list)
    decided = {}
    for ledger, rank, pk, vacancy, asked, number, furthest, within in _passed(ledgers):
        decided[ledger] = number
        if asked is None and vacancy < (furthest or 0):
            passed[ledger].append((rank, pk, vacancy < (within or 0)))
    doubtful = [pk for rows in passed.values() for _, pk, out in rows if not out]
    by_their_like = _passed_by_their_like(ledgers, doubtful) if doubtful else set()
    for ledger, number in decided.items():
        swapped = [(rank, pk) for rank, pk, out in passed[ledger] if out or pk in by_their_like]
        yield Order(ledger, number, swapped, len(passed[ledger]) - len(swapped))


def _passed(ledgers: Collection[int]) -> QuerySet[Any, Any]:
    """First recommendations whose vacancy is registered before one decided earlier, `furthest` of all and `within` the
    same pass, and those that none precedes, the first of each ledger at least, with how many it has."""

    def before(*by: str) -> Window:
        latest = Max("vacancy", filter=Q(asked=None))
        return Window(latest, partition_by=list(by), order_by="sequence", frame=RowRange(end=-1))

    return (
        Recommendation.objects.filter(ledger__in=ledgers, attempt=1)
        .annotate(
            decided=Window(Count("pk"), partition_by="ledger"),
            furthest=before("ledger"),
            within=before("ledger", "recorded_at"),
        )
        .filter(Q(furthest=None) | Q(vacancy__lt=F("furthest"), asked=None))
        .order_by("ledger", "sequence")
        .values_list("ledger", "sequence", "pk", "vacancy", "asked", "decided", "furthest", "within")
    )


def _passed_by_their_like(ledgers: Collection[int], recommendations: Collection[int]) -> set[int]:
    """Of these recommendations (ids), those made after that of a vacancy of the same commune and day, registered later.
    One query."""
    like = Recommendation.objects.filter(
        ledger=OuterRef("ledger"),
        attempt=1,
        asked=None,
        sequence__lt=OuterRef("sequence"),
        vacancy__gt=OuterRef("vacancy"),
        vacancy__commune=OuterRef("vacancy__commune"),
        vacancy__registered_on=OuterRef("vacancy__registered_on"),
    )
    found = Recommendation.objects.filter(Exists(like), pk__in=recommendations, ledger__in=ledgers)
    return set(found.order_by().values_list("pk", flat=True))


def entered_until(on: date) -> CombinedExpression:
    """To annotate ledgers with: all that each ranked, less those ranked once more, those cancelled or taken out for
    works by then and those credited later."""
    again = Recommendation.objects.filter(ledger=OuterRef("pk"), attempt__gt=1)
    gone = Vacancy.declared.filter(_credited(), cancelled_at__date__lte=on, **_beside())
    before = FlowEntry.objects.filter(
        ledger=OuterRef("ledger"), vacancy=OuterRef("vacancy"), stage=Stage.DUE, on__lte=on
    )
    late = FlowEntry.objects.filter(~Exists(before), ledger=OuterRef("pk"), stage=Stage.DUE, on__gt=on)
    out = Vacancy.objects.out_for_works().filter(
        ledger=OuterRef("pk"), ledger__accounting__gte=2, routings__given_back__returned_at__date__lte=on
    )
    decided = F("sequence") - _count(again, "pk")
    return decided - _count(gone, "pk") - _count(late, "vacancy") - _count(out, "pk")


def first_lettings_in() -> Coalesce:
    """To annotate yearly ledgers with: how many first lettings that stand each counts, whose own account is another."""
    return _count(Vacancy.objects.filter(_credited(), ledger__kind=Ledger.Kind.FIRST_LETTING, **_beside()), "pk")


def _credited() -> Exists:
    """Condition on vacancies: the outer ledger credited them."""
    here = FlowEntry.objects.filter(ledger=OuterRef(OuterRef("pk")), vacancy=OuterRef("pk"), stage=Stage.DUE)
    return Exists(here)


def _beside() -> dict[str, OuterRef]:
    """Vacancies of the accounts of the same landlord, place and year as the outer ledger."""
    return {f"ledger__{name}": OuterRef(name) for name in ("landlord", "departement", "exercise")}


def _count(rows: QuerySet[Any], each: str) -> Coalesce:
    """How many there are, as a figure of the outer query."""
    alone = rows.order_by().values(whole=Value(1)).values_list(Count(each, distinct=True))
    return Coalesce(Subquery(alone, output_field=IntegerField()), 0)


@once_in_steps
def handed_on(ledger: Ledger, on: date) -> Steps[tuple[Ledger | None, list[tuple[ReservationHolder, int]]]]:
    """Beside a yearly account: that of the units handed on for one turn, None when there is none; and how many each
    holder received so by a day, in the order of their names. Two queries at most."""
    if ledger.kind != Ledger.Kind.ORDINARY:
        return None, []
    same = {name: getattr(ledger, name) for name in ("landlord_id", "departement_id", "exercise")}
    beside = Ledger.objects.filter(**same, kind=Ledger.Kind.ONE_TURN)
    books, read = yield from together(whole(beside), figures_on.steps(on, ledger__in=beside.order_by()))
    figures = {holder: each.received for (_, holder), each in read.items() if each.received}
    holders = yield from whole(ReservationHolder.objects.filter(pk__in=figures), "organisation")
    return next(iter(books), None), [(each, figures[each.pk]) for each in sorted(holders, key=str)]
