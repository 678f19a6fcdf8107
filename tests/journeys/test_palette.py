"""Acts and things by their names, under the search field of every page, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote_plus, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from reservations.operations.desk import choose_keys
from tests.attributions.households.candidates import routed
from tests.attributions.households.named import household
from tests.attributions.households.sne_files import number
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser


def asked(page: Page) -> list[str]:
    """What the page asks of the search, as it is asked."""
    found: list[str] = []
    search = reverse("search")
    page.on("request", lambda each: found.append(unquote_plus(each.url)) if urlsplit(each.url).path == search else None)
    return found


@pytest.mark.parametrize("width", [1366, 390])
def test_an_act_and_a_household_are_chosen_by_the_arrows(
    live: World, person: Callable[..., Person], width: int
) -> None:
    """A few letters from « À faire », by `/`; the focus comes back to the field, and what was found goes with it."""
    one = household(live, 1)
    routed(live, now=timezone.now())
    chloe = person("chloe", width=width)
    page = chloe.visit("/a-faire/")
    page.locator("body").press("/")
    field, found = page.locator("#q"), page.locator(".found")
    expect(field).to_be_focused()
    page.keyboard.type("delor")
    expect(found.get_by_role("status")).to_contain_text("1 résultat : 1 ménage")
    page.keyboard.press("ArrowDown")
    expect(found.get_by_role("link", name=re.compile("^DELORME"))).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(field).to_be_focused()
    expect(found).to_be_hidden()
    field.fill("delorme")
    expect(found).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(reverse("application-detail", args=[one.pk])))

    field.fill("importer mén")
    expect(found.get_by_role("link").first).to_have_text("Importer un fichier : Ménages")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("fichier")


def test_a_number_is_not_asked_and_what_is_left_is_hidden(live: World, person: Callable[..., Person]) -> None:
    """A numéro unique is posted, never in an address; nor are half of its figures, as they are typed."""
    chloe = person("chloe")
    page = chloe.visit("/a-faire/")
    looks = asked(page)
    field, found = page.locator("#q"), page.locator(".found")
    field.press_sequentially(f"{number(1)[:4]} {number(1)[4:]}", delay=60)
    page.wait_for_timeout(600)
    assert not [each for each in looks if re.search(r"\d{10}", each.replace(" ", ""))]
    expect(found).to_be_hidden()
    field.fill("narbonne")
    expect(found.get_by_role("link").first).to_be_visible()
    page.locator("footer a").first.focus()  # as Tab or a click elsewhere does
    expect(found).to_be_hidden()


def test_without_script_the_field_opens_the_page_of_results(live: World, person: Callable[..., Person]) -> None:
    page = person("chloe", javascript=False).visit("/")
    page.locator("#q").fill("mes ménages")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("link", name="Mes ménages").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ménages")


def test_the_key_that_goes_there_is_single_and_goes_off(live: World, person: Callable[..., Person]) -> None:
    """WCAG 2.1.4: `/` alone, on every page, is off with the others; the field keeps its access key, with another."""
    live.vacancy()
    aline = person("aline")
    page = aline.visit("/liberes/")
    page.get_by_role("combobox").first.press("/")  # in a field, a sign is a sign
    expect(page.locator("#q")).not_to_be_focused()
    page.get_by_role("link", name="Équiflux").press("/")
    expect(page.locator("#q")).to_be_focused()
    expect(page.locator("#q")).to_have_value("")
    choose_keys(user=live.people["aline"], single_keys=False)
    page = aline.visit("/a-faire/")
    page.locator("body").press("/")
    expect(page.locator("#q")).not_to_be_focused()
    expect(page.locator("#q")).to_have_attribute("accesskey", "r")
