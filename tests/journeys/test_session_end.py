"""RGAA 13.1: a session does not end behind its person’s back, and what they were typing stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from reservations.access.sessions import SessionStore
from reservations.models import Session
from reservations.queries.people import SIGNED_IN_AT
from tests.journeys.conftest import Person
from tests.world import PASSWORD

pytestmark = pytest.mark.browser

TYPED = "Rue de l’Aude"


def after(page: Page, seconds: int) -> None:
    """The page’s own clock goes on, and so does whatever it does then."""
    page.clock.fast_forward(1000 * seconds)


def test_the_end_of_a_session_is_reported_before_and_prolonged_without_losing_what_is_typed(
    person: Callable[..., Person],
) -> None:
    alice = person("alice")
    page, rows = alice.page, Session.objects.exclude(user=None)
    page.clock.install()
    alice.visit("/")
    field, warning = page.get_by_role("searchbox"), page.get_by_role("dialog")
    field.fill(TYPED)
    after(page, 3600)
    expect(warning).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="s’en approchent")).to_be_visible()  # asked: all is quiet

    # Two minutes before the end, for want of a request: by the keyboard alone, and the focus comes back.
    rows.update(expire_date=timezone.now() + timedelta(seconds=150))
    after(page, 2 * 3600)
    expect(page.get_by_role("dialog", name="Votre session se ferme dans 2 minutes")).to_be_visible()
    expect(page.get_by_role("button", name="Rester connecté")).to_be_focused()
    page.keyboard.press("Enter")
    expect(warning).to_have_count(0)
    expect(field).to_be_focused()
    expect(field).to_have_value(TYPED)
    assert rows.get().expire_date > timezone.now() + timedelta(minutes=100)

    # At the end of its whole length: proved again in another tab, and reported to go on.
    session = SessionStore(rows.get().session_key)
    session[SIGNED_IN_AT] = (timezone.now() - timedelta(hours=11, minutes=58)).isoformat()
    session["proved_at"] = session[SIGNED_IN_AT]
    session.save()
    after(page, 2 * 3600)
    expect(warning).to_contain_text("Elle dure 12 heures au plus")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Prolonger (nouvel onglet)").click()
    other = opened.value
    other.get_by_role("button", name="Prolonger ma session").click()
    other.get_by_label("Mot de passe").fill(PASSWORD)
    other.get_by_role("button", name="Continuer").click()
    expect(other.get_by_text("Votre session est prolongée")).to_be_visible()
    other.close()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(warning).to_have_count(0)
    expect(field).to_have_value(TYPED)

    # Closed meanwhile, by its manager or on another screen: what was typed is still there to be copied.
    rows.delete()
    after(page, 12 * 3600)
    expect(page.get_by_role("dialog", name="Votre session est fermée")).to_be_visible()
    page.keyboard.press("Escape")
    expect(field).to_have_value(TYPED)
