"""The landlord's queue: who stands in it, in what order, and what it costs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from flux.models import ExpectedHolder, Ledger, Recommendation, Vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.pages.queue import destinations, queue_table
from flux.queries.queue import BRIEF, calculating, queue
from tests.flux.known import departure, departures, plan_together
from tests.world import MORNING, promise_behind_the_acts

if TYPE_CHECKING:
    from django.test import RequestFactory

    from tests.world import World

TODAY = MORNING.date()


def route(world: World) -> None:
    for ledger in Ledger.objects.order_by("pk"):
        route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)


def test_queue_holds_what_waits_and_what_is_to_confirm_in_order_of_registration(world: World) -> None:
    """The oldest waits for a person since its decision, not since its registration."""
    first = world.vacancy(now=MORNING - timedelta(days=4))
    route_waiting_vacancies(ledger_id=first.ledger_id, now=MORNING - timedelta(days=3))
    routed = world.vacancy()
    second = world.vacancy()
    route(world)
    confirm_recommendations(vacancies=[routed.pk], by=world.people["aline"], now=MORNING)
    third = world.vacancy()
    world.vacancy(kind=Vacancy.Kind.TECHNICAL)
    world.vacancy(landlord=world.other_landlord, commune="Béziers")
    read = queue(world.landlord, {}, today=TODAY)
    assert [row.vacancy for row in read.rows] == [first, second, third]
    assert [row.days for row in read.rows] == [4, 0, 0]
    assert [row.recommendation for row in read.rows] == [
        Recommendation.objects.get(vacancy=first),
        Recommendation.objects.get(vacancy=second),
        None,
    ]
    assert (read.total, read.to_confirm, read.calculating, read.oldest) == (3, 2, 1, 3), (
        "since its decision, not since its registration"
    )


def test_queue_says_what_waits_for_other_departures_apart_from_what_waits_for_the_worker(world: World) -> None:
    """A unit that has its forecast is not late: the worker has done its part."""
    plan_together(world)
    foreseen = departures(world, 2)
    route(world)
    new = departure(world)
    read = queue(world.landlord, {}, today=TODAY)
    assert (read.total, read.calculating, read.foreseen, read.to_confirm, read.oldest) == (3, 1, 2, 0, None)
    assert calculating(world.landlord, today=TODAY) == 1
    assert [row.expected.holder if row.expected else None for row in read.rows] == [
        *[ExpectedHolder.objects.get(vacancy=each).holder for each in foreseen],
        None,
    ]
    [filtered] = queue(world.landlord, {"destination": "waiting"}, today=TODAY).rows
    assert filtered.vacancy == new
    words = {choice.value: (choice.words, choice.count) for choice in destinations(read.destinations)}
    assert words == {"foreseen": ("Prévision, à décider", 2), "waiting": ("Calcul en attente", 1)}


def test_queue_filters_by_address_and_counts_the_whole(world: World) -> None:
    world.vacancy()
    coursan = world.vacancy(commune="Coursan")
    small = world.vacancy(rooms=1)
    assert [r.vacancy for r in queue(world.landlord, {"typology": "T1"}, today=TODAY).rows] == [small]
    read = queue(world.landlord, {"commune": str(coursan.unit.commune_id)}, today=TODAY)
    assert [row.vacancy for row in read.rows] == [coursan]
    assert read.total == 3
    assert [(c.words, c.count, c.chosen) for c in read.communes] == [("Coursan", 1, True), ("Narbonne", 2, False)]
    assert read.filters == {"commune": str(coursan.unit.commune_id)}
    route(world)
    chosen = Recommendation.objects.get(vacancy=small).holder
    read = queue(world.landlord, {"destination": str(chosen.pk)}, today=TODAY)
    expected = Recommendation.objects.filter(holder=chosen).order_by("vacancy").values_list("vacancy", flat=True)
    assert [row.vacancy.pk for row in read.rows] == list(expected)


@pytest.mark.parametrize("filters", [{"commune": "x"}, {"typology": "T9"}, {"destination": "0"}, {"page": "abc"}])
def test_queue_drops_a_filter_it_does_not_know(world: World, filters: dict[str, str]) -> None:
    vacancy = world.vacancy()
    read = queue(world.landlord, filters, today=TODAY)
    assert ([row.vacancy for row in read.rows], read.filters) == ([vacancy], {})


def test_queue_says_where_conventions_promise_over_the_whole(world: World) -> None:
    vacancy = world.vacancy()
    promise_behind_the_acts(world.conventions["city"], 600_000)
    [row] = queue(world.landlord, {}, today=TODAY).rows
    assert row.vacancy == vacancy
    assert row.excess is not None
    assert row.excess.total == 1_160_000


def test_a_home_shows_the_first_rows_of_a_long_queue_and_leads_to_the_whole(world: World, rf: RequestFactory) -> None:
    """Those that await a person first; whatever is asked shows all of it."""
    for _ in range(2):
        world.vacancy()
    route(world)
    for _ in range(BRIEF - 2):
        world.vacancy()
    assert not queue(world.landlord, {}, today=TODAY, brief=True).is_brief
    world.vacancy()
    read = queue(world.landlord, {}, today=TODAY, brief=True)
    assert [bool(row.recommendation) for row in read.rows] == [True] * 2 + [False] * (BRIEF - 2)
    assert read.total == BRIEF + 1
    page = render_to_string("flux/queue.html", {"queue": read, "queue_table": queue_table(read)}, rf.get("/"))
    assert f'<a class="small" href="?file=toute#file">Voir les {BRIEF + 1} et filtrer</a>' in page
    assert "<select" not in page
    for asked in ({"file": "toute"}, {"check": "all"}, {"typology": "T3"}):
        assert not queue(world.landlord, asked, today=TODAY, brief=True).is_brief


@pytest.mark.parametrize("count", [1, 12])
def test_queue_costs_six_queries_when_some_wait(world: World, count: int, django_assert_num_queries) -> None:
    for _ in range(count):
        world.vacancy()
    route(world)
    world.vacancy()
    with django_assert_num_queries(6):
        read = queue(world.landlord, {}, today=TODAY)
        assert [str(row.vacancy.unit.commune) for row in read.rows] == ["Narbonne"] * (count + 1)
        assert [bool(row.recommendation) for row in read.rows] == [True] * count + [False]


def test_queue_is_drawn_with_a_box_for_each_recommendation(world: World, rf: RequestFactory) -> None:
    todo = world.vacancy()
    route(world)
    waiting = world.vacancy()

    def drawn(**filters: str) -> str:
        request = rf.get("/", filters)
        read = queue(world.landlord, filters, today=TODAY)
        return render_to_string("flux/queue.html", {"queue": read, "queue_table": queue_table(read)}, request)

    page = drawn()
    assert [f'name="logement" value="{vacancy.pk}"' in page for vacancy in (todo, waiting)] == [True, False]
    assert [f'Examiner<span class="vh"> {v.unit.reference}</span>' in page for v in (todo, waiting)] == [True, True]
    assert todo.recommendations.get().sentence in page
    assert " checked" not in page
    assert re.search(rf'value="{todo.pk}"\s+checked', drawn(check="all"))
    assert f'action="{reverse("vacancies-confirm")}?typology=T3"' in drawn(typology="T3")


def test_empty_queue_says_what_will_come(rf: RequestFactory, world: World) -> None:
    page = render_to_string("flux/queue.html", {"queue": queue(world.landlord, {}, today=TODAY)}, rf.get("/"))
    assert "Aucun logement n’attend de destination." in page


def test_empty_queue(world: World) -> None:
    read = queue(world.landlord, {}, today=TODAY)
    assert (read.rows, read.total, read.oldest) == ([], 0, None)
