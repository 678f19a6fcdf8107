"""From the notice of a tenant to the lease of the next, by links and buttons only, in a real Chromium."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from attributions.households.models import CommitteeSession, Lease, Proposal
from flux.models import Routing, Unit, Vacancy
from flux.queries.first_letting import outcomes
from reservations.models import Convention
from reservations.operations.convention_terms import share_of
from tests.attributions.households.candidates import agree
from tests.journeys.conftest import Person
from tests.journeys.test_candidates import add
from tests.journeys.test_committee import seat_everybody
from tests.world import World, promise_behind_the_acts

pytestmark = pytest.mark.browser


def test_from_a_vacancy_to_its_lease(
    live: World, worker: subprocess.Popen[bytes], person: Callable[..., Person]
) -> None:
    city = live.conventions["city"]
    promise_behind_the_acts(city, share_of(Decimal(40)))  # the largest share: the first unit is the city's
    agree(city, counting_point=Convention.CountingPoint.LEASED, proposal_days=10, minimum_candidates=3)
    seat_everybody(live)
    unit = live.unit(street_name="VICTOR HUGO")

    aline = person("aline")
    declare_and_confirm(aline.page, unit)
    chloe = person("chloe", width=390)
    propose(chloe.page)
    instruct(aline.page, unit)
    allocate(aline.page, unit)
    sign(aline.page, unit)

    # Chloé reads that it is let, and her account counts it: the convention counts leases.
    today = timezone.localdate()
    page = chloe.visit("/")
    expect(page.locator("main")).to_contain_text("Avis à lire")
    page.locator("summary").filter(has_text="Orientés vers vous").click()
    page.get_by_role("link", name=f"Bail signé : candidats de {unit.reference}").click()
    expect(page.locator("#ensuite + .st")).to_have_text("Bail signé")
    expect(page.locator(".timeline")).to_contain_text("Bail signé")
    vacancy = Vacancy.objects.get()
    assert outcomes([vacancy]) == {vacancy.pk: {"ALLOCATED": today, "LEASED": today}}
    page.get_by_role("link", name="Bilan annuel").first.click()
    page.get_by_role("link", name="Robine Habitat").first.click()
    page.locator("summary").filter(has_text="Parts, comptage et suites").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Ville de Narbonne"))
    expect(row.filter(has_text="au bail signé").last).to_contain_text("1 au bail signé")
    lease = Lease.objects.get()
    assert (lease.holder, lease.signed_on) == (live.holders["city"], today)


def declare_and_confirm(page: Page, unit: Unit) -> None:
    """Aline declares the unit; the worker routes it while she looks; she confirms."""
    today = timezone.localdate()
    page.get_by_role("link", name="Déclarer un logement libéré").first.click()
    page.get_by_label("Référence ou adresse").fill("victor hugo")
    page.get_by_role("button", name="Chercher le logement").click()
    page.get_by_role("link", name=f"Choisir {unit.reference}").click()
    page.get_by_label("Congé reçu le").fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Libre le").fill(f"31/12/{today.year}")
    page.get_by_role("button", name="Déclarer le logement libéré").click()
    confirm = page.get_by_role("button", name="Orienter vers la Ville de Narbonne")
    expect(confirm).to_be_visible(timeout=20_000)
    confirm.click()
    expect(page.locator(".alert.ok")).to_contain_text("Ville de Narbonne")
    assert Routing.objects.get().motive == ""


def propose(page: Page) -> None:
    """Chloé, at the city, finds it on her home, and sends three candidates."""
    page.get_by_role("link", name="Lire la fiche").click()
    page.get_by_role("link", name="Candidats, commission et bail").click()
    for rank in (1, 2, 3):
        add(page, rank)
    for _ in range(2):  # the link, then the button of the page it leads to
        page.locator("main").get_by_text("Transmettre 3 candidats", exact=True).click()
    expect(page.locator(".alert.ok")).to_contain_text("votre délai s’arrête")


def instruct(page: Page, unit: Unit) -> None:
    """Aline finds the files on her home, and verifies each."""
    page.get_by_role("link", name="À décider").first.click()
    page.get_by_role("link", name="Dossiers à instruire", exact=True).click()
    page.get_by_role("link", name=unit.reference, exact=True).click()
    for rank in (1, 2, 3):
        page.get_by_role("link", name=f"Instruire le candidat n° {rank}").first.click()
        page.get_by_role("button", name="Dossier vérifié, prêt pour la CALEOL").click()
        expect(page.locator(".alert.ok")).to_contain_text(f"Candidat n° {rank} instruit")


def allocate(page: Page, unit: Unit) -> None:
    """She convenes the committee for today, records what it decides, and seals the minutes."""
    page.get_by_role("link", name="Mettre à l’ordre du jour").click()
    page.locator("details.act > summary").filter(has_text="Convoquer une séance").click()
    page.get_by_label("Jour de la séance").fill(f"{timezone.localdate():%d/%m/%Y}")
    page.get_by_label("Heure de la séance").fill("23 h 59")
    page.get_by_role("radio", name="en salle").check()
    page.get_by_label("Lieu").fill("Siège")
    page.get_by_role("button", name="Convoquer la séance").click()
    page.get_by_label("T3 PLUS").check()
    page.get_by_role("button", name="Mettre à l’ordre du jour").click()
    for each in ("Alice", "Bob"):
        page.locator("label.pick").filter(has_text=each).get_by_role("checkbox").check()
    page.get_by_role("button", name="Ouvrir la séance").click()
    page.locator("tbody").get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("Ressources / plafond du ménage")
    for letter, rank in (("a", "1"), ("b", "2")):
        page.locator(f"#kind_{letter}").get_by_label("Attribution, avec un rang").check()
        page.locator(f"#rank_{letter}").select_option(rank)
    page.locator("#kind_c").get_by_label("Non-attribution", exact=True).check()
    page.locator("#not_allocated_c").select_option("EFFORT")
    page.get_by_role("button", name="Enregistrer la décision").click()
    expect(page.locator(".alert.ok")).to_contain_text("Logement 1.")
    page.locator("details.act > summary").filter(has_text="Clore et sceller").click()
    page.get_by_role("button", name="Clore la séance").click()
    expect(page.locator("main")).to_contain_text("Sceau vérifié")
    assert CommitteeSession.objects.get().seal
    assert [*Proposal.objects.order_by("position").values_list("status", flat=True)] == [
        "ALLOCATED",
        "ALLOCATED",
        "ENDED",
    ]


def sign(page: Page, unit: Unit) -> None:
    """Back on her home: the offer, its answer, the lease."""
    page.get_by_role("link", name="À décider").first.click()
    page.get_by_role("link", name="Offres à envoyer").click()
    page.get_by_role("link", name=unit.reference).first.click()
    page.get_by_role("button", name="Envoyer l’offre au candidat n° 1").click()
    page.get_by_role("radio", name="Il accepte le logement").check()
    page.get_by_role("button", name="Enregistrer la réponse").click()
    page.get_by_role("button", name="Enregistrer le bail signé").click()
    expect(page.locator(".alert.ok")).to_contain_text("L’autre candidat est libéré")
    page.get_by_role("link", name="Candidats, étape par étape").click()
    expect(page.locator("#ensuite + .st")).to_have_text("Bail signé")
