"""The charts of a balance: read from the folds, the same figures as the account and the balance, at a fixed cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from attributions.bilan.queries.balance import balance
from flux.models import AccountMonth, Ledger
from flux.operations.routing import confirm_recommendations, sweep_waiting_vacancies
from flux.queries.accounts import account
from flux.queries.flow import communes_in_order, flow_through, holders_through, months_of, total_flow
from reservations.models import Territory
from reservations.models.convention import UNIT
from tests.world import MORNING
from tests.world_again import kept

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def lived(world: World) -> Ledger:
    """Two months of vacancies in two communes, of every class; those of October are confirmed."""
    for days in (40, 38, 36, 8, 6, 4):
        now = MORNING - timedelta(days=days)
        vacancy = world.vacancy(now=now, commune="Narbonne" if days % 4 else "Coursan")
        sweep_waiting_vacancies(now=now)
        if days > 30:
            confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=now)
    world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL", now=MORNING - timedelta(days=35))
    world.vacancy(kind="TECHNICAL", now=MORNING - timedelta(days=3))
    return Ledger.objects.select_related("landlord__organisation", "departement").get()


def address(world: World) -> str:
    return reverse("balance-charts", args=[world.landlord.pk, 2026])


def test_each_account_ends_where_the_account_stands(world: World, lived: Ledger) -> None:
    read = {
        each.holder: each for each in holders_through(AccountMonth.objects.filter(ledger=lived), year=2026, until=TODAY)
    }
    lines = [line for line in account(lived, TODAY).lines if line.figures.due or line.figures.received]
    assert set(read) == {line.holder for line in lines}
    for line in lines:
        year = read[line.holder]
        assert (year.due[-1], year.received[-1], year.gap) == (
            line.figures.due,
            line.figures.received,
            line.figures.gap,
        )
        assert year.months == months_of(2026, until=TODAY)
        october = next(each for each in account(lived, date(2026, 10, 31)).lines if each.holder == line.holder)
        assert year.rows[9][1:] == (october.figures.due, october.figures.received, october.figures.gap)


def test_flow_of_the_months_is_that_of_the_balance(world: World, lived: Ledger) -> None:
    months = flow_through(world.landlord, None, year=2026, until=TODAY)
    assert [month.parts for month in months[9:]] == [(3, 1, 0, 0), (3, 0, 0, 1)]
    assert len(months) == 11
    whole, read = total_flow(months), balance(world.landlord, 2026).flow
    assert (whole.vacated, whole.in_flow, whole.excluded, whole.others) == (
        read.vacated,
        read.net,
        read.excluded,
        read.others,
    )


def test_communes_are_in_order_and_sum_to_the_balance(world: World, lived: Ledger) -> None:
    rows = communes_in_order([lived.pk], None, year=lived.exercise)
    measures = balance(world.landlord, 2026).measures
    assert sum(row.offered for row in rows) == measures.offered == 3
    assert sum(row.allocated for row in rows) == measures.allocated
    assert [row.offered for row in rows] == sorted((row.offered for row in rows), reverse=True)


@pytest.mark.parametrize(
    ("year", "until", "last", "ends"),
    [
        (2026, date(2026, 1, 1), None, (1, date(2026, 1, 1))),
        (2026, date(2026, 11, 24), None, (11, date(2026, 11, 1))),
        (2026, date(2027, 3, 2), None, (12, date(2026, 12, 1))),
        (2026, date(2027, 3, 2), date(2027, 2, 1), (14, date(2027, 2, 1))),
        (2027, date(2026, 11, 24), None, (1, date(2027, 1, 1))),
    ],
)
def test_months_run_from_january_to_the_day(year: int, until: date, last: date | None, ends: tuple[int, date]) -> None:
    found = months_of(year, until=until, last=last)
    assert (found[0], len(found), found[-1]) == (date(year, 1, 1), *ends)


def test_page_draws_and_writes_the_same_figures(world: World, sign_in: SignIn, lived: Ledger) -> None:
    response = sign_in("alice").get(address(world))
    text = unescape(response.content.decode())
    assert "8 logements libérés" in text
    assert text.count('<svg class="chart"') == len(response.context["holders"]) + 1
    drawn = response.context["communes"]
    assert all(f"{row.name} : {row.offered} proposé" in " ".join(text.split()) for row in drawn)
    assert text.count("<table>") == 3
    widest = response.context["widest"]
    assert f"le réservataire le plus loin de son dû est {widest.holder} :" in text
    assert reverse("statement", args=[lived.pk, world.holders["city"].pk]) in text


def test_limited_to_a_territory(world: World, sign_in: SignIn, lived: Ledger) -> None:
    coursan = sign_in("alice").get(address(world), {"territory": world.places["Coursan"].pk}).context
    assert coursan["territory"] == world.places["Coursan"]
    assert [row.name for row in coursan["communes"]] == ["Coursan"]
    assert coursan["flow_total"].vacated < 8
    assert sign_in("alice").get(address(world), {"territory": "0"}).status_code == 422
    assert sign_in("chloe").get(address(world), {"territory": "0"}).status_code == 404
    assert sign_in("chloe").get(address(world)).context["flow_total"].vacated < 8  # Narbonne alone is hers


def test_year_without_anything_says_what_will_appear(world: World, sign_in: SignIn) -> None:
    world.vacancy()
    text = unescape(sign_in("alice").get(address(world)).content.decode())
    assert "Aucun compte n’a encore de mouvement ici." in text
    assert "Aucun logement n’a encore été proposé ici." in text


def test_month_after_the_year_is_named_with_its_own(world: World, sign_in: SignIn, lived: Ledger) -> None:
    """A unit of 2026 decided in January 2027 counts in a thirteenth month."""
    month = {"month": date(2027, 1, 1), "commune": world.places["Narbonne"], "due": UNIT, "routed": 1}
    AccountMonth.objects.create(ledger=lived, holder=world.holders["als"], **month)
    read = sign_in("alice").get(address(world))
    heads = re.findall(r'<th scope="col" class="n">([^<]*)</th>', unescape(read.content.decode()).split("t-flux")[0])
    assert len(heads) == 13
    assert [head for head in heads if "20" in head] == ["janv. 2027"]


def test_territory_where_nothing_fell_vacant_is_stated_to_be_one(world: World, sign_in: SignIn) -> None:
    """The EPCI reads its own, which is empty; in the same account, a unit fell vacant elsewhere."""
    kind, aude = Territory.Kind.COMMUNE, world.places["Aude"]
    around = {"departement": aude, "region": world.places["Occitanie"]}
    world.places["Limoux"] = Territory.objects.create(kind=kind, code="11206", name="Limoux", **around)
    world.vacancy(commune="Limoux")
    emma, place = sign_in("emma"), [world.landlord.pk, 2026]
    for name, each in (
        ("balance", "Aucun logement n’est encore entré dans le flux sur ce territoire : <b>0</b> dû"),
        ("balance-charts", "Aucun logement n’a encore été libéré sur ce territoire."),
    ):
        assert each in unescape(emma.get(reverse(name, args=place)).content.decode())


@pytest.mark.parametrize("count", [1, 12])
def test_page_costs_the_same_whatever_the_units(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(count):
        world.vacancy(commune="Coursan" if number % 2 else "Narbonne")
    sweep_waiting_vacancies(now=MORNING)
    client = sign_in("emma")
    with django_assert_num_queries(10):
        client.get(address(world))
