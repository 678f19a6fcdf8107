"""What is forecast: whom it may come to, what each page says of it, and that it is no account's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from flux.models import ExpectedHolder, Vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.pages.vacancies import vacancy_reason
from flux.queries.departures import coming
from flux.queries.sheet import sheet, with_carried
from flux.queries.vacancies import rows, with_destinations
from tests.flux.known import departure, departures, plan_together
from tests.world import MORNING
from tests.world_again import kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from flux.models import Ledger
    from tests.world import World

    SignIn = Callable[[str], Client]

TODAY = MORNING.date()


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Six departures wait, with their forecast."""
    plan_together(world)
    found = departures(world, 6)[0].ledger
    route_waiting_vacancies(ledger_id=found.pk, now=MORNING)
    return found


def test_a_holder_reads_what_may_come_to_it_and_nobody_elses(world: World, ledger: Ledger) -> None:
    values: dict[str, int] = {}
    for name in ("bob", "chloe", "emma"):
        found = coming(world.member(name))
        mine = {each.vacancy_id for each in ExpectedHolder.objects.filter(holder__in=_own(world, name))}
        assert {each.vacancy_id for each in found.shown} == mine
        values[name] = found.count
    assert sum(values.values()) > 0
    for name in ("alice", "adam", "zoe"):
        assert coming(world.member(name)).count == 0


def _own(world: World, name: str) -> list[int]:
    return list(world.member(name).organisation.contingents.values_list("pk", flat=True))


def test_what_may_come_costs_the_same_whatever_waits(world: World, django_assert_num_queries: Any) -> None:
    plan_together(world, length=16)
    bob = world.member("bob")
    for count in (2, 8):
        ledger = departures(world, count)[0].ledger
        route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
        with django_assert_num_queries(1):
            for each in coming(bob).shown:
                assert str(each.holder)
                assert str(each.vacancy.unit.landlord)


def test_a_unit_that_waits_says_its_forecast_since_when_and_until_when(world: World, ledger: Ledger) -> None:
    found = with_destinations(Vacancy.objects.with_file_access(world.member("chloe"))).filter(ledger=ledger)
    read = rows(found.order_by("pk"), member=world.member("chloe"), today=TODAY)
    expected = ExpectedHolder.objects.get(rank=1)
    assert read[0].expected == expected
    assert read[0].destination is None
    assert vacancy_reason(read[0]).startswith("Prévision : au bailleur (non réservé), depuis")
    assert vacancy_reason(read[0]).endswith(", depuis le 24 novembre 2026 ; décidé le 27 novembre 2026 au plus tard.")
    vacancy = with_carried(found).get(pk=expected.vacancy_id)
    assert (sheet(vacancy, today=TODAY).state, sheet(vacancy, today=TODAY).expected) == ("FORESEEN", expected)


def test_a_unit_that_the_worker_has_not_reached_has_no_forecast(world: World, ledger: Ledger) -> None:
    new = departure(world)
    vacancy = with_carried(with_destinations(Vacancy.objects.with_file_access(world.member("alice")))).get(pk=new.pk)
    read = sheet(vacancy, today=TODAY)
    assert (read.state, read.expected) == ("WAITING", None)


def test_the_api_gives_the_forecast_as_such(world: World, ledger: Ledger, sign_in: SignIn) -> None:
    answer = sign_in("chloe").get(reverse("api-vacancies")).json()
    forecasts = {each["id"]: each["forecast"] for each in answer["results"]}
    for expected in ExpectedHolder.objects.select_related("holder"):
        if expected.vacancy_id in forecasts:
            result = forecasts[expected.vacancy_id]
            assert (result["holder"]["id"], result["rank"], result["known"]) == (expected.holder_id, expected.rank, 6)
            assert result["decided_by"] == "2026-11-27"
    assert any(forecasts.values())
    assert {each["destination"] for each in answer["results"]} == {None}
