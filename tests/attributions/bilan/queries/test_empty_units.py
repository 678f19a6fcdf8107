"""What a day without a tenant costs, and in which step units waited, by holder: beside the delays, and as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.bilan.operations.objectives import state_purpose
from attributions.bilan.queries.empty_units import EmptyUnits, empty_units
from attributions.bilan.queries.steps import LongStep, longest
from attributions.households.queries.journey import StepKind
from flux.models import Routing, Vacancy
from tests.attributions.bilan.views.test_counting_points import content_of
from tests.attributions.households.lettings import sign
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
#: Twenty days after every unit is free.
TODAY = MORNING.date().replace(day=28) + timedelta(days=20)


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    with time_machine.travel(MORNING + (TODAY - MORNING.date()), tick=False):
        yield


def routed(world: World, holder: str, **given: object) -> Vacancy:
    vacancy = world.vacancy(**given)
    Routing.objects.create(vacancy=vacancy, holder=world.holders[holder], routed_at=MORNING)
    return vacancy


def test_a_day_costs_the_rent_of_a_year_over_its_days(world: World) -> None:
    """365 € a month are 12 € a day; since the unit is free, and its works over; a rent that nobody knows costs nothing
    that can be said."""
    routed(world, "city", rent=Decimal("365.00"))
    routed(world, "city")
    works = routed(world, "als", rent=Decimal("730.00"))
    with unguarded("flux_vacancy"):
        Vacancy.objects.filter(pk=works.pk).update(works_end_on=TODAY - timedelta(days=5))
    sign(world, routed(world, "als", rent=Decimal("900.00")))
    about = {"on": TODAY, "member": world.member("alice")}
    found = empty_units(2026, "HOLDER", **about)
    assert found == {
        world.holders["city"].pk: EmptyUnits(2, 1, Fraction(12), Fraction(240)),
        world.holders["als"].pk: EmptyUnits(1, 1, Fraction(24), Fraction(120)),
    }
    assert empty_units(2026, "COMMUNE", **about).keys() == {world.places["Narbonne"].pk}
    assert empty_units(2025, "HOLDER", **about) == {}
    assert empty_units(2026, "HOLDER", on=TODAY - timedelta(days=40), member=world.member("alice")) == {}


def test_each_reads_what_its_own_units_cost_and_who_reads_the_whole_reads_it_all(world: World) -> None:
    """As delays: one's own routings, all of them for the landlord and for an officer who stated why."""
    routed(world, "city", rent=Decimal("365.00"))
    routed(world, "als", rent=Decimal("365.00"))
    for person, whole, holders in (
        ("alice", False, {"city", "als"}),
        ("chloe", False, {"city"}),
        ("emma", False, set()),
        ("emma", True, {"city", "als"}),
        ("zoe", False, set()),
    ):
        found = empty_units(2026, "HOLDER", on=TODAY, member=world.member(person), whole=whole)
        assert set(found) == {world.holders[name].pk for name in holders}, (person, whole)


def test_the_longest_step_is_that_of_the_longest_mean() -> None:
    sent = (StepKind.ROUTED, StepKind.SENT)
    heard = (StepKind.READY, StepKind.COMMITTEE)
    assert longest([(1, *sent, 2, 20), (2, *sent, 2, 10), (1, *heard, 1, 9)]) == LongStep(*heard, Decimal("9.0"))
    assert longest([(1, *sent, 1, 9), (1, *heard, 1, 9)]) == LongStep(*sent, Decimal("9.0")), "the first of two"
    assert longest([(1, *sent, 3, 0)]) is None


def test_page_and_file_give_the_cost_and_the_step(world: World, sign_in: SignIn) -> None:
    routed(world, "city", rent=Decimal("365.00"))
    routed(world, "city")
    address = f"{reverse('step-times')}?start=REGISTERED&end=ROUTED"
    words = text_of(sign_in("alice").get(address))
    assert (
        "2 logements sans locataire, dont 1 au loyer connu : 12 € de loyer hors charges par jour, "
        "240 € depuis qu’ils sont libres, travaux finis." in words
    )
    assert "Loyers perdus" in words
    rows = content_of(sign_in("alice").get(f"{address}&fichier=csv")).decode("utf-8-sig").splitlines()
    row = dict(zip(rows[0].split(";"), rows[1].split(";"), strict=True))
    assert (row["Sans locataire, aujourd’hui"], row["Loyer d’un jour, €"], row["Loyers perdus, €"]) == (
        *("2", "12", "240"),
    )
    assert row["Étape la plus longue"] == ""
    state_purpose(member=world.member("emma"), exercise=MORNING.year, why="CONTROL")
    assert "par jour, 240 €" in text_of(sign_in("emma").get(address))


def test_without_a_rent_no_column_of_cost_is_shown(world: World, sign_in: SignIn) -> None:
    """A statement shows only columns that hold a figure."""
    routed(world, "city")
    words = text_of(sign_in("alice").get(f"{reverse('step-times')}?start=REGISTERED&end=ROUTED"))
    assert "Sans locataire" in words
    assert "Loyer d’un jour" not in words
    assert "de loyer hors charges par jour" not in words


@pytest.mark.parametrize("number", [1, 12])
def test_one_statement_reads_what_goes_on(world: World, django_assert_num_queries, number: int) -> None:
    """And none of the units that were let: tests/house/test_rows_read.py counts the rows of the page."""
    for _ in range(number):
        routed(world, "city", rent=Decimal("365.00"))
    member = world.member("alice")
    with django_assert_num_queries(1):
        found = empty_units(2026, "HOLDER", on=TODAY, member=member)
    assert found[world.holders["city"].pk].units == number
