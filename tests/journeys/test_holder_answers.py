"""A holder answers for a unit, in a real Chromium: proposing is what it meets first, giving up says its effect."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from flux.models import Return
from tests.attributions.households.candidates import agree, routed
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser


def in_first_screen(page: Page, words: str) -> bool:
    """Is the button whole on the screen, before anything is scrolled?"""
    box = page.get_by_role("link", name=words).first.bounding_box()
    assert box is not None
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1366, 768)])
def test_proposing_is_within_the_first_screen_and_giving_up_is_confirmed(
    live: World, person: Callable[..., Person], width: int, height: int
) -> None:
    """On its home, and on the sheet of the unit."""
    agree(live.conventions["city"], proposal_days=10, minimum_candidates=3, returns_effect="YES")
    routing = routed(live, now=timezone.now())
    chloe = person("chloe", width=width)
    chloe.page.set_viewport_size({"width": width, "height": height})
    for address in ("/", f"/liberes/{routing.vacancy_id}/"):
        page = chloe.visit(address)
        assert in_first_screen(page, "Proposer un candidat"), address
    page.get_by_role("link", name="Je n’ai pas de candidat").click()
    expect(page.locator("h1")).to_contain_text("Rendre")
    expect(page.locator("main")).to_contain_text("Cela ne peut pas être défait.")
    expect(page.locator("main")).to_contain_text("Il compte quand même comme reçu")
    assert Return.objects.count() == 0
    page.get_by_role("button", name="Rendre ce logement").click()
    expect(page.locator(".alert.ok")).to_contain_text("est rendu")
    assert Return.objects.count() == 1
