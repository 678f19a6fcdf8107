"""The page of the projection: where each holder will be on 31 December."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.templatetags.mix_charts import projection_chart, tenth
from flux.engine.wording import units
from flux.models import FlowCount, Ledger, Vacancy
from flux.queries.projection import outlook
from reservations.models.convention import UNIT
from reservations.words import integer, towards
from tests.attributions.bilan.views.test_mix import answer
from tests.flux.queries.test_projection import MIDYEAR, credit, flow, opened
from tests.flux.views.test_account import cells, page
from tests.world import World
from tests.world_again import kept

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def midyear(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 6, 30, 8, tzinfo=timezone.get_current_timezone()), tick=False)


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    ledger = opened(world)
    flow(world, 2026, range(1, 7), 20)
    credit(ledger, world.holders["als"], 24 * UNIT, 20)
    return ledger


def url(world: World, query: str = "") -> str:
    return reverse("balance-projection", args=[world.landlord.pk, 2026]) + query


def test_the_answer_is_the_flow_to_come_and_who_has_most_to_receive(
    world: World, sign_in: SignIn, ledger: Ledger
) -> None:
    found = outlook(ledger, MIDYEAR)
    text = page(sign_in("emma"), url(world))
    most = found.most
    assert most
    assert most.a_month
    assert answer(text) == (
        f"Environ {found.units_to_come} logements entreront encore dans le flux (de {found.to_come.low} à "
        f"{found.to_come.high}), après 120 depuis janvier. Pour finir à l’équilibre, le plus à recevoir est pour "
        f"{towards(most.line.holder)} : {most.missing} logements, soit {tenth(most.a_month)} par mois."
    )
    assert "Sans année passée entière, le flux est supposé régulier" in text


def test_each_line_has_its_band(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    text = page(sign_in("chloe"), url(world))
    rows = {row[0]: row for row in cells(text)}
    assert "<text" not in text  # the words of each bar stand outside its drawing: on a phone, they wrap
    for each in outlook(ledger, MIDYEAR).lines:
        assert f"{each.line.holder} : {integer(each.line.figures.received)} reçu" in text
        row = rows[str(each.line.holder)]
        low, due, high = (units(figure, UNIT) for figure in each.found.due)
        assert row[3] == f"{due} ({low} à {high})"
        assert row[5].startswith(str(each.missing))


def test_past_years_are_named_where_they_state_the_season(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    flow(world, 2025, range(1, 13), 20)
    text = page(sign_in("alice"), url(world))
    assert "les années passées du bailleur (2025 : 240 logements)" in text
    assert "supposé régulier" not in text
    flow(world, 2024, range(1, 13), 10)
    assert "(2024 : 120, 2025 : 240 logements)" in page(sign_in("alice"), url(world))


def test_units_that_wait_and_each_departement_are_distinguished(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    FlowCount.objects.create(
        landlord=world.landlord,
        commune=world.places["Coursan"],
        month=date(2026, 6, 1),
        kind=Vacancy.Kind.IN_FLOW,
        units=3,
        decided=1,
    )
    other = Ledger.objects.create(landlord=world.landlord, departement=world.places["Hérault"], exercise=2026)
    alice = sign_in("alice")
    text = page(alice, url(world, f"?ledger={ledger.pk}"))
    assert "2 logements du flux attendent une recommandation : ils sont comptés dans ce qui sera dû." in text
    assert f'<a href="?ledger={ledger.pk}" aria-current="page">Aude</a>' in text
    assert f'<a href="?ledger={other.pk}">Hérault</a>' in text
    text = page(alice, url(world, f"?ledger={other.pk}"))
    assert "attendent une recommandation" not in text
    assert f'<a href="?ledger={other.pk}" aria-current="page">Hérault</a>' in text


def test_few_units_are_stated_to_be_few(world: World, sign_in: SignIn) -> None:
    opened(world)
    flow(world, 2026, range(1, 4), 2)
    assert "Petit effectif : 6 logements cette année" in page(sign_in("alice"), url(world))


def test_a_year_that_is_over_is_its_account(world: World, sign_in: SignIn, ledger: Ledger, time_machine: Any) -> None:
    time_machine.move_to(datetime(2027, 2, 1, 8, tzinfo=timezone.get_current_timezone()), tick=False)
    text = page(sign_in("alice"), url(world))
    assert answer(text) == "L’année est close : 120 logements sont entrés dans le flux, et plus rien n’est à prévoir."
    als = next(row for row in cells(text) if row[0] == str(world.holders["als"]))
    assert als[1:] == ["24,00", "20", "24,00", "20", "4", "–"]


def test_a_year_without_an_account_has_nothing_to_project(world: World, sign_in: SignIn) -> None:
    world.vacancy(kind="TECHNICAL")
    assert "Aucun compte n’est ouvert pour cette année" in page(sign_in("alice"), url(world))


def test_the_chart_is_drawn_to_the_figures_of_the_table(ledger: Ledger) -> None:
    lines = outlook(ledger, date(2026, 6, 30)).lines
    drawn = projection_chart(lines)["rows"]
    scale = max(max(each.found.due[2], UNIT * each.line.figures.received) for each in lines)
    for each, strip in zip(lines, drawn, strict=True):
        assert float(strip["expected"][:-1]) == pytest.approx(100 * each.found.due[1] / scale, abs=0.01)


def test_the_page_costs_the_same_whatever_it_shows(
    world: World, sign_in: SignIn, ledger: Ledger, django_assert_num_queries: Any
) -> None:
    flow(world, 2024, range(1, 13), 20)
    for name in ("priority", "city", "epci"):
        credit(ledger, world.holders[name], 3 * UNIT, 3)
    client = sign_in("chloe")
    with django_assert_num_queries(6):
        page(client, url(world))
