"""« A town that signs in twice a month never misses a clock »: a mail, its link, the door, the unit, its candidate."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from attributions.households.models import Proposal
from attributions.mails.kinds import stands
from attributions.mails.telling import tell_people
from reservations.models import MailChoice
from reservations.operations.mail_sending import send_mails
from tests.attributions.households.candidates import agree, routed
from tests.journeys.test_candidates import add
from tests.smtp import Server
from tests.world import PASSWORD, World

pytestmark = pytest.mark.browser


def test_holder_is_told_of_a_unit_follows_the_link_signs_in_and_proposes(
    live: World, live_server: Any, settings: Any, browser: Browser
) -> None:
    server = Server()
    settings.MAILERS, settings.SITE_URL = server.mailers, live_server.url
    agree(live.conventions["city"], proposal_days=10)
    routing = routed(live, now=timezone.now())
    tell_people()
    assert send_mails(stands=stands) > 0
    [message] = server.told("chloe@exemple.test")
    server.close()
    text = next(message.iter_parts()).get_content()
    assert "Proposez 3 candidats au moins" in text
    [link] = re.findall(rf"{re.escape(live_server.url)}/ouvrir/\S+", text)

    # Chloé, on her phone, without a session: the link waits for her behind the door.
    context = browser.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=False, locale="fr-FR")
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(link)
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    page.get_by_label("Adresse électronique").fill("chloe@exemple.test")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{live_server.url}/liberes/{routing.vacancy_id}/")
    page.get_by_role("link", name=re.compile("[Cc]andidats")).last.click()
    add(page, 1)
    assert Proposal.objects.get().routing == routing

    # What she reads of it, she settles herself.
    page.goto(f"{live_server.url}/courriels/")
    page.get_by_label("Logements et candidats", exact=True).select_option(label="Une fois par semaine")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".alert.ok")).to_contain_text("suivent maintenant ce choix")
    assert MailChoice.objects.get().units == MailChoice.Rhythm.WEEKLY
    context.close()
