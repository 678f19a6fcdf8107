"""From an empty database to the first routed vacancy, only by screens: the text of docs/go-live.md."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from flux.models import Routing
from reservations.models import Organisation
from reservations.operations.people_review import appoint_administrator
from tests.flux.imports.unit_files import many, units
from tests.journeys.conftest import Person, import_chosen
from tests.world import PASSWORD, World, _places, siren

pytestmark = pytest.mark.browser


@pytest.fixture
def windows(browser: Browser) -> Iterator[list[BrowserContext]]:
    """A window for each person: the operator, the landlord's manager, the holder's."""
    contexts = [browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR") for _ in range(3)]
    for context in contexts:
        context.set_default_timeout(15_000)
    yield contexts
    for context in contexts:
        context.close()


def choose_password(page: Page, link: str) -> None:
    """A person opens the link that was passed on to them."""
    page.goto(link)
    page.get_by_label("Votre mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Ouvrir mon compte").click()
    expect(page.locator(".alert")).to_contain_text("Bienvenue")


def give(page: Page, base: str, kind: str, name: str, content: bytes) -> None:
    """A file is chosen, checked by the worker, read, confirmed, written."""
    page.goto(f"{base}/fichiers/")
    page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true })")
    page.get_by_role("link", name=kind, exact=True).click()
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    import_chosen(page)


def test_from_an_empty_database_to_the_first_routed_vacancy(
    transactional_db: None,
    live_server: object,
    worker: subprocess.Popen[bytes],
    windows: list[BrowserContext],
) -> None:
    base, today = str(live_server), timezone.localdate()
    _places(World())
    appoint_administrator(
        siren=siren(5), organisation_name="Équiflux", email="adam@exemple.test", full_name="Adam", password=PASSWORD
    )

    # Before: the operator records the landlord, and invites its manager.
    operator = Person(windows[0], base)
    page = operator.sign_in("adam@exemple.test")
    operator.visit("/organisations/nouvelle/")
    page.get_by_label("Nom").fill("Habitat de l’Aude")
    page.get_by_label("SIREN").fill(siren(70))
    page.get_by_label("Nature").select_option("LANDLORD")
    page.get_by_label("Sigle").fill("HA")
    page.get_by_role("button", name="Enregistrer l’organisation").click()
    page.get_by_role("radio", name="une convention d’Habitat de l’Aude").check()
    assert len(operator.complaints) == 1  # the browser’s own line on a 422
    operator.complaints.clear()
    page.get_by_role("button", name="Enregistrer l’organisation").click()
    operator.visit("/personnes/nouvelle/")
    page.get_by_label("Adresse électronique professionnelle").fill("alice@exemple.test")
    page.get_by_label("Nom de la personne ou du service").fill("Alice")
    page.get_by_label("Organisation", exact=True).select_option(label="Habitat de l’Aude")
    page.get_by_label("Responsable chez le bailleur").check()
    page.get_by_role("button", name="Faire le lien d’invitation").click()
    link = page.get_by_label(re.compile("^Lien, à envoyer")).input_value()

    # The manager: a password of her own, the stock, a holder, its convention.
    alice = Person(windows[1], base)
    choose_password(alice.page, link)
    give(alice.page, base, "Logements, un par ligne", "parc.csv", units(*many(3)))
    alice.visit("/reservataires/nouveau/")
    alice.page.get_by_label("Nature").select_option("COMMUNE")
    alice.page.get_by_label("Territoire").fill("Narbonne")
    alice.page.get_by_label("Adresse électronique de son responsable").fill("chloe@exemple.test")
    alice.page.get_by_label("Nom de ce responsable ou de son service").fill("Chloé")
    alice.page.get_by_role("button", name="Ajouter ce réservataire").click()
    link = alice.page.get_by_label(re.compile("^Lien, à envoyer")).input_value()
    rates = f"réservataire;taux;début;fin;signée le\r\nVille de Narbonne;60;01/01/{today.year};31/12/{today.year + 2};"
    give(alice.page, base, "Conventions et leurs taux", "taux.csv", f"{rates}{today - timedelta(1):%d/%m/%Y}".encode())

    # The holder's manager enters, with nobody else's help.
    chloe = Person(windows[2], base)
    choose_password(chloe.page, link)
    assert Organisation.objects.get(name="Ville de Narbonne").siren == "211102629"

    # The first vacancy: declared, routed, read by the holder.
    page = alice.visit("/liberes/declarer/")
    page.get_by_label("Référence ou adresse").fill("A-000001")
    page.get_by_role("button", name="Chercher le logement").click()
    page.get_by_role("link", name="Choisir A-000001").click()
    page.get_by_label("Congé reçu le").fill(today.strftime("%d/%m/%Y"))
    page.get_by_label("Libre le").fill(f"31/12/{today.year}")
    page.get_by_role("button", name="Déclarer le logement libéré").click()
    follow = page.get_by_role("button", name="Orienter vers la Ville de Narbonne")
    expect(follow).to_be_visible(timeout=20_000)
    follow.click()
    expect(page.locator(".alert.ok")).to_contain_text("Ville de Narbonne")
    assert Routing.objects.get().holder.organisation.name == "Ville de Narbonne"
    expect(chloe.visit("/").locator("main")).to_contain_text("Voie 0")
    assert [complaint for each in (operator, alice, chloe) for complaint in each.complaints] == []
