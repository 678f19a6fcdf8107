"""« A town that signs in twice a month never misses a clock »: invited by mail, a password and a second factor of one's
own; later a mail, its link, the door, the unit, its candidate."""

from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from attributions.households.models import Proposal
from attributions.mails.kinds import stands
from attributions.mails.telling import tell_people
from reservations.models import MailChoice
from reservations.operations.invitation import invite
from reservations.operations.mail_sending import send_mails
from tests.attributions.households.candidates import agree, routed
from tests.journeys.test_candidates import add
from tests.smtp import Server
from tests.world import World

pytestmark = pytest.mark.browser


NEW = "cheval agrafe pile correct"


def received(server: Server, path: str, base: str) -> tuple[str, str]:
    """The message that Fanny received with a link there, and that link."""
    texts = [next(each.iter_parts()).get_content() for each in server.told("fanny@exemple.test")]
    [(text, link)] = [(text, link) for text in texts for link in re.findall(rf"{re.escape(base)}{path}\S+", text)]
    return text, link


def test_invited_by_mail_then_reported_of_a_unit_one_signs_in_with_two_factors_and_proposes(
    live: World, live_server: Any, settings: Any, browser: Browser
) -> None:
    server = Server(silence=20)  # nobody keeps anybody waiting here, but a busy machine
    settings.MAILERS, settings.SITE_URL = server.mailers, live_server.url
    settings.SECOND_FACTOR_COMPULSORY = True
    terms = {"email": "fanny@exemple.test", "full_name": "Fanny", "organisation": live.city, "role": "HOLDER_MANAGER"}
    invite(**terms, by=live.people["alice"], now=timezone.now())
    assert send_mails(stands=stands) == 1

    # Fanny, on her phone: the link of the invitation, a password, an application of codes, its recovery codes.
    context = browser.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=False, locale="fr-FR")
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(received(server, "/invitation/", live_server.url)[1])
    page.get_by_label("Votre mot de passe").fill(NEW)
    page.get_by_role("button", name="Ouvrir mon compte").click()
    secret = page.locator("code").first.inner_text().replace(" ", "")
    page.get_by_label("Nom de cet appareil").fill("Téléphone")
    page.get_by_label("Code à six chiffres de l’application").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Vérifier ce code").click()
    recovery = page.locator("li code").first.inner_text()
    page.get_by_role("link", name="C’est noté").click()
    page.wait_for_url(f"{live_server.url}/")
    context.clear_cookies()

    agree(live.conventions["city"], proposal_days=10)
    routing = routed(live, now=timezone.now())
    tell_people()
    assert send_mails(stands=stands) > 0
    text, link = received(server, r"/ouvrir/\d+/liberes/", live_server.url)
    server.close()
    assert "Proposez 3 candidats au moins" in text

    # Later, without a session: the link waits for her behind the door, and its second wall.
    page.goto(link)
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
    page.get_by_label("Adresse électronique").fill("fanny@exemple.test")
    page.get_by_label("Mot de passe").fill(NEW)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", name="Est-ce bien vous ?")).to_be_visible()
    page.get_by_label("Code à six chiffres, ou code de secours").fill(recovery)
    page.get_by_role("button", name="Entrer").click()
    page.wait_for_url(f"{live_server.url}/liberes/{routing.vacancy_id}/")
    page.get_by_role("link", name=re.compile("[Cc]andidats")).last.click()
    add(page, 1)
    assert Proposal.objects.get().routing == routing

    # What she reads of it, she settles herself.
    page.goto(f"{live_server.url}/courriels/")
    page.get_by_role("combobox", name="Logements et candidats", exact=True).select_option(label="Une fois par semaine")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".alert.ok")).to_contain_text("suivent maintenant ce choix")
    assert MailChoice.objects.get().units == MailChoice.Rhythm.WEEKLY
    context.close()
