"""Candidates, from the routing to files ready for the committee, in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from attributions.households.models import Proposal
from attributions.notices.models import Notice
from reservations.models import Convention
from tests.attributions.households.candidates import agree, number, routed
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser


def add(page: Page, rank: int) -> None:
    """By its number, then its household; the number is in no address."""
    page.get_by_role("link", name=re.compile("Ajoutez un candidat|Ajouter par numéro unique")).click()
    page.get_by_role("textbox", name="Numéro unique").fill(number(rank))
    page.get_by_role("button", name="Continuer").click()
    page.get_by_label("Nom et prénom du demandeur").fill(f"Ménage {rank}")
    page.get_by_label("Né ou née le").fill("12/03/1984")
    page.get_by_label("Adultes").fill("2")
    page.get_by_label("Revenu fiscal de référence").fill("18 400")
    page.get_by_label("Catégorie prioritaire").select_option(label="menacé d’expulsion sans relogement")
    page.get_by_role("button", name="Ajouter ce candidat").click()
    expect(page.locator(".alert.ok")).to_contain_text("ajouté")
    assert number(rank) not in page.url


@pytest.mark.nightly  # tests/journeys/test_vacancy_to_lease.py proposes three, and instructs them
def test_holder_proposes_three_candidates_and_the_landlord_instructs_them(
    live: World, person: Callable[..., Person]
) -> None:
    agree(live.conventions["city"], proposal_days=10, minimum_candidates=3)
    routing = routed(live, now=timezone.now())
    reference = routing.vacancy.unit.reference

    # Chloé, on her phone, finds the unit that awaits her candidates, and adds three.
    page = person("chloe", width=390, javascript=False).visit("/candidats/")
    expect(page.locator("main")).to_contain_text("Proposez au moins 3 candidats au plus tard le")
    page.get_by_role("link", name=reference, exact=True).click()
    for rank in (1, 2):
        add(page, rank)
    page.get_by_role("link", name="Transmettre 2 candidats").click()
    expect(page.locator("main")).to_contain_text("2 sur 3 candidats au moins à examiner : il en manque 1.")
    add(page, 3)
    page.get_by_role("link", name="Transmettre 3 candidats").click()
    page.get_by_role("button", name="Transmettre 3 candidats").click()
    expect(page.locator(".alert.ok")).to_contain_text("votre délai s’arrête")
    routing.refresh_from_db()
    assert routing.answered_on == timezone.localdate()

    # Aline verifies each file; one income is corrected, and the history keeps what it was.
    page = person("aline").visit("/candidats/")
    page.get_by_role("link", name=reference, exact=True).click()
    for rank in (1, 2, 3):
        page.get_by_role("link", name=f"Instruire le candidat n° {rank}").first.click()
        if rank == 1:
            page.get_by_label("Revenu fiscal de référence").fill("19 900")
        page.get_by_label("Taux d’effort").fill("24,5")
        page.get_by_role("button", name="Dossier vérifié, prêt pour la CALEOL").click()
        expect(page.locator(".alert.ok")).to_contain_text(f"Candidat n° {rank} instruit")
    expect(page.locator(".why")).to_contain_text("inscrit ce logement à l’ordre du jour")
    page.get_by_role("link", name="Ménage 1").click()
    expect(page.locator("main")).to_contain_text("18400 → 19900")
    assert set(Proposal.objects.values_list("status", flat=True)) == {"READY"}


def test_landlord_proposes_on_behalf_of_the_holder_that_sees_it(live: World, person: Callable[..., Person]) -> None:
    agree(live.conventions["city"], management=Convention.Management.DELEGATED)
    routing = routed(live, now=timezone.now())
    path = f"/liberes/{routing.vacancy_id}/candidats/"

    page = person("aline").visit(path)
    expect(page.locator("main")).to_contain_text("Robine Habitat cherche les candidats pour la Ville de Narbonne")
    add(page, 1)
    page.get_by_role("link", name="Transmettre 1 candidat").click()
    page.get_by_role("radio", name="Insuffisance du nombre de candidats").check()
    page.get_by_label("Pourquoi il n’y a pas assez de candidats").fill("Une seule demande de T3.")
    page.get_by_role("button", name="Transmettre 1 candidat").click()
    expect(page.locator(".alert.ok")).to_contain_text("leur instruction peut commencer")

    # Chloé is reported, sees the candidate of her contingent by name, and has nothing to do.
    assert Notice.objects.filter(organisation=live.city, kind="SENT").exists()
    page = person("chloe", width=390).visit(path)
    expect(page.locator("main")).to_contain_text("1 candidat transmis par Robine Habitat")
    expect(page.locator("main")).to_contain_text("Ménage 1")
    expect(page.get_by_role("link", name="Choisir parmi vos ménages")).to_have_count(0)
