"""An amendment changes what comes after its date of effect, and nothing of what was decided before."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from flux.models import FlowEntry, Routing, Vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import Convention
from reservations.operations.convention import draft_convention
from reservations.operations.convention_amendment import amend_convention
from reservations.operations.convention_terms import QuotaTerms
from tests.flux.books import check_books
from tests.signing import sign_convention
from tests.world import MORNING, World
from tests.world_again import kept

EFFECT = date(2026, 12, 1)
LATER = MORNING + timedelta(days=7)


@pytest.fixture
@kept
def before(world: World) -> Vacancy:
    """A unit recommended on 24 November to the préfet's priority households, under the first versions."""
    return recommended_to_the_prefet(world, MORNING)


@pytest.fixture
def amendment(world: World, before: Vacancy) -> Convention:
    """Signed that day: from December, 24 % for the préfet's priority households instead of 25 %."""
    alice, today = world.people["alice"], MORNING.date()
    row = amend_convention(convention=world.conventions["state"], starts_on=EFFECT, by=alice, today=today)
    draft_convention(
        landlord=world.landlord,
        organisation=world.state,
        perimeter=world.places["Aude"],
        starts_on=EFFECT,
        ends_on=row.ends_on,
        quotas=[
            QuotaTerms(world.holders["priority"], 240_000, 1),
            QuotaTerms(world.holders["agents"], 50_000, 2),
        ],
        by=alice,
        replaces=row,
    )
    return sign_convention(convention=row, signed_on=today, by=alice, today=today)


def recommended(world: World, now: datetime) -> Vacancy:
    vacancy = world.vacancy(now=now)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    return vacancy


def recommended_to_the_prefet(world: World, now: datetime) -> Vacancy:
    """The first of as many units as it takes; others are served in between."""
    found = (recommended(world, now) for _ in range(10))
    return next(each for each in found if each.recommendations.get().holder == world.holders["priority"])


def due(world: World, vacancy: Vacancy) -> int:
    return FlowEntry.objects.get(vacancy=vacancy, holder=world.holders["priority"], stage="DUE").quantity


def confirmed(world: World, vacancy: Vacancy, now: datetime) -> Routing:
    [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=now)
    return routing


def test_shares_are_those_of_the_version_of_the_day(world: World, before: Vacancy, amendment: Convention) -> None:
    eve, day = recommended(world, LATER - timedelta(days=1)), recommended(world, LATER)
    assert (eve.registered_on, day.registered_on) == (date(2026, 11, 30), EFFECT)
    assert [due(world, vacancy) for vacancy in (before, eve, day)] == [250_000, 250_000, 240_000]
    check_books(before.ledger)


def test_unit_registered_before_is_routed_under_the_version_before(
    world: World, before: Vacancy, amendment: Convention
) -> None:
    """Confirmed in December only: its shares, and its terms, stay those of the day it was registered."""
    routing = confirmed(world, before, LATER)
    assert routing.convention == world.conventions["state"]
    assert due(world, before) == 250_000


def test_unit_registered_after_is_routed_under_the_amendment(
    world: World, before: Vacancy, amendment: Convention
) -> None:
    confirmed(world, before, LATER)
    after = recommended_to_the_prefet(world, LATER)
    assert confirmed(world, after, LATER).convention == amendment
