"""A holder that says nothing, in a real Chromium: the clock, 1 May, the lapse at its term, who comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from playwright.sync_api import expect

from attributions import tasks
from flux.models import Return
from tests.flux.operations.test_returning import agree, send
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser

ROUTED = datetime(2026, 4, 27, 8, tzinfo=UTC)  # a Monday; Friday is 1 May
LAST_DAY = datetime(2026, 5, 5, 9, tzinfo=UTC)  # five working days later
NIGHT = datetime(2026, 5, 5, 22, 20, tzinfo=UTC)  # 6 May, 00:20 in Paris


def test_silence_lapses_after_the_first_of_may_and_the_landlord_has_it_next(
    live: World, person: Callable[..., Person]
) -> None:
    agree(
        live.conventions["city"],
        proposal_days=5,
        returns_effect="YES_IF_HOLDER_FAULT",
        management="DIRECT",
        fallback=["LANDLORD"],
    )
    with time_machine.travel(ROUTED):
        routing = send(live, "city", live.vacancy(now=ROUTED), now=ROUTED)
        main = person("chloe").page.locator("main")
        expect(main.locator(".answer").first).to_contain_text("il reste 5 jours ouvrés")
        expect(main).to_contain_text("jusqu’au mardi 5 mai 2026")
        expect(main.get_by_role("link", name="Je n’ai pas de candidat")).to_be_visible()

    with time_machine.travel(LAST_DAY):
        main = person("chloe").page.locator("main")
        expect(main).to_contain_text("Dernier jour")
        assert tasks.lapse() == 0

    with time_machine.travel(NIGHT):
        assert tasks.lapse() == 1
        main = person("chloe").page.locator("main")
        expect(main.locator(".answer").first).to_contain_text("1 avis à lire")
        expect(main.locator(".answer").first).not_to_contain_text("candidats")
        expect(main).not_to_contain_text("attend vos candidats")
        given = Return.objects.get()
        assert (given.routing, given.returned_by) == (routing, None)

        aline = person("aline")
        aline.visit(f"/liberes/{routing.vacancy_id}/")
        story = aline.page.locator(".timeline").first
        expect(story).to_contain_text("Rendu par la Ville de Narbonne de lui-même, au terme du délai")
        expect(story).to_contain_text("Sans réponse jusqu’au 05/05/2026, dernier jour du délai.")
        expect(story).to_contain_text("compté comme proposé et décompté du droit de réservation")
        expect(aline.page.locator("#reponse")).to_have_text("Au bailleur (non réservé)")
