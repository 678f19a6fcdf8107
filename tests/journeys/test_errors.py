"""After an error, in a real Chromium, the focus is on what to correct: not on the body, at the top of nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.attributions.households.candidates import routed
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser


def forget_422(someone: Person) -> None:
    """The console states each refused form: that is what is asked for here."""
    someone.complaints[:] = [each for each in someone.complaints if "status of 422" not in each]


def refused(page: Page, button: str) -> None:
    """Send the form as it is, past what the browser asks first; its summary is read at once, and leads to its field."""
    page.evaluate("document.querySelectorAll('form').forEach((form) => (form.noValidate = true))")
    page.get_by_role("button", name=button).first.click()
    expect(page.locator(".errors")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_focus_goes_to_the_summary_then_to_the_field(
    live: World, person: Callable[..., Person], javascript: bool
) -> None:
    unit = live.unit()
    alice = person("alice", javascript=javascript)
    page = alice.visit(f"/liberes/declarer/?unit={unit.pk}")
    page.get_by_label("Libre le").fill("31/02/2027")
    page.get_by_role("button", name="Déclarer le logement libéré").click()
    expect(page.locator(".errors")).to_be_focused()
    page.locator(".errors a").first.press("Enter")
    expect(page.get_by_label("Libre le")).to_be_focused()
    forget_422(alice)


def test_every_form_has_the_same_summary(live: World, person: Callable[..., Person]) -> None:
    """Those of a mode, of a unit to give back, to cancel, to follow elsewhere."""
    vacancy = routed(live).vacancy_id
    alice = person("alice")
    for address, button in (
        (reverse("routing-policy"), "Changer le mode d’orientation"),
        (reverse("vacancy-return", args=[vacancy]), "Rendre ce logement"),
        (reverse("vacancy-cancel", args=[vacancy]), "Annuler ou reclasser ce logement"),
        (reverse("vacancy-outcome", args=[vacancy]), "Enregistrer ce qu’est devenu le logement"),
    ):
        refused(alice.visit(address), button)
    forget_422(alice)
