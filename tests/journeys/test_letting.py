"""From the committee's decision to the keys: a refusal, the next rank, the lease, who is reported, and the account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from attributions.households.models import Lease, Offer
from flux.models import Ledger
from flux.queries.first_letting import outcomes
from tests.attributions.households.rows import decided, reasons, statuses
from tests.flux.operations.test_carry_over import settle
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser


def test_refusal_then_next_rank_then_lease(live: World, person: Callable[..., Person]) -> None:
    now = timezone.localtime().replace(hour=0, minute=1)
    today = timezone.localdate(now)
    settle(live, "city", "NONE", counting_point="LEASED")
    proposals = decided(live, now=now)
    vacancy = proposals[0].vacancy

    # Aline finds the offer to send on the list of offers, and sends it to the first rank, who has ten days.
    aline = person("aline")
    page = aline.visit("/offres/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Quelles offres envoyer, quels baux signer ?")
    page.get_by_role("link", name=vacancy.unit.reference).click()
    page.get_by_role("button", name="Envoyer l’offre au candidat n° 1").click()
    expect(page.locator(".alert.ok")).to_contain_text("Offre envoyée")

    # The letter says what silence means.
    page.get_by_role("link", name="Courrier au candidat n° 1").click()
    expect(page.locator("article")).to_contain_text("la loi considère que vous refusez ce logement")
    page.go_back()

    # The applicant refuses. Aline forgets the reason: the page says so; each reason says what it does to the account.
    page.get_by_role("radio", name="Il le refuse").check()
    page.get_by_role("button", name="Enregistrer la réponse").click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez pourquoi le demandeur refuse.")
    assert statuses(proposals) == ["OFFERED", "ALLOCATED", "ALLOCATED"]
    refused = "Failed to load resource: the server responded with a status of 422 (Unprocessable Content)"
    assert aline.complaints == [refused]
    aline.complaints.clear()
    answer = page.locator("form", has=page.get_by_role("button", name="Enregistrer la réponse"))
    expect(answer).to_contain_text("Compté comme proposé")
    answer.get_by_role("radio", name="Refus : le quartier ou l’éloignement").check()
    page.get_by_role("button", name="Enregistrer la réponse").click()
    expect(page.locator(".alert.ok")).to_contain_text("Le rang suivant est appelé")
    assert statuses(proposals) == ["ENDED", "OFFERED", "ALLOCATED"]
    assert Offer.objects.get(proposal=proposals[1]).sent_by is None

    # The convention of the city counts a unit at the lease: until then it is in course.
    chloe = person("chloe", width=390)
    account = chloe.visit(f"/comptes/{Ledger.objects.ordinary().get().pk}/")
    expect(account.locator("main")).to_contain_text("0 reçu au bail signé, 1 en cours")

    # The second rank accepts, and signs.
    page.get_by_role("radio", name="Il accepte le logement").check()
    page.get_by_role("button", name="Enregistrer la réponse").click()
    page.get_by_role("button", name="Enregistrer le bail signé").click()
    expect(page.locator(".alert.ok")).to_contain_text("L’autre candidat est libéré")
    expect(page.locator(".answer")).to_contain_text("Bail signé le")
    assert (statuses(proposals), reasons(proposals)) == (["ENDED", "HOUSED", "RELEASED"], ["AREA_REFUSED", "", ""])
    assert Lease.objects.get().signed_on == today
    assert outcomes([vacancy]) == {vacancy.pk: {"ALLOCATED": today, "LEASED": today}}

    # It is received, on the account as on the home of the city.
    account.reload()
    expect(account.locator("main")).to_contain_text("1 compté au bail signé")
    expect(account.locator("main")).not_to_contain_text("1 en cours")

    # The third applicant has a letter too.
    page.get_by_role("link", name="Courrier au candidat n° 3").click()
    expect(page.locator("article")).to_contain_text("Il est loué à un autre ménage.")

    # Chloé, at the city, was reported everything, without a name; she marks it as read, on her phone.
    notices = chloe.visit("/avis/")
    for event in ("Offre envoyée", "Offre refusée", "Offre acceptée", "Bail signé", "1 candidat libéré"):
        expect(notices.locator("main")).to_contain_text(event)
    expect(notices.locator("main")).not_to_contain_text("MARTIN")
    notices.get_by_role("button", name="Tout marquer comme lu").click()
    expect(notices.locator(".answer")).to_contain_text("0 avis à lire")
