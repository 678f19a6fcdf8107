"""A year replayed with other shares: ordered by a row, replayed by a worker, kept by its question and its account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection

from flux.models import Ledger, ReplayedYear
from flux.models.audit import TRIES
from flux.operations.replaying import (
    FAILED,
    FRESH,
    LEASE,
    UNASKED,
    WRITTEN,
    order_replay,
    purge_replays,
    replay_next,
)
from flux.operations.routing import route_waiting_vacancies
from flux.queries.balance import subtracted_from
from flux.situation import load
from flux.tasks import purge, replay_years
from flux.whatif import Changes, answer_of, packed, read, replay, unpacked, version_of
from flux.whatif.hypothesis import MOST_SHOWN
from tests.flux.test_whatif import key, live
from tests.world import MORNING, World

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def this_morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def version(ledger: Ledger) -> str:
    book = Ledger.objects.select_related("landlord").annotate(subtracted=subtracted_from()).get(pk=ledger.pk)
    return version_of(load(book), book.subtracted, on=MORNING.date())


def order(ledger: Ledger, changes: Changes | None = None, **given: Any) -> ReplayedYear:
    return order_replay(
        ledger=ledger, changes=changes or Changes(), version=version(ledger), **{"now": MORNING, **given}
    )


def lower(world: World) -> Changes:
    return Changes(shares={key(world, "als"): 100_000})


def test_the_same_question_is_one_row_and_is_replayed_once(world: World) -> None:
    """Two people ask, two messages come, one year is replayed; what is kept is what a replay at hand gives."""
    ledger = live(world, 12)
    first, second, other = order(ledger, lower(world)), order(ledger, lower(world)), order(ledger)
    assert (first.pk, first.is_ready) == (second.pk, False)
    assert other.pk != first.pk
    assert [replay_next(now=MORNING) for _ in range(3)] == [True, True, None]
    kept = order(ledger, lower(world))
    assert (kept.pk, kept.is_ready, kept.attempts, kept.version) == (first.pk, True, 1, version(ledger))
    past = read(ledger)
    at_hand = answer_of(past, replay(past, lower(world)))
    answer = unpacked(bytes(kept.answer), past.known.holders)
    assert packed(answer) == packed(at_hand) == bytes(kept.answer)
    assert answer.lines == at_hand.lines
    moved = range(len(at_hand.moved))
    assert [answer.moved.at(place) for place in moved] == [at_hand.moved.at(place) for place in moved]
    assert len(moved) > 0


def test_an_excess_is_kept_as_it_is_stated(world: World) -> None:
    ledger = live(world, 3)
    order(ledger, Changes(shares={key(world, "als"): 600_000}, rotation=Fraction(11, 10)))
    assert replay_next(now=MORNING) is True
    [excess] = unpacked(bytes(ReplayedYear.objects.get().answer), {}).excess
    assert (excess.commune, excess.total) == ("Narbonne", 1_080_000)
    assert "Action Logement Services (Aude)" in excess.conventions


def test_the_message_is_lost_and_the_sweep_replays(world: World) -> None:
    """The row is the order: nothing but the row is needed."""
    order(live(world, 2))
    assert (replay_years(), replay_years()) == (True, None)


def test_each_has_the_time_of_a_whole_task(
    world: World, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """Each replays one and calls the next, until nothing waits."""
    ledger = live(world, 2)
    order(ledger)
    order(ledger, lower(world))
    rows = []
    while not rows or rows[-1][1]:
        connection.run_on_commit.clear()
        with django_capture_on_commit_callbacks() as woken:
            there = replay_years()
        rows.append((there, len(woken)))
    assert rows == [(True, 1), (True, 1), (None, 0)]


def test_how_far_it_is_is_reported_as_it_goes_and_the_lease_renewed(
    world: World, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    """Every few units; the row says so to whoever looks meanwhile."""
    past, changes, seen = read(live(world, 6)), Changes(), []
    monkeypatch.setattr("flux.whatif.hypothesis.MOST_SHOWN", 2)
    replay(past, changes, lambda done, total: seen.append((done, total)))
    assert seen == [(0, 5), (2, 5), (4, 5)]
    assert MOST_SHOWN == 500
    found = order(past.ledger)
    time_machine.move_to(MORNING + MINUTE, tick=False)
    assert replay_next(now=MORNING) is True
    found.refresh_from_db()
    assert (found.done, found.total, found.begun_at, found.replaying_until) == (4, 5, MORNING, None)


def test_one_at_a_time_and_a_worker_that_dies_loses_it(world: World) -> None:
    """A lease that ran out is anybody's."""
    ledger = live(world, 2)
    held = order(ledger)
    order(ledger, lower(world))
    ReplayedYear.objects.filter(pk=held.pk).update(
        replaying_until=MORNING + LEASE, due_at=MORNING + MINUTE, attempts=1, done=1, total=2
    )
    assert replay_next(now=MORNING) is None
    assert [replay_next(now=MORNING + LEASE) for _ in range(3)] == [True, True, None]
    held.refresh_from_db()
    assert (held.is_ready, held.attempts) == (True, 2)


def test_what_fails_is_reported_in_a_sentence_and_tried_again_later_and_later(world: World) -> None:
    ledger = live(world, 2)
    failing, waiting = order(ledger), order(ledger, lower(world))
    right = failing.changes
    ReplayedYear.objects.filter(pk=failing.pk).update(changes={"shares": "nothing that can be read"})
    assert [replay_next(now=MORNING) for _ in range(3)] == [False, True, None]  # one that fails holds nobody up
    failing.refresh_from_db()
    assert (failing.failure, failing.attempts, failing.due_at) == (FAILED, 1, MORNING + MINUTE)
    assert (failing.replaying_until, failing.answer) == (None, None)
    assert replay_next(now=MORNING + MINUTE) is False
    failing.refresh_from_db()
    assert failing.attempts == 2
    assert MORNING + 5 * MINUTE <= failing.due_at <= MORNING + 7 * MINUTE
    ReplayedYear.objects.filter(pk=failing.pk).update(changes=right)  # what was wrong is put right
    assert [replay_next(now=MORNING + each * MINUTE) for each in (2, 8)] == [None, True]
    failing.refresh_from_db()
    assert (failing.is_ready, failing.failure) == (True, "")
    assert waiting.pk != failing.pk


def test_what_fails_each_time_is_left_alone_until_it_is_asked_for_an_hour_later(world: World) -> None:
    ledger = live(world, 2)
    failing = order(ledger)
    right = failing.changes
    found = ReplayedYear.objects.filter(pk=failing.pk)
    found.update(changes={"shares": "nothing that can be read"}, attempts=TRIES - 1)
    assert [replay_next(now=MORNING + each * WRITTEN) for each in (0, 2, 48)] == [False, None, None]
    order(ledger, now=MORNING + WRITTEN - MINUTE)
    assert found.get().attempts == TRIES
    order(ledger, now=MORNING + WRITTEN + MINUTE)
    assert (found.get().attempts, found.get().failure) == (0, "")
    found.update(changes=right)
    assert replay_next(now=MORNING + WRITTEN + MINUTE) is True


def test_an_account_that_moved_is_replayed_again_once_its_answer_is_not_fresh(world: World) -> None:
    """An account that moves all the time still has answers; what was subtracted moves it too."""
    ledger = live(world, 3)
    first = order(ledger)
    assert replay_next(now=MORNING) is True
    world.vacancy(now=MORNING)
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    assert order(ledger, now=MORNING + FRESH).is_ready
    again = order(ledger, now=MORNING + FRESH + MINUTE)
    assert (again.pk, again.is_ready, again.moved, again.answer) == (first.pk, False, True, None)
    assert replay_next(now=MORNING + FRESH + MINUTE) is True
    there = order(ledger, now=MORNING + 3 * FRESH)
    assert (there.is_ready, there.moved, there.version) == (True, False, version(ledger))
    before = version(ledger)
    world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER", now=MORNING)
    assert version(ledger)[:32] == before[:32]
    assert version(ledger) != before


def test_an_answer_under_other_rights_or_of_another_day_is_old_at_once(world: World) -> None:
    ledger = live(world, 3)
    order(ledger)
    assert replay_next(now=MORNING) is True
    book = Ledger.objects.select_related("landlord").annotate(subtracted=subtracted_from()).get(pk=ledger.pk)
    tomorrow = version_of(load(book), book.subtracted, on=MORNING.date() + timedelta(days=1))
    assert order(ledger).is_ready
    assert not order_replay(ledger=ledger, changes=Changes(), version=tomorrow, now=MORNING).is_ready


def test_what_nobody_asks_for_any_more_is_swept(world: World, time_machine: Any) -> None:
    ledger = live(world, 2)
    old, asked_again = order(ledger), order(ledger, lower(world))
    order(ledger, now=MORNING + WRITTEN)  # not written down at each reload
    assert ReplayedYear.objects.get(pk=old.pk).asked_at == MORNING
    order(ledger, lower(world), now=MORNING + UNASKED)
    assert purge_replays(now=MORNING + UNASKED + MINUTE) == 1
    assert list(ReplayedYear.objects.values_list("pk", flat=True)) == [asked_again.pk]
    time_machine.move_to(MORNING + 2 * UNASKED + MINUTE, tick=False)
    assert purge() == 1  # every night, with the facts that were reported
    assert not ReplayedYear.objects.exists()


@pytest.mark.parametrize("count", [1, 12])
def test_the_worker_asks_the_same_whatever_the_units(
    world: World, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    order(live(world, count))
    with django_assert_num_queries(25):
        assert replay_next(now=MORNING) is True


def test_an_answer_leaves_the_account_as_it_was(world: World) -> None:
    ledger = live(world, 4)
    before = version(ledger)
    order(ledger, lower(world))
    assert replay_next(now=MORNING) is True
    assert version(ledger) == before
