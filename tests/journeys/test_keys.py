"""« À faire » by the keyboard, in a real Chromium: single keys act in the list alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from flux.models import Routing
from flux.operations.routing import route_waiting_vacancies
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser


def test_rows_are_walked_ticked_and_confirmed_by_single_keys(live: World, person: Callable[..., Person]) -> None:
    """RGAA 12.10, WCAG 2.1.4: heard only while the focus is in the list, never in a field."""
    for _ in range(3):
        fresh = live.vacancy(now=timezone.now())
    route_waiting_vacancies(ledger_id=fresh.ledger_id, now=timezone.now())
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
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox").and_(page.locator("[name=logement]")).first).to_be_checked()
    page.keyboard.press("c")
    page.wait_for_url(re.compile("#rang-1$"))
    expect(first).to_be_focused()
    expect(page.locator(".alert.ok")).to_contain_text("1 logement orienté")
    assert Routing.objects.count() == 1
