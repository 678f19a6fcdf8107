"""Tables at the width of a small laptop and on paper, in a real Chromium: every column is seen, without scrolling."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import ViewportSize

from flux.models import Ledger
from flux.operations.routing import route_waiting_vacancies
from tests.attributions.bilan.balances import YEAR, given_back, lived, people, send
from tests.attributions.households.candidates import routed
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser

#: Of each table that goes beyond what holds it: its caption, how wide it is, and how wide its place is.
BEYOND = """[...document.querySelectorAll('main table')].map((table) => {
    const place = table.closest('.table') ?? table.parentElement;
    return [table.caption?.innerText ?? '', Math.ceil(table.getBoundingClientRect().right),
            Math.floor(place.getBoundingClientRect().right), place.scrollWidth - place.clientWidth];
}).filter(([, end, edge, hidden]) => end > edge + 1 || hidden > 0)"""

#: A4 between its margins, 186 × 271 mm, in pixels of 1/96 inch.
PAPER = ViewportSize(width=703, height=1024)

#: The longest headings of a ranking are those of what is not known of the unit.
UNKNOWN = {"in_qpv": None, "financing_code": "", "construction_year": None}


@pytest.mark.parametrize("name", ["alice", pytest.param("chloe", marks=pytest.mark.nightly)])
def test_no_table_goes_beyond_its_place_on_a_small_laptop(
    live: World, person: Callable[..., Person], name: str
) -> None:
    """1,366 pixels: a ranking measured 1,386 in 1,284, and hid « À servir », « Écart voisin » and « Si choisi »."""
    people(live)
    lived(live)
    sheets = [routed(live, "city", live.vacancy(**UNKNOWN)).vacancy, live.vacancy(**UNKNOWN), given_back(live).vacancy]
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=timezone.now())
    version = send(live, now=timezone.now())
    place = [live.landlord.pk, YEAR]
    addresses = [
        reverse("vacancy-list"),
        *(reverse("vacancy-detail", args=[vacancy.pk]) for vacancy in sheets),
        reverse("balance", args=place),
        reverse("balance-review", args=[*place, "11"]),
        reverse("balance-version", args=[*place, "11", version.number]),
    ]
    somebody = person(name, width=1366)
    tables, beyond, cut = 0, {}, {}
    for address in addresses:
        page = somebody.visit(address)
        somebody.unfold()
        tables += page.locator("main table").count()
        if found := [*page.evaluate(BEYOND), *[["page"]] * page.evaluate("document.body.scrollWidth > innerWidth")]:
            beyond[address] = found
        page.emulate_media(media="print")
        page.set_viewport_size(PAPER)
        cut |= {address: found} if (found := page.evaluate(BEYOND)) else {}
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1366, "height": PAPER["height"]})
    assert (beyond, cut) == ({}, {})
    assert tables > len(addresses)
