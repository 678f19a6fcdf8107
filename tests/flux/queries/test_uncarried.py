"""Accounts that may lack what the year before left: none is missed, and in a sound house none is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, QuerySet

from flux.models import CarriedOver, Ledger
from flux.operations.entries import lost_dues, not_carried
from flux.queries.controls.alerts import to_read
from reservations.models import Organisation
from tests.flux.operations.test_carry_over import live
from tests.flux.operations.test_returning import agree
from tests.world import World, end_convention
from tests.world_again import kept

TODAY = date(2028, 12, 1)
YEARS = [datetime(number, 11, 24, 8, tzinfo=UTC) for number in (2026, 2027, 2028)]

type Rows = QuerySet[CarriedOver]


def lacking() -> set[tuple[int, int]]:
    """The same pairs, of which something is lacking indeed: every account of every year is read."""
    found = set()
    last: dict[tuple[int, int], Ledger] = {}
    for ledger in Ledger.objects.ordinary().select_related("landlord", "departement").order_by("exercise"):
        place = ledger.landlord_id, ledger.departement_id
        if (before := last.get(place)) and not_carried(before=before, ledger=ledger):
            found.add((ledger.pk, before.pk))
        last[place] = ledger
    return found


@contextmanager
def behind_the_database() -> Iterator[None]:
    """What is written here no act writes, and it is undone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        transaction.set_rollback(True)


@pytest.fixture
@kept
def world(world: World) -> World:
    """Three years: all is carried over, up to a limit, or nothing; some are owed, some in advance."""
    for name, terms in {
        "city": {"carry_over": "FULL"},
        "als": {"carry_over": "CAPPED", "carry_over_cap": 300_000},
        "state": {"carry_over": "NONE"},
        "epci": {"carry_over": "FULL"},
    }.items():
        agree(world.conventions[name], ends_on=date(2031, 12, 31), **terms)
    for morning in YEARS[:2]:
        live(world, morning, 5)
    return world


def end(world: World, name: str, on: date, successor: Organisation | None = None) -> None:
    by, today = world.people["alice"], YEARS[1].date()
    end_convention(
        convention=world.conventions[name], ends_on=on, why="Accord.", today=today, by=by, successor=successor
    )


def test_nothing_is_read_again_in_a_sound_house(world: World, django_assert_num_queries: Any) -> None:
    live(world, YEARS[2], 1)
    assert CarriedOver.objects.filter(ledger__exercise=2028).count() > 1
    with django_assert_num_queries(7):
        assert to_read(TODAY) == []
    with django_assert_num_queries(7):
        assert list(lost_dues(TODAY)) == []


@pytest.mark.parametrize(
    "alter",
    [
        QuerySet.delete,
        lambda rows: rows.update(amount=F("amount") + 1),
        lambda rows: rows.update(amount=F("amount") - 1),
    ],
    ids=["lost", "more", "less"],
)
def test_every_row_lost_or_altered_is_found(world: World, alter: Callable[[Rows], object]) -> None:
    """One at a time, of each holder and year: what is read again holds all that lacks."""
    live(world, YEARS[2], 1)
    found = 0
    for row in list(CarriedOver.objects.order_by("pk")):
        with behind_the_database():
            alter(CarriedOver.objects.filter(pk=row.pk))
            assert lacking() <= set(to_read(TODAY)), row
            found += len(lacking())
    assert found >= CarriedOver.objects.filter(ledger__exercise=2028).count()


@pytest.mark.parametrize("taken", [True, False], ids=["taken over", "ended"])
def test_a_right_that_ends_with_its_year_is_looked_at(world: World, taken: bool) -> None:
    """What Narbonne is left goes to the EPCI, whose account lost it, or to nobody."""
    end(world, "city", date(2027, 12, 31), successor=world.epci if taken else None)
    live(world, YEARS[2], 1)
    assert lacking() == set()
    with behind_the_database():
        carried = CarriedOver.objects.filter(ledger__exercise=2028, holder=world.holders["epci"])
        assert carried.exists()
        carried.delete()
        assert lacking() <= set(to_read(TODAY))
        assert lacking()


def test_a_right_that_ended_within_its_year_carries_nothing(world: World) -> None:
    end(world, "city", date(2027, 11, 30))
    live(world, YEARS[2], 1)
    assert lacking() == set()
    with behind_the_database():
        CarriedOver.objects.filter(ledger__exercise=2028).delete()
        assert lacking() <= set(to_read(TODAY))
