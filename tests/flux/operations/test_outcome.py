"""Allocated, let, undone: what became of a routed unit, in the account."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from flux.models import FlowEntry, Vacancy
from flux.operations.outcomes import OutcomeRefused, record_allocation, record_lease, withdraw_outcome
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.accounts import account
from flux.queries.first_letting import outcomes
from reservations.models import HistoryEntry
from tests.flux.operations.test_returning import send
from tests.flux.views.pages import text_of
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()


@pytest.fixture
@kept
def routed(world: World) -> Vacancy:
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    return vacancy


def quantities(vacancy: Vacancy) -> list[tuple[str, int]]:
    entries = vacancy.entries.filter(stage__in=["ALLOCATED", "LEASED"]).order_by("pk")
    return list(entries.values_list("stage", "quantity"))


def test_lease_says_the_allocation_it_supposes(world: World, routed: Vacancy) -> None:
    record_lease(vacancy=routed, on=TODAY, by=world.people["aline"], today=TODAY)
    assert quantities(routed) == [("ALLOCATED", 1), ("LEASED", 1)]
    assert outcomes([routed]) == {routed.pk: {"ALLOCATED": TODAY, "LEASED": TODAY}}


def test_allocation_then_lease_is_one_of_each_for_the_holder_it_is_routed_to(world: World, routed: Vacancy) -> None:
    aline = world.people["aline"]
    record_allocation(vacancy=routed, on=TODAY, by=aline, today=TODAY)
    record_lease(vacancy=routed, on=TODAY, by=aline, today=TODAY)
    holder = routed.routings.get().holder
    line = next(line for line in account(routed.ledger, TODAY).lines if line.holder == holder)
    assert (line.figures.routed, line.figures.allocated, line.figures.leased) == (1, 1, 1)
    acts = HistoryEntry.objects.about(routed).values_list("act", "by", "details")
    assert list(acts) == [
        ("RECORDED", aline.pk, {"ALLOCATED": [0, 1]}),
        ("RECORDED", aline.pk, {"LEASED": [0, 1]}),
    ]


def test_undoing_takes_back_the_lease_then_the_allocation(world: World, routed: Vacancy) -> None:
    aline = world.people["aline"]
    record_lease(vacancy=routed, on=TODAY, by=aline, today=TODAY)
    withdraw_outcome(vacancy=routed, why="Bail saisi sur le mauvais logement.", by=aline, today=TODAY)
    assert outcomes([routed]) == {routed.pk: {"ALLOCATED": TODAY}}
    withdraw_outcome(vacancy=routed, why="Saisi sur le mauvais logement.", by=aline, today=TODAY)
    assert outcomes([routed]) == {}
    with pytest.raises(OutcomeRefused, match="rien à annuler"):
        withdraw_outcome(vacancy=routed, why="Encore.", by=aline, today=TODAY)


def test_undone_then_written_again_has_the_day_of_the_last_writing(world: World, routed: Vacancy, sign_in) -> None:
    """Undone on 1 December, the lease was signed on 25 November: the sheet says so, and neither day of the mistake."""
    aline, later = world.people["aline"], date(2026, 12, 1)
    record_lease(vacancy=routed, on=date(2026, 11, 27), by=aline, today=later)
    for _ in range(2):
        withdraw_outcome(vacancy=routed, why="Saisi sur le mauvais logement.", by=aline, today=later)
    record_allocation(vacancy=routed, on=TODAY, by=aline, today=later)
    record_lease(vacancy=routed, on=date(2026, 11, 25), by=aline, today=later)
    assert outcomes([routed]) == {routed.pk: {"ALLOCATED": TODAY, "LEASED": date(2026, 11, 25)}}
    page = text_of(sign_in("aline").get(reverse("vacancy-detail", args=[routed.pk])))
    assert "25 novembre 2026 Bail signé" in page
    assert "27 novembre" not in page


@pytest.mark.parametrize("on", [date(2026, 11, 23), date(2026, 11, 25)])
@pytest.mark.parametrize("act", [record_allocation, record_lease])
def test_day_out_of_the_routing_and_today_is_refused_and_nothing_written(world, routed, act, on) -> None:
    with pytest.raises(OutcomeRefused, match="Choisissez un jour entre") as refused:
        act(vacancy=routed, on=on, by=world.people["aline"], today=TODAY)
    assert refused.value.field == "on"
    assert quantities(routed) == []


@pytest.mark.parametrize("act", [record_allocation, record_lease])
def test_same_outcome_twice_is_refused(world: World, routed: Vacancy, act) -> None:
    act(vacancy=routed, on=TODAY, by=world.people["aline"], today=TODAY)
    before = quantities(routed)
    with pytest.raises(OutcomeRefused, match="Rechargez la page"):
        act(vacancy=routed, on=TODAY, by=world.people["aline"], today=TODAY)
    assert quantities(routed) == before


def test_unit_that_waits_or_is_out_of_the_flow_has_no_outcome(world: World) -> None:
    waiting = world.vacancy()
    with pytest.raises(OutcomeRefused, match="confirmez d’abord"):
        record_lease(vacancy=waiting, on=TODAY, by=world.people["aline"], today=TODAY)
    technical = world.vacancy(kind=Vacancy.Kind.TECHNICAL)
    with pytest.raises(OutcomeRefused, match="aucun compte"):
        record_lease(vacancy=technical, on=TODAY, by=world.people["aline"], today=TODAY)
    assert FlowEntry.objects.filter(stage__in=["ALLOCATED", "LEASED"]).count() == 0


def test_lease_after_a_counted_return_is_of_the_new_holder_alone(world: World) -> None:
    """The holder that gave the unit back counts it as received; it houses nobody in it, and undoing is not its own."""
    aline, city = world.people["aline"], world.holders["city"]
    returned = send(world, "city")
    return_vacancy(routing=returned, reason="DECLINED", text="Trop haut.", by=aline, now=MORNING)
    vacancy = returned.vacancy
    [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=aline, now=MORNING)
    record_lease(vacancy=vacancy, on=TODAY, by=aline, today=TODAY)
    of_stage = vacancy.entries.filter(stage__in=["ALLOCATED", "LEASED"]).order_by("pk")
    assert list(of_stage.values_list("stage", "holder", "quantity")) == [
        ("ALLOCATED", routing.holder_id, 1),
        ("LEASED", routing.holder_id, 1),
    ]
    withdraw_outcome(vacancy=vacancy, why="Mauvais logement.", by=aline, today=TODAY)
    figures = {line.holder: line.figures for line in account(vacancy.ledger, TODAY).lines}
    assert (figures[city].routed, figures[city].allocated, figures[city].leased) == (1, 0, 0)
    assert (figures[routing.holder].allocated, figures[routing.holder].leased) == (1, 0)


def test_undoing_says_why(world: World, routed: Vacancy) -> None:
    record_lease(vacancy=routed, on=TODAY, by=world.people["aline"], today=TODAY)
    with pytest.raises(OutcomeRefused, match="Dites pourquoi"):
        withdraw_outcome(vacancy=routed, why="  ", by=world.people["aline"], today=TODAY)


def test_sheet_states_the_allocation_and_the_lease(world: World, routed: Vacancy, sign_in) -> None:
    record_lease(vacancy=routed, on=TODAY, by=world.people["aline"], today=TODAY)
    page = sign_in("aline").get(reverse("vacancy-detail", args=[routed.pk])).content.decode()
    assert ("<b>Attribué</b> par la commission" in page, "<b>Bail signé</b>" in page) == (True, True)
