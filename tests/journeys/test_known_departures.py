"""Forty notices in a morning, in a real Chromium: what is decided at once, what is forecast, and what time decides."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page, expect

from flux.models import ExpectedHolder, Recommendation
from flux.operations.routing import route_waiting_vacancies, sweep_waiting_vacancies
from tests.flux.known import departures, plan_together
from tests.journeys.conftest import Person
from tests.journeys.test_accessibility import read_in_every_light
from tests.world import World

pytestmark = pytest.mark.browser

#: A Wednesday: three working days later is the Tuesday after Christmas, which is a Friday.
WEDNESDAY = datetime(2026, 12, 23, 9, tzinfo=UTC)
MONDAY, TUESDAY = WEDNESDAY.replace(day=28), WEDNESDAY.replace(day=29)


def look(page: Page, name: str) -> None:
    """Keep a picture where SHOTS says, to be looked at by hand."""
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def clock() -> object:
    with time_machine.travel(WEDNESDAY, tick=True) as moved:
        yield moved


def test_forty_notices_of_a_morning(clock: time_machine.Traveller, live: World, person: Callable[..., Person]) -> None:
    plan_together(live, since=WEDNESDAY)
    fallen = departures(live, 40, at=WEDNESDAY)
    ledger = fallen[0].ledger_id
    assert route_waiting_vacancies(ledger_id=ledger, now=WEDNESDAY) == 33

    # Thirty-three are decided with eight known, seven wait with their forecast.
    aline = person("aline", width=1366)
    page = aline.visit("/")
    look(page, "landlord-home")
    expect(page.get_by_role("link", name="33 logements à orienter")).to_be_visible()
    page = aline.visit("/?destination=foreseen")
    expect(page.locator("td .st.wait", has_text="Prévision")).to_have_count(7)
    page = aline.visit(f"/liberes/{fallen[0].pk}/")
    look(page, "sheet-decided")
    expect(page.get_by_role("heading", name="Les 8 départs connus")).to_be_visible()
    expect(page.locator("b", has_text="seule décision prise")).to_have_count(1)
    assert read_in_every_light(page) == []
    last = fallen[-1]
    page = aline.visit(f"/liberes/{last.pk}/")
    look(page, "sheet-foreseen")
    expect(page.get_by_text("7ᵉ des 7 départs connus")).to_be_visible()
    expect(page.get_by_text("Décidé le 29 décembre 2026 au plus tard")).to_be_visible()
    assert read_in_every_light(page) == []

    # An override moves the accounts: the forecasts are drawn anew from there.
    before = dict(ExpectedHolder.objects.order_by("pk").values_list("vacancy", "holder"))
    first = Recommendation.objects.get(vacancy=fallen[0])
    other = next(row["id"] for row in first.ranking if row["eligible"] and row["id"] != str(first.holder_id))
    page = aline.visit(f"/liberes/{fallen[0].pk}/?destination={other}")
    page.get_by_label("Motif de votre choix").select_option(index=1)
    page.get_by_label("Précisez en une phrase").fill("Rapprochement d’un parent aidé.")
    page.get_by_role("button", name="Orienter vers").last.click()
    expect(page.locator(".alert.ok")).to_contain_text("avec votre motif")
    route_waiting_vacancies(ledger_id=ledger)
    after = dict(ExpectedHolder.objects.order_by("pk").values_list("vacancy", "holder"))
    assert after.keys() == before.keys()
    assert after != before, "the override changes no forecast: the story of this test is gone"

    # A holder reads what may come to it, on a phone; nothing of it is in its account.
    expected = ExpectedHolder.objects.filter(holder__organisation__in=[live.city, live.epci, live.state]).first()
    assert expected is not None
    reader = {live.city.pk: "chloe", live.epci.pk: "emma", live.state.pk: "bob"}[expected.holder.organisation_id]
    phone = person(reader, width=390)
    page = phone.visit("/")
    look(page, "holder-phone")
    expect(page.get_by_role("heading", name="Peuvent vous revenir")).to_be_visible()
    assert read_in_every_light(page) == []
    page = phone.visit(f"/liberes/{expected.vacancy_id}/")
    look(page, "sheet-foreseen-phone")
    expect(page.get_by_text("Ce n’est pas une décision").first).to_be_visible()
    expect(page.get_by_text("Décider maintenant")).to_have_count(0)

    # Christmas does not count: on Monday nothing is decided, on Tuesday all are.
    clock.move_to(MONDAY)
    sweep_waiting_vacancies()
    assert ExpectedHolder.objects.count() == 7
    clock.move_to(TUESDAY)
    sweep_waiting_vacancies()
    assert not ExpectedHolder.objects.exists()
    page = person(reader, width=390).visit("/")
    look(page, "holder-decided-phone")
    expect(page.get_by_role("heading", name="Peuvent vous revenir")).to_have_count(0)
    page = person("aline").visit(f"/liberes/{last.pk}/")
    expect(page.get_by_role("button", name="Orienter vers")).to_be_visible()


def test_deciding_now_then_looking_at_the_year_before_another_choice(
    clock: time_machine.Traveller, live: World, person: Callable[..., Person]
) -> None:
    plan_together(live, since=WEDNESDAY)
    fallen = departures(live, 5, at=WEDNESDAY)
    route_waiting_vacancies(ledger_id=fallen[0].ledger_id, now=WEDNESDAY)

    # Out of turn: the page asks why before it decides.
    aline = person("aline", width=390)
    page = aline.visit(f"/liberes/{fallen[3].pk}/")
    page.get_by_text("Décider maintenant").first.click()
    look(page, "decide-now-phone")
    page.get_by_label("Pourquoi celui-ci passe avant").fill(" ")
    page.get_by_role("button", name="Décider maintenant").click()
    expect(page.locator(".errors")).to_contain_text("Dites pourquoi celui-ci passe avant")
    look(page, "decide-now-refused-phone")
    assert len(aline.complaints) == 1  # the browser’s own line on a 422
    aline.complaints.clear()
    page.get_by_label("Pourquoi celui-ci passe avant").fill("Un ménage attend ce rez-de-chaussée.")
    page.get_by_role("button", name="Décider maintenant").click()
    expect(page.locator(".alert.ok")).to_contain_text("est décidé")

    # Holders read it.
    chloe = person("chloe", width=1366)
    page = chloe.visit(f"/comptes/{fallen[0].ledger_id}/transparence/")
    chloe.unfold()
    look(page, "transparency")
    expect(page.get_by_text("Un ménage attend ce rez-de-chaussée.")).to_be_visible()
    assert read_in_every_light(page) == []

    # The manager looks at the year under one departure at a time, and comes back to it.
    clock.move_to(WEDNESDAY.replace(year=2027, month=6, day=1))
    sweep_waiting_vacancies()
    alice = person("alice", width=1366)
    page = alice.visit("/mode-orientation/departs-connus/")
    page.get_by_label("Départs planifiés ensemble, au plus").fill("4")
    page.get_by_role("button", name="Voir ce qu’aurait donné 2026").click()
    look(page, "window-preview")
    expect(page.get_by_role("heading", name="2026, rejouée ainsi")).to_be_visible()
    assert read_in_every_light(page) == []
    page.get_by_role("button", name="Choisir à partir du 1er juin 2027").click()
    expect(page.locator(".alert.ok")).to_contain_text("4 départs connus au plus sont planifiés ensemble")
    look(page, "window")
