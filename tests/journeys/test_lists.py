"""Long lists on a phone, in a real Chromium: the deadline first, and a page that one reads to its end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from tests.attributions.households.candidates import agree, routed
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser


def test_units_that_fell_vacant_are_25_short_cards_with_their_deadline_first(
    live: World, person: Callable[..., Person]
) -> None:
    """22,954 pixels for 50 cards: a card is now under 250, whatever its reason is."""
    agree(live.conventions["city"], proposal_days=10)
    for _ in range(27):
        routed(live, now=timezone.now())
    chloe = person("chloe", width=390)
    page = chloe.visit("/liberes/")
    assert page.locator("tbody tr").count() == 25
    cards = page.evaluate("[...document.querySelectorAll('tbody tr')].map((e) => e.getBoundingClientRect().height)")
    assert max(cards) < 300
    assert page.evaluate("document.documentElement.scrollHeight") < 8_000
    for address in ("/liberes/", "/candidats/"):
        page = chloe.visit(address)
        first = page.locator("tbody tr").first
        tops = first.evaluate(
            "(tr) => [...tr.children].map((cell) => [cell.className, cell.getBoundingClientRect().top])"
        )
        shown = sorted((top, name) for name, top in tops if top)
        assert "first-cell" in shown[0][1], (address, shown)
        assert page.locator(".pager").inner_text().startswith("1 à 25 sur 27")
