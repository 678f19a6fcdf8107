"""An EPCI officer compares three landlords, in a real Chromium: the territory, a balance, objectives, a PDF."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from attributions.bilan.queries.dates import followed_exercise
from flux.models import Ledger, Routing
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import Landlord
from reservations.operations.party import register_landlord
from tests.attributions.bilan.standings import contested, sent, signed
from tests.attributions.households.lettings import sign
from tests.journeys.conftest import Person
from tests.world import World, convention, manager_of

pytestmark = pytest.mark.browser

Arrive = Callable[..., Person]


def furnish(world: World) -> tuple[int, list[Landlord]]:
    """The exercise that is followed, and three landlords that lived it: six, four and two units in Narbonne."""
    year = followed_exercise(timezone.localdate())
    hold, where = world.holders, world.places
    robine = world.landlord
    corbieres = register_landlord(siren="999000029", name="Corbières Logis", acronym="CL")
    orbieu = register_landlord(siren="999000037", name="Orbieu Habitat", acronym="OH")
    for landlord in (corbieres, orbieu):
        convention(landlord, world.state, where["Aude"], (hold["priority"], "25", 1), (hold["agents"], "5", 2))
        convention(landlord, world.city, where["Narbonne"], (hold["city"], "20", 3))
    now = timezone.now().replace(year=year)
    for landlord, count in ((robine, 6), (corbieres, 4), (orbieu, 2)):
        for number in range(count):
            world.vacancy(landlord=landlord, now=now - timedelta(days=count - number))
        world.vacancy(landlord=landlord, commune="Béziers" if landlord == orbieu else "Sigean", now=now)
    for ledger in Ledger.objects.all():
        route_waiting_vacancies(ledger_id=ledger.pk, now=now)
        every = list(ledger.vacancies.values_list("pk", flat=True))
        confirm_recommendations(vacancies=every, by=manager_of(ledger.landlord), now=now)
    for number, routing in enumerate(Routing.objects.order_by("pk")):
        if number % 2 == 0:
            sign(world, routing.vacancy, signed_on=now.date(), in_qpv=False, income_quartile=1 + number % 4)
    version = sent(world, robine, world.city, world.epci, world.als, at=timezone.now(), exercise=year)
    signed(version, world.als, at=timezone.now(), world=world)
    contested(version, world.city, at=timezone.now(), world=world)
    return year, [corbieres, orbieu, robine]


def figures(page: Page, table: str) -> dict[str, list[str]]:
    """The cells of each row of a table, by the words of its heading."""
    rows = page.locator(f"{table} tbody tr")
    return {row.locator("th b").inner_text(): row.locator("td").all_inner_texts() for row in rows.all()}


def test_epci_officer_compares_three_landlords(live: World, person: Arrive) -> None:
    year, landlords = furnish(live)
    emma = person("emma")
    page = emma.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Qui a transmis quoi, et tenons-nous le cap ?")
    page.get_by_role("link", name="Comparer les bailleurs").click()
    page.wait_for_url(f"{emma.base}/bilans/territoire/{year}/")

    matrix = page.locator("#transmis").locator("xpath=ancestor::section")
    for landlord in landlords:
        expect(matrix).to_contain_text(str(landlord))
    today = timezone.localdate()
    if year == today.year:  # what is sent of a year that runs is a step on the way: the balance is still to come
        said, answered = "À venir", "Attendu"
    else:
        said, answered = "À l’heure" if today < date(year + 1, 2, 28) else "En retard", "Remarque"
    expect(matrix).to_contain_text(said)
    expect(matrix).to_contain_text(answered)
    compared = figures(page, "#balance-compare-landlords table")
    assert list(compared) == ["Corbières Logis", "Orbieu Habitat", "Robine Habitat"]
    assert [compared[str(landlord)][0] for landlord in landlords] == ["5", "2", "7"]

    page.locator("#balance-compare-landlords").get_by_role("link", name="Orbieu Habitat").click()
    expect(page.get_by_role("combobox", name="Territoire")).to_have_value(str(live.places["Le Grand Narbonne"].pk))
    expect(page.locator("main")).to_contain_text("2 logements entrés dans le flux")
    page.go_back()
    expect(page.locator("#objectifs")).to_be_visible()
    page.get_by_role("link", name="Les taux en vigueur et leurs sources").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Les objectifs d’attribution sont‑ils tenus ?")
    page.go_back()

    page.get_by_role("link", name="Préparer la fiche d’une page pour l’élu").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Les logements promis arrivent-ils sur notre territoire ?"
    )
    with page.expect_download() as taken:
        page.get_by_role("link", name="Télécharger le PDF d’une page").click()
    content = io.BytesIO(taken.value.path().read_bytes())
    pdf = PdfReader(content)
    assert len(pdf.pages) == 1
    written = pdf.pages[0].extract_text()
    for landlord in landlords:
        assert str(landlord) in written
