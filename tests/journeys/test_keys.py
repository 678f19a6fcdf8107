"""« À faire » by the keyboard, in a real Chromium."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Request, expect

from attributions.inbox.models import RowMark
from flux.models import Routing
from flux.operations.routing import route_waiting_vacancies
from reservations.operations.desk import choose_keys
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser

#: The morning of a landlord: units to route, and what that may cost in presses and in pages loaded. One in ten goes
#: elsewhere.
MORNINGS = {10: (32, 12), 40: (90, 45)}


def to_confirm(world: World, count: int) -> None:
    for _ in range(count):
        fresh = world.vacancy(now=timezone.now())
    route_waiting_vacancies(ledger_id=fresh.ledger_id, now=timezone.now())


def test_rows_are_walked_ticked_and_confirmed_by_single_keys(live: World, person: Callable[..., Person]) -> None:
    """RGAA 12.10, WCAG 2.1.4: never in a field, nor once they are switched off."""
    to_confirm(live, 3)
    page = person("aline").visit("/a-faire/")
    first, second = page.locator("#rang-1"), page.locator("#rang-2")

    page.locator("#q").focus()  # in a field, a letter is a letter
    page.keyboard.type("cjx")
    expect(page.locator("#q")).to_have_value("cjx")
    assert Routing.objects.count() == 0

    first.focus()
    page.keyboard.press("j")
    expect(second).to_be_focused()
    page.keyboard.press("k")
    expect(first).to_be_focused()
    boxes = page.locator("[name=logement]")
    page.keyboard.press("x")
    expect(boxes.first).to_be_checked()
    page.keyboard.press("a")
    expect(boxes.last).to_be_checked()
    page.keyboard.press("o")
    expect(page.locator("#agir input[type=radio]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    page.keyboard.press("c")
    expect(page.locator(".alert.ok[role=status]")).to_contain_text("1 logement orienté")  # emptied, then heard
    expect(first).to_be_focused()
    assert Routing.objects.count() == 1

    page.keyboard.press("?")
    expect(page.locator("#touches summary")).to_be_focused()
    expect(page.locator("[data-pages]")).to_contain_text("l : Logements")
    switch = page.locator("#touches input[type=checkbox]")
    switch.uncheck()
    expect(page.locator(".alert.ok")).to_contain_text("Les touches seules n’agissent plus, sur tous vos postes.")
    first.focus()
    page.keyboard.press("j")
    page.keyboard.press("c")
    expect(first).to_be_focused()
    assert Routing.objects.count() == 1
    page.locator("#touches summary").click()
    switch.check()
    expect(page.locator(".alert.ok")).to_contain_text("Les touches seules agissent, sur tous vos postes.")
    first.focus()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    first.focus()
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url(re.compile("/liberes/$"))


@pytest.mark.parametrize("width", [1366, 390])
def test_a_row_is_followed_in_its_place_and_a_filter_is_kept_then_taken_out(
    live: World, person: Callable[..., Person], width: int
) -> None:
    """WCAG 2.4.3, 1.4.10: the form takes the focus, then what took the place of the row; nothing is wider than the
    screen."""
    to_confirm(live, 3)
    aline = person("aline", width=width)
    page = aline.visit("/a-faire/?genre=orienter")

    def fits() -> bool:
        return page.evaluate("document.documentElement.scrollWidth") <= width

    page.locator("#rang-2").focus()
    page.keyboard.press("p")
    expect(page.get_by_label("Pris par")).to_be_focused()
    assert fits()
    until = timezone.localdate() + timedelta(days=1)
    page.get_by_label("Reporté au").fill(f"{until:%d/%m/%Y}")
    page.get_by_label("Motif du report").fill("Le gardien rappelle demain.")
    page.get_by_role("button", name="Enregistrer le suivi").click()
    expect(page.locator(".alert.ok")).to_contain_text("Reporté au")
    expect(page.locator("#rang-2")).to_be_focused()
    assert page.locator("[name=logement]").count() == 2
    assert fits()
    page.keyboard.press("u")
    expect(page.locator(".alert.ok")).to_contain_text("Personne ne suit plus cette ligne.")
    expect(page.locator("[name=logement]")).to_have_count(3)
    expect(page.locator("#rang-2")).to_be_focused()
    page.keyboard.press("u")  # what is undone is done again alike
    expect(page.locator(".alert.ok")).to_contain_text("Reporté au")
    aline.visit("/a-faire/?suivi=reporte")
    expect(page.locator("main")).to_contain_text("Le gardien rappelle demain.")
    assert fits()

    aline.visit("/a-faire/?genre=orienter")
    page.get_by_text("Filtres gardés (0)").click()
    page.get_by_label("Garder ces filtres sous le nom").fill("Logements du matin")
    page.get_by_role("button", name="Garder").click()
    expect(page.get_by_role("link", name="Logements du matin")).to_be_visible()
    assert fits()
    page.get_by_role("button", name="Retirer le filtre Logements du matin").click()
    expect(page.get_by_role("link", name="Logements du matin")).to_have_count(0)


def test_nothing_is_undone_by_a_key_that_is_switched_off(live: World, person: Callable[..., Person]) -> None:
    """WCAG 2.1.4: the button is left. A confirmation is notified to the holder, and has no undo."""
    to_confirm(live, 2)
    aline = person("aline")
    page = aline.visit("/a-faire/?genre=orienter")
    page.locator("#rang-1").focus()
    page.keyboard.press("?")
    expect(page.locator("#touches")).to_contain_text("u annule ce suivi")
    choose_keys(user=live.people["aline"], single_keys=False)
    aline.visit("/a-faire/?genre=orienter")
    page.locator("tbody tr").first.get_by_role("link", name="Suivre").click()
    page.get_by_role("button", name="Enregistrer le suivi").click()
    expect(page.locator(".alert.ok")).to_contain_text("Pris par")
    page.keyboard.press("u")
    assert RowMark.objects.exists()
    page.get_by_role("button", name="Annuler ce suivi").click()
    expect(page.locator(".alert.ok")).to_contain_text("Personne ne suit plus cette ligne.")
    assert not RowMark.objects.exists()
    page.get_by_role("button", name=re.compile("^Confirmer RH")).first.click()
    expect(page.locator(".alert.ok")).to_contain_text("1 logement orienté")
    expect(page.get_by_role("button", name="Annuler ce suivi")).to_have_count(0)


@pytest.mark.parametrize("units", [10, pytest.param(40, marks=pytest.mark.nightly)])
def test_a_morning_is_routed_in_two_presses_a_unit(live: World, person: Callable[..., Person], units: int) -> None:
    """Of forty, 36 confirmed and 4 sent elsewhere, each read with its reason: by single keys, the next row taking the
    focus. In an ordinary run, of ten."""
    to_confirm(live, units)
    aline = person("aline")
    page, counted = aline.page, Counted(aline.page)
    aline.visit("/a-faire/?genre=orienter")
    counted.press("j")
    for number in range(units):
        expect(page.locator("#rang-1")).to_be_focused()
        if number % 10:
            counted.act("c")
            continue
        counted.act("o")
        expect(page.locator("#agir input[type=radio]").first).to_be_focused()
        counted.press("Space", "Tab")
        if number:
            counted.press("Space")
        else:
            counted.press("a", "Tab", *"Quartier fragile")
        counted.act("Enter")
    assert Routing.objects.count() == units
    assert Routing.objects.exclude(motive="").count() == units // 10
    presses, loads = MORNINGS[units]
    spent = f"{counted.presses} presses, {counted.loads} loads, {counted.served:.1f} s of server"
    sys.stdout.write(f"{units} units: {spent}\n")
    assert counted.presses <= presses
    assert counted.loads <= loads


class Counted:
    """What a person spends on a page: keys pressed, pages loaded, seconds that the site takes to answer them."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses, self.loads, self.served = page, 0, 0, 0.0
        page.on("load", self._loaded)
        page.on("requestfinished", self._answered)

    def _answered(self, request: Request) -> None:
        if request.resource_type in ("document", "fetch", "xhr"):
            self.served += (request.timing["responseStart"] - request.timing["requestStart"]) / 1000

    def _loaded(self, _: Page) -> None:
        self.loads += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def act(self, key: str) -> None:
        """A key that leads to another page, which is awaited."""
        with self.page.expect_event("load"):
            self.press(key)
