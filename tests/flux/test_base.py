"""The stock that the flow bears on (l’assiette), on a day: one definition (`Unit.objects.in_base`), and what each
reading made of units that are not of it before they shared it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.models import FlowEntry, Forecast, Ledger, Recommendation, Unit, Vacancy
from flux.operations.decision import RoutingRefused
from flux.operations.forecast import send_forecast, write_forecast
from flux.operations.notices import record_reported_notice
from flux.operations.past import PastDates, record_past_routing
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import end_outside_flow, set_outside_flow
from flux.operations.vacancy_dates import VacancyRefused
from flux.pages.conversion import given_for
from flux.pages.queue import queue_table
from flux.queries.forecasts import departements_of, happened, proposal, recipients
from flux.queries.projection import outlook
from flux.queries.queue import queue
from reservations.models import Territory
from reservations.operations.territory import Edition, TerritoryPlace, load_territories
from tests.flux.conversions import TODAY, title, units, variant, wish
from tests.flux.known import departures, plan_together
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
Kind = Territory.Kind


def sell(*sold: Unit, on: date = TODAY) -> None:
    """As a file of the stock says it."""
    for unit in sold:
        unit.left_on, unit.left_why = on, "SOLD"
        unit.save(update_fields=["left_on", "left_why"])


def outside(world: World, unit: Unit, since: date = date(2020, 1, 1)) -> Any:
    about = {"reason": "STUDENT", "source": "convention APL", "by": world.people["alice"]}
    return set_outside_flow(unit=unit, starts_on=since, today=TODAY, **about)


def test_in_base_is_in_stock_not_outside_and_within_the_borders_of_the_day(world: World) -> None:
    here, sold, student, away = (*units(world, 3), world.unit(commune="Coursan"))
    sell(sold)
    kept_out = outside(world, student, TODAY)

    def base(on: date, *places: str) -> set[Unit]:
        found = Unit.objects.in_base(on, within_any=[world.places[name].pk for name in places] or None)
        return set(found)

    assert base(TODAY) == {here, away}
    assert base(TODAY - timedelta(days=1)) == {here, sold, student, away}
    assert base(TODAY, "Narbonne") == {here}
    assert base(TODAY, "Le Grand Narbonne") == {here, away}
    end_outside_flow(outside=kept_out, ends_on=TODAY, why="Fin du bail.", by=world.people["alice"])
    assert student in base(TODAY + timedelta(days=1))
    moved = TerritoryPlace(
        Kind.COMMUNE, "11106", "Coursan", region="76", departement="11", epci="243400769"
    )  # passes to Béziers-Méditerranée
    load_territories(places=[moved], edition=Edition("COG 2027", date(2027, 1, 1)))
    assert base(date(2026, 12, 31), "Le Grand Narbonne") == {here, student, away}
    assert base(date(2027, 1, 1), "Le Grand Narbonne") == {here, student}


def test_notices_of_units_that_a_file_sold_are_recommended_to_nobody(
    world: World, sign_in: SignIn, time_machine: Any
) -> None:
    """Three notices wait, and a file says that their units are sold: nobody is credited, their pages say what to do,
    and those behind them are decided."""
    gone = [world.vacancy() for _ in range(3)]
    stays = world.vacancy()
    sell(*(each.unit for each in gone))
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    assert list(Recommendation.objects.values_list("vacancy", flat=True)) == [stays.pk]
    assert sum(FlowEntry.objects.filter(stage="DUE").values_list("quantity", flat=True)) == 1_000_000
    time_machine.move_to(MORNING, tick=False)
    rows = {row.vacancy.pk: row for row in queue(world.landlord, {}, today=TODAY).rows}
    assert {pk for pk, row in rows.items() if row.gone} == {each.pk for each in gone}
    client = sign_in("alice")
    sheet = text_of(client.get(reverse("vacancy-detail", args=[gone[0].pk])))
    assert "Ce logement est sorti du parc le 24 novembre 2026 : vendu autrement." in sheet
    assert "Annulez cette déclaration" in sheet
    listed = queue_table(queue(world.landlord, {}, today=TODAY))
    assert "".join(str(line.html) for line in listed.lines).count("Ce logement n’est plus dans le parc") == 3
    officer = text_of(sign_in("bob").get(reverse("vacancy-detail", args=[gone[0].pk])))
    assert "Le bailleur doit annuler cette déclaration." in officer
    with pytest.raises(RoutingRefused, match=r"il est sorti du parc le 24 novembre 2026 .*annulez sa déclaration"):
        confirm_recommendations(vacancies=[gone[0].pk], by=world.people["aline"], now=MORNING)


def test_what_was_recommended_before_the_sale_is_neither_confirmed_nor_routed_elsewhere(world: World) -> None:
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    sell(vacancy.unit)
    about = {"by": world.people["aline"], "now": MORNING}
    with pytest.raises(RoutingRefused, match="sorti du parc"):
        confirm_recommendations(vacancies=[vacancy.pk], **about)
    other = world.holders["city"]
    with pytest.raises(RoutingRefused, match="sorti du parc"):
        route_elsewhere(vacancy=vacancy, holder=other, motive="OTHER", motive_text="Test.", **about)


def test_a_unit_sold_takes_no_place_among_the_departures_planned_together(world: World) -> None:
    plan_together(world, length=2)
    one, two = departures(world, 2)
    sell(one.unit)
    route_waiting_vacancies(ledger_id=one.ledger_id, now=MORNING)
    assert not Recommendation.objects.exists(), "one alone is known: it waits for another"
    assert Vacancy.objects.get(pk=two.pk).expected.known == 1


def test_a_notice_reported_after_its_day_is_of_a_unit_that_was_in_the_stock(world: World) -> None:
    unit, by = world.unit(), world.people["aline"]
    sell(unit, on=date(2026, 3, 1))
    about = {"unit": unit, "kind": "EXCLUDED", "exclusion": "URBAN_RENEWAL", "by": by, "today": TODAY}
    after = {"notice_on": date(2026, 3, 2), "available_on": date(2026, 4, 1), "registered_on": date(2026, 3, 3)}
    with pytest.raises(VacancyRefused, match="sorti du parc"):
        record_reported_notice(**about, **after)
    before = {"notice_on": date(2026, 2, 2), "available_on": date(2026, 4, 1), "registered_on": date(2026, 2, 3)}
    assert record_reported_notice(**about, **before).kind == "EXCLUDED"


def test_a_past_routing_is_of_a_unit_that_the_flow_bore_on(world: World) -> None:
    student, sold = world.unit(), world.unit()
    outside(world, student)
    sell(sold, on=date(2026, 3, 1))
    dates = PastDates(notice_on=date(2026, 4, 1), proposed_on=date(2026, 4, 10))
    about = {"holder": world.holders["city"], "dates": dates, "by": world.people["aline"], "now": MORNING}
    with pytest.raises(VacancyRefused, match="hors de l’assiette du flux ce jour-là"):
        record_past_routing(unit=student, **about)
    with pytest.raises(VacancyRefused, match="sorti du parc le 1er mars 2026"):
        record_past_routing(unit=sold, **about)


def test_a_conversion_leaves_units_outside_the_flow_out_of_its_base(world: World) -> None:
    """Ten units, four of them for students: three titles are half of the six that the flow bears on, not 30 %."""
    stock = units(world, 10)
    title(world, *stock[:3])
    for student in stock[6:]:
        outside(world, student)
    given = given_for(wish(world), on=TODAY)
    assert [(row["units"], row["out"]) for row in given["base"]] == [(6, [])]
    assert variant(world).share == 500_000


def test_a_conversion_counts_no_right_on_a_unit_that_was_sold(world: World) -> None:
    """Three titles on units sold since are worth nothing; a programme bears no more rights than it has units left."""
    stock = units(world, 10)
    title(world, *stock[:3])
    sell(*stock[:3])
    given = given_for(wish(world), on=TODAY)
    assert [row["units"] for row in given["rights"]] == [0]
    title(world, (stock[0].programme, 7), reference="T2")
    sell(*stock[3:5])
    given = given_for(wish(world), on=TODAY)
    assert sorted(row["units"] for row in given["rights"]) == [0, 5]


def test_four_departures_of_december_are_not_a_year(world: World, sign_in: SignIn, time_machine: Any) -> None:
    """The first year of a landlord is known from December on: neither the forecast nor the conversion nor the
    projection takes it for a whole one."""
    december = datetime(2026, 12, 7, 9, tzinfo=UTC)
    for _ in range(4):
        world.vacancy(now=december)
    march = date(2027, 3, 1)
    place = world.places["Aude"]
    known = happened(world.landlord, place, [2025, 2026], until=march)
    assert (known[2026].fallen, known[2026].is_whole) == (4, False)
    assert proposal(2027, known, today=march) is None
    time_machine.move_to(datetime(2027, 3, 1, 9, tzinfo=UTC), tick=False)
    page = text_of(sign_in("alice").get(reverse("forecast-edit", args=[world.landlord.pk, "11", 2027])))
    assert "Aucune année entière n’est connue avant 2027 : rien n’est proposé" in page
    running = proposal(2027, happened(world.landlord, place, [2026], until=date(2026, 12, 9)), today=date(2026, 12, 9))
    assert running is not None
    assert running.running
    given = given_for(wish(world), on=march)
    assert given["rotation"][0]["vacancies"] == 4
    assert given["rotation"][0]["source"] == "libérations enregistrées du 01/03/2026 au 28/02/2027"
    ledger = Ledger.objects.create(landlord=world.landlord, departement=place, exercise=2027, kind="ORDINARY")
    assert outlook(ledger, march).past == ()


def test_a_year_known_from_january_is_whole(world: World) -> None:
    world.vacancy(now=datetime(2026, 1, 7, 9, tzinfo=UTC))
    known = happened(world.landlord, world.places["Aude"], [2026], until=date(2027, 3, 1))
    found = proposal(2027, known, today=date(2027, 3, 1))
    assert found is not None
    assert (found.expected.units, found.running) == (1, False)


def test_a_forecast_is_due_and_sent_where_the_flow_bears_on_some_unit(world: World) -> None:
    """All that Robine had in Béziers is sold: no forecast is due in the Hérault, nor sent to that EPCI."""
    away = world.unit(commune="Béziers")
    world.unit()
    assert [place.code for place in departements_of(world.landlord)] == ["11", "34"]
    sell(away)
    assert [place.code for place in departements_of(world.landlord)] == ["11"]
    assert not recipients(world.landlord, world.places["Hérault"], 2027, on=TODAY)


def test_a_conversion_reads_the_exclusions_of_a_forecast_that_was_sent(world: World) -> None:
    """A draft that nobody received does not say what is subtracted: what was recorded does."""
    place, alice = world.places["Aude"], world.people["alice"]
    world.unit()
    about = {"landlord": world.landlord, "departement": place, "by": alice, "expected": 50}
    for exercise, number in ((2025, 20), (2027, 9)):
        write_forecast(exercise=exercise, subtracted={"INTERNAL_TRANSFER": number}, today=TODAY, **about)
    asked = wish(world, perimeter="Aude")

    def subtracted() -> dict[str, int]:
        return {row["category"]: row["units"] for row in given_for(asked, on=TODAY)["exclusions"]}

    assert set(subtracted().values()) == {0}
    send_forecast(forecast=Forecast.objects.get(exercise=2027), by=alice, now=MORNING)
    assert subtracted()["INTERNAL_TRANSFER"] == 9
