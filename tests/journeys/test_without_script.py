"""What is done every day is done with no script at all, on a wide screen and on a phone, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from attributions.households.models import BallotVote, CommitteeSession, Proposal
from attributions.households.operations.agenda import add_to_agenda
from attributions.households.operations.ballot import open_ballot
from attributions.households.operations.session import convene_session, open_session
from flux.models import Routing
from tests.attributions.households.candidates import agree
from tests.attributions.households.candidates import routed as awaiting
from tests.attributions.households.named import household
from tests.attributions.households.sittings import candidates, lines, routed
from tests.journeys.conftest import Person
from tests.journeys.test_committee import seat_everybody
from tests.journeys.test_keys import to_confirm
from tests.journeys.test_overseer import furnish
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("width", [1366, 390])]

Arrive = Callable[..., Person]


def fits(page: Page, width: int) -> bool:
    """Is nothing wider than the screen? Measured by its frame: the page runs no script."""
    box = page.locator("html").bounding_box()
    return box is not None and box["width"] <= width


def test_a_landlord_has_its_morning(live: World, person: Arrive, width: int) -> None:
    """One confirmed in its row, one sent elsewhere in its row, two ticked at once and confirmed together."""
    to_confirm(live, 4)
    page = person("aline", width=width, javascript=False).visit("/")
    page.get_by_role("navigation", name="Navigation principale").get_by_role("link", name="À faire").click()
    page.get_by_role("button", name=re.compile("^Confirmer RH")).first.click()
    expect(page.locator(".alert.ok")).to_contain_text("1 logement orienté")
    page.locator("[data-key=o]").first.click()
    form = page.locator("#agir")
    form.get_by_role("radio").first.check()
    form.get_by_label("Motif de votre choix").select_option("OTHER")
    form.get_by_label("Précisez en une phrase").fill("Accord entre les parties.")
    assert fits(page, width)
    form.get_by_role("button").click()
    expect(page.locator(".alert.ok")).to_be_visible()
    assert Routing.objects.exclude(motive="").count() == 1
    page.get_by_role("link", name="Tout cocher").click()
    page.get_by_role("button", name="Confirmer les recommandations cochées").click()
    expect(page.locator(".alert.ok")).to_contain_text("2 logements orientés")
    assert Routing.objects.count() == 4


def test_a_holder_proposes(live: World, person: Arrive, width: int) -> None:
    """From its menu: households of its own that fit, chosen, then sent."""
    agree(live.conventions["city"], proposal_days=10, minimum_candidates=3)
    routing = awaiting(live, now=timezone.now())
    for rank in (1, 2, 3):
        household(live, rank)
    page = person("chloe", width=width, javascript=False).visit("/")
    page.get_by_role("link", name="Candidats", exact=True).click()
    page.get_by_role("link", name=routing.vacancy.unit.reference, exact=True).click()
    page.get_by_role("link", name="Choisir parmi vos ménages").first.click()
    expect(page.locator("h1")).to_have_text("Lesquels de vos ménages conviennent ?")
    for box in page.locator("main tbody").get_by_role("checkbox").all():
        box.check()
    assert fits(page, width)
    page.locator("main").get_by_role("button", name=re.compile("^Ajouter")).first.click()
    page.get_by_role("link", name="Transmettre 3 candidats").first.click()
    page.get_by_role("button", name="Transmettre 3 candidats").click()
    expect(page.locator(".alert.ok")).to_contain_text("votre délai s’arrête")
    assert Proposal.objects.sent().filter(vacancy=routing.vacancy_id).count() == 3


def test_a_mayor_votes(live: World, person: Arrive, width: int) -> None:
    """From the row of « À faire », which says the hour after which it is too late."""
    seat_everybody(live)
    now, by = timezone.now(), live.people["aline"]
    unit = routed(live, holder="landlord", now=now)
    candidates(live, unit, 2, exemption="TOO_FEW", now=now)
    session = convene_session(
        committee=live.landlord.committees.get(),
        held_at=now + timedelta(days=1),
        place="siège",
        mode=CommitteeSession.Mode.REMOTE,
        vote_opens_at=now,
        vote_closes_at=now + timedelta(days=1),
        by=by,
        now=now,
    )
    [item] = add_to_agenda(session=session, vacancies=[unit], by=by, now=now)
    open_session(session=session, present=list(session.committee.members.all()), by=by, now=now)
    open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2"), by=by, now=now)

    page = person("chloe", width=width, javascript=False).visit("/a-faire/")
    expect(page.locator("main")).to_contain_text("après, il n’est plus possible de voter")
    page.locator(f'main a[href="{reverse("vote", args=[item.pk])}"]').first.click()
    page.get_by_role("radio", name="Pour").check()
    assert fits(page, width)
    page.get_by_role("button", name="Voter").click()
    expect(page.locator(".alert.ok")).to_contain_text("Votre vote est enregistré")
    assert BallotVote.objects.get().choice == "FOR"


@pytest.mark.nightly  # three landlords that lived their year
def test_an_epci_compares_balances(live: World, person: Arrive, width: int) -> None:
    """From its home to the landlords side by side, then to the balance of one, whose figure is the same."""
    furnish(live)
    page = person("emma", width=width, javascript=False).visit("/")
    page.get_by_role("link", name="Comparer les bailleurs").click()
    page.locator("#balance-compare-landlords > summary").click()
    row = page.locator("#balance-compare-landlords table").locator("tbody tr").filter(has_text="Orbieu Habitat")
    expect(row.locator("td").first).to_contain_text("2")
    assert fits(page, width)
    row.get_by_role("link", name="Orbieu Habitat").click()
    expect(page.locator("main")).to_contain_text("2 logements entrés dans le flux")
