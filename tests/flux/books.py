"""The checks of the specification (section 7) on one ledger: what must hold after any act."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from fractions import Fraction
from math import floor

from django.db.models import Q

from flux.models import AuditAlert, FlowEntry, Ledger, LedgerLine, Return, Routing, Vacancy
from flux.queries.controls.accounts import audit
from flux.queries.controls.folds import drift
from flux.situation import DIMENSIONS
from reservations.models.convention import UNIT
from tests.guards import unguarded

Stage = FlowEntry.Stage


def count_as_before() -> None:
    """Every account there is goes on under accounting 1, as one that was opened under it."""
    with unguarded("flux_ledger.accounting_kept"):
        Ledger.objects.update(accounting=1)


def check_books(*ledgers: Ledger) -> None:
    """Each of these accounts, and what is handed on for one turn beside it, is what its acts make of it; and what folds
    say of all accounts is what entries say, counted over everything once."""
    wanted = {ledger.pk for ledger in ledgers}
    for ledger in ledgers:
        same = {"landlord": ledger.landlord_id, "departement": ledger.departement_id, "exercise": ledger.exercise}
        wanted |= set(Ledger.objects.filter(kind=Ledger.Kind.ONE_TURN, **same).order_by().values_list("pk", flat=True))
    for ledger in Ledger.objects.filter(pk__in=wanted).order_by("pk"):
        _check_book(ledger)
    assert drift() == {}


def _check_book(ledger: Ledger) -> None:
    """Lines are the fold of the entries, in order; every unit is due once and received once, or waits: by whoever has
    it, or by whoever gave it back with its turn used, the unit being then in the account of those handed on for one
    turn, once there too; lacks sum to the gap; a unit cancelled, or that works took out, is worth nothing.

    Of an account of before (`accounting` 1): every offer is due once, every unit received once by whoever has it and
    once by whoever gave it back with its turn used.
    """
    one_turn = ledger.kind == Ledger.Kind.ONE_TURN
    waiting = Vacancy.objects.filter(ledger=ledger).waiting()
    assert not waiting.exclude(entered_as__isnull=True).exists(), "what waits is found by what it has not entered as"
    cancelled = set(Vacancy.declared.exclude(cancelled_at=None).values_list("pk", flat=True))
    here = Q(routing__recommendation__ledger=ledger) | Q(routing__recommendation=None, routing__vacancy__ledger=ledger)
    given = list(Return.objects.filter(here).select_related("routing"))
    out = {
        each.routing.vacancy_id
        for each in given
        if each.reason == Return.Reason.WORKS and not hasattr(each, "resumption")
    }
    taken_back = _taken_back(ledger)
    if ledger.credits_once:  # works take it out of every account, until it is let again in its own
        seen = ledger.recommendations.values_list("vacancy", "pk")
        kept = {vacancy for vacancy, made in seen if made > taken_back.get(vacancy, 0)}
        out = set(taken_back) - kept
        cancelled |= out
    forgiven = {
        (each.routing.vacancy_id, each.routing.holder_id)
        for each in given
        if not each.counted and not (ledger.credits_once and each.reason == Return.Reason.WORKS)
    }
    due: dict[int, int] = defaultdict(int)
    received: dict[int, int] = defaultdict(int)
    living: dict[int, int] = defaultdict(int)
    profile: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    returning = set()
    for entry in (
        FlowEntry.objects.filter(ledger=ledger)
        .select_related("vacancy__unit__commune", "vacancy__unit__programme")
        .order_by("pk")
    ):
        key = entry.vacancy_id, entry.holder_id
        back = Stage.ROUTED if one_turn else Stage.RETURNED
        if entry.stage == back and (entry.quantity > 0) != one_turn and bool(entry.spread) == one_turn:
            returning |= {key} & forgiven
        if entry.stage not in (*FlowEntry.OWED, *FlowEntry.RECEIVED):
            continue
        column = 0 if entry.stage in FlowEntry.OWED else 1
        (received if column else due)[entry.holder_id] += entry.quantity
        if column:
            living[entry.vacancy_id] += entry.quantity
        if key in returning:
            returning.remove(key)
            _spread(profile, entry.holder_id, entry.vacancy.entered_as or {})
            continue
        _place(profile, entry, column)
    for vacancy in cancelled:
        _check_worth_nothing(ledger, vacancy, out=vacancy in out)
    lines = LedgerLine.objects.filter(ledger=ledger).order_by("pk")
    assert {line.holder_id: (line.due, line.received) for line in lines} == {
        holder: (due[holder], received[holder]) for holder in {*due, *received}
    }
    assert {
        (line.holder_id, dimension, category): figures
        for line in lines
        for dimension, categories in line.profile.items()
        for category, figures in categories.items()
        if any(figures)
    } == {key: figures for key, figures in profile.items() if any(figures)}
    for line in lines:
        for dimension in DIMENSIONS:
            lacks = [due - UNIT * received for due, received in line.profile[dimension].values()]
            assert sum(lacks) == line.due - UNIT * line.received
    firsts = set(
        Vacancy.declared.filter(kind=Vacancy.Kind.FIRST_LETTING, entries__ledger=ledger).values_list("pk", flat=True)
    )
    firsts = set() if one_turn else firsts
    counted = [
        each.routing
        for each in given
        if each.counted
        and each.routing.vacancy_id not in cancelled
        and (each.routing.recommendation_id or 0) >= taken_back.get(each.routing.vacancy_id, 0)
    ]
    here = ledger.recommendations.all() if one_turn else ledger.recommendations.filter(attempt=1)
    entered = {*here.values_list("vacancy", flat=True), *firsts}
    first_offers = len(entered - cancelled)
    again = [] if ledger.credits_once else counted
    assert sum(due.values()) == UNIT * (first_offers + len(again))
    assert ledger.sequence == ledger.recommendations.count() + len(firsts)
    assert set(living) == entered
    turns = Counter(routing.vacancy_id for routing in again)
    assert dict(living) == {
        vacancy: turns[vacancy] + (vacancy not in out) if vacancy not in cancelled else 0 for vacancy in living
    }
    current = Routing.objects.filter(closed_at=None, one_turn=one_turn)
    own = {"recommendation__ledger" if one_turn else "vacancy__ledger": ledger}
    routed = Counter(current.filter(**own).values_list("vacancy", "holder").order_by())
    routed.update((routing.vacancy_id, routing.holder_id) for routing in counted)
    net = _net(ledger, Stage.ROUTED)
    if ledger.kind == Ledger.Kind.ORDINARY:  # a first letting may count for the landlord: its routing is of its ledger
        net = {pair: quantity for pair, quantity in net.items() if pair[0] not in firsts}
    assert dict(routed) == net
    _check_offered(ledger)
    found = audit([ledger.pk]).differences  # the clock of tests stands still: two passes look like one out of order
    assert [each for each in found if each.check != AuditAlert.Check.ORDER] == []


def _taken_back(ledger: Ledger) -> dict[int, int]:
    """By vacancy, the last recommendation that works took back with all that it had counted."""
    works = Return.objects.filter(reason=Return.Reason.WORKS, routing__vacancy__entries__ledger=ledger).order_by("pk")
    if ledger.kind == Ledger.Kind.FIRST_LETTING:  # the allotment served: what is handed on from it is beside
        works = works.none()
    return dict(works.values_list("routing__vacancy", "routing__recommendation")) if ledger.credits_once else {}


def _check_offered(ledger: Ledger) -> None:
    """Offered: whoever has the unit, and whoever gave it back unless its convention says that it never was offered."""
    offered: Counter[tuple[int, int]] = Counter()
    for routing in Routing.objects.filter(vacancy__ledger=ledger, vacancy__cancelled_at=None).select_related(
        "given_back"
    ):
        given = getattr(routing, "given_back", None)
        if routing.closed_at is None or (given is not None and given.offered):
            offered[routing.vacancy_id, routing.holder_id] += 1
    assert dict(offered) == _net(ledger, Stage.OFFERED)


def _check_worth_nothing(ledger: Ledger, vacancy: int, *, out: bool) -> None:
    """Its own entries in that ledger bring each holder to nothing, in every category and every stage; `out`: in those
    that are owed or received, works leave what the balance counts."""
    profile: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for entry in FlowEntry.objects.filter(ledger=ledger, vacancy=vacancy).select_related("vacancy").order_by("pk"):
        if not out or entry.stage in (*FlowEntry.OWED, *FlowEntry.RECEIVED):
            sums[entry.holder_id, entry.stage] += entry.quantity
        if entry.stage in (*FlowEntry.OWED, *FlowEntry.RECEIVED):
            _place(profile, entry, 0 if entry.stage in FlowEntry.OWED else 1)
    assert not any(sums.values())
    assert not any(any(figures) for figures in profile.values())


def _place(profile: dict[tuple[int, str, str], list[int]], entry: FlowEntry, column: int) -> None:
    """In each dimension the unit's own category, or those that the entry says instead."""
    spread = entry.spread or {}
    for dimension, category in (entry.vacancy.entered_as if entry.vacancy else {}).items():
        if dimension not in spread:
            profile[entry.holder_id, dimension, category][column] += entry.quantity
    for dimension, parts in spread.items():
        for category, part in parts.items():
            profile[entry.holder_id, dimension, category][0] += part


def _spread(profile: dict[tuple[int, str, str], list[int]], holder: int, categories: Mapping[str, str]) -> None:
    """One unit more of category due in each dimension, on the holder's mix so far: largest remainder, ties by name.

    A category due below zero, taken over at the end of a right, weighs nothing.
    """
    for dimension in DIMENSIONS:
        mix = {key: Fraction(max(0, figures[0])) for key, figures in profile.items() if key[:2] == (holder, dimension)}
        if not sum(mix.values()):  # due nothing so far: in the category of the unit
            mix = {(holder, dimension, categories[dimension]): Fraction(1)}
        exact = {key: UNIT * weight / sum(mix.values()) for key, weight in mix.items()}
        parts = {key: floor(share) for key, share in exact.items()}
        largest = sorted(exact, key=lambda key: (floor(exact[key]) - exact[key], key))
        for key in largest[: UNIT - sum(parts.values())]:
            parts[key] += 1
        for key, part in parts.items():
            profile[key][0] += part


def _net(ledger: Ledger, stage: str) -> dict[tuple[int, int], int]:
    """The sum of the entries of a stage for each (vacancy, holder), when it is not nothing."""
    net: dict[tuple[int, int], int] = defaultdict(int)
    for entry in FlowEntry.objects.filter(ledger=ledger, stage=stage):
        net[entry.vacancy_id, entry.holder_id] += entry.quantity
    return {pair: quantity for pair, quantity in net.items() if quantity}
