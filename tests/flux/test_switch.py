"""Before a landlord goes from version 1 to version 2: last year under each, replayed in memory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from flux.models import DecisionWindow, Ledger, LedgerLine, Recommendation
from flux.operations.routing import route_waiting_vacancies
from flux.whatif import switch
from reservations.models.convention import UNIT
from tests.flux.known import departure, plan_together
from tests.world import MORNING, World, promise_behind_the_acts
from tests.world_again import done_once

YEAR = MORNING.year


@done_once
def live(world: World, count: int, *, a_day: int = 4) -> Ledger:
    """So many departures, a few a day, decided by the worker as the landlord chose."""
    for number in range(count):
        at = MORNING - timedelta(days=120 - number // a_day)
        fallen = departure(world, at=at)
        if number % a_day == a_day - 1:
            route_waiting_vacancies(ledger_id=fallen.ledger_id, now=at)
    last = MORNING - timedelta(days=100)
    route_waiting_vacancies(ledger_id=fallen.ledger_id, now=last)
    return fallen.ledger


def test_a_year_under_version_1_is_that_year(world: World) -> None:
    """Nobody overrode nor gave back: what is notified of version 1 is what each received."""
    ledger = live(world, 24)
    found = switch(world.landlord, length=8, days=3, exercise=YEAR)
    assert found is not None
    received = dict(LedgerLine.objects.filter(ledger=ledger).values_list("holder", "received"))
    assert {line.holder.pk: line.received_then for line in found.lines} == received
    due = dict(LedgerLine.objects.filter(ledger=ledger).values_list("holder", "due"))
    assert {line.holder.pk: line.due for line in found.lines} == due
    assert sum(line.received for line in found.lines) == found.units == 24
    assert [line.holder.is_not_reserved for line in found.lines][-1] is True


def test_a_year_replayed_under_version_2_is_what_the_queue_did(world: World) -> None:
    """The same window, the same days: the preview and the worker agree, unit by unit."""
    plan_together(world, length=4, days=3, since=MORNING - timedelta(days=130))
    ledger = live(world, 24)
    assert not ledger.vacancies.waiting().exists()
    found = switch(world.landlord, length=4, days=3, exercise=YEAR)
    received = dict(LedgerLine.objects.filter(ledger=ledger).values_list("holder", "received"))
    assert {line.holder.pk: line.received for line in found.lines} == received
    made = Recommendation.objects.order_by("sequence")
    assert list(found.now.known) == [1 + len(each.situation.get("known", [])) for each in made]
    assert list(found.then.known) == [1] * 24
    assert max(found.now.waited) <= 3
    worst = max(
        abs(due - UNIT * units)
        for due, units in LedgerLine.objects.filter(ledger=ledger).values_list("due", "received")
    )
    assert found.now.furthest >= worst
    assert found.now.furthest == max(line.worst for line in found.lines)


def test_accounts_that_promise_over_the_whole_are_left_out_and_named(world: World) -> None:
    ledger = live(world, 4)
    promise_behind_the_acts(world.conventions["city"], 900_000)
    found = switch(world.landlord, length=8, days=3, exercise=YEAR)
    assert (found.excess, found.lines, found.units) == ((ledger,), (), 4)


def test_a_year_without_a_decision_has_nothing_to_show(world: World) -> None:
    assert switch(world.landlord, length=8, days=3, exercise=YEAR) is None


def test_a_year_beyond_reason_is_not_replayed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    live(world, 4)
    monkeypatch.setattr("flux.whatif.switching.MOST", 3)
    assert switch(world.landlord, length=8, days=3, exercise=YEAR).too_many


@pytest.mark.parametrize("count", [4, 16])
def test_preview_writes_nothing_and_costs_the_same_queries(
    world: World, count: int, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    live(world, count)
    before = list(LedgerLine.objects.order_by("pk").values())
    with django_assert_num_queries(13):
        switch(world.landlord, length=8, days=3, exercise=YEAR)
    assert list(LedgerLine.objects.order_by("pk").values()) == before
    assert DecisionWindow.objects.count() == 2, "those that were there"
