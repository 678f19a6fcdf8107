"""Homes: on a desk, two screens at most, with what is secondary folded."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from flux.operations.routing import route_waiting_vacancies
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 1366, 768


def test_accounts_are_folded_on_the_home_of_a_landlord_and_their_figure_opens_them(
    live: World, person: Callable[..., Person]
) -> None:
    for _ in range(8):
        fresh = live.vacancy(now=timezone.now())
    route_waiting_vacancies(ledger_id=fresh.ledger_id, now=timezone.now())
    page = person("alice", width=WIDTH).page
    assert page.evaluate("document.documentElement.scrollHeight") <= 2 * HEIGHT
    account = page.get_by_role("link", name=f"Aude, {timezone.localdate().year}")
    expect(account).not_to_be_visible()
    page.get_by_role("link", name="plus grand écart d’un réservataire").click()
    expect(account).to_be_visible()
