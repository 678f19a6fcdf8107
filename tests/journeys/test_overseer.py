"""An EPCI officer compares three landlords, in a real Chromium: the territory, a balance, objectives, a PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from attributions.bilan.models import StatedPurpose
from attributions.bilan.queries.deadlines import followed_exercise
from attributions.households.models import Lease
from flux.models import Ledger, Routing, Vacancy
from flux.operations.routing import confirm_recommendations
from reservations.models import Landlord
from reservations.operations.party import register_landlord
from tests.attributions.bilan.matrix_states import contested, sent, signed
from tests.attributions.households.lettings import sign
from tests.flux.before_the_rule import route_all
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
        route_all(ledger, now=now)
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


def rows_of(table: Locator) -> list[Locator]:
    return table.locator("tbody tr, tfoot tr").all()


def counted(world: World, year: int) -> dict[str, tuple[str, str]]:
    """(first quartile, leases) of each landlord in the territory, and of all of them, counted apart."""
    inside = Lease.objects.filter(signed_on__year=year, vacancy__unit__commune__epci=world.places["Le Grand Narbonne"])
    found: dict[str, tuple[int, int]] = {}
    for lease in inside.select_related("vacancy__unit__landlord__organisation"):
        for name in (str(lease.vacancy.unit.landlord), "Territoire"):
            first, leases = found.get(name, (0, 0))
            found[name] = (first + (lease.income_quartile == 1), leases + 1)
    return {name: (str(first), str(leases)) for name, (first, leases) in found.items()}


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
        text, answered = "À venir", "Attendu"
    else:
        text, answered = "À l’heure" if today < date(year + 1, 2, 28) else "En retard", "Remarque"
    expect(matrix).to_contain_text(text)
    expect(matrix).to_contain_text(answered)
    emma.unfold()
    compared = figures(page, "#balance-compare-landlords table")
    assert list(compared) == ["Corbières Logis", "Orbieu Habitat", "Robine Habitat"]
    assert [compared[str(landlord)][0] for landlord in landlords] == ["5", "2", "7"]

    page.locator("#balance-compare-landlords").get_by_role("link", name="Orbieu Habitat").click()
    expect(page.get_by_role("combobox", name="Territoire")).to_have_value(str(live.places["Le Grand Narbonne"].pk))
    expect(page.locator("main")).to_contain_text("2 logements entrés dans le flux")
    page.go_back()
    emma.unfold()
    expect(page.locator("#objectifs")).to_be_visible()
    objectives = page.get_by_role("table", name="Hors QPV")
    expect(objectives).to_contain_text("non communiqué")
    page.get_by_role("link", name=f"Dire pourquoi, et lire les chiffres entiers de {year}").click()
    page.get_by_role("combobox", name="Finalité").select_option(StatedPurpose.Why.CIA.value)
    page.get_by_role("button", name=f"Lire les chiffres entiers de {year}").click()
    page.wait_for_url(f"{emma.base}/bilans/territoire/{year}/")
    expect(page.get_by_role("status")).to_contain_text("Finalité inscrite au journal")
    emma.unfold()
    values = {row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in rows_of(objectives)}
    assert {name: (cells[0], cells[1]) for name, cells in values.items()} == counted(live, year)
    expect(objectives).not_to_contain_text("non communiqué")
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


def whole(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def test_state_officer_adds_up_a_departement(live: World, person: Arrive) -> None:
    """The préfecture adds up the balances of its landlords, one by one: the page has the same total."""
    year, landlords = furnish(live)
    bob = person("bob")
    page = bob.visit(f"/bilans/territoire/{year}/")
    bob.unfold()
    table = page.locator("#balance-compare-landlords table")
    names = ("Flux net", "Proposés", "Attribués", "Loués")
    printed = {name: whole(table.locator(f'tfoot td[data-l="{name}"]').inner_text()) for name in names}
    added = dict.fromkeys(names, 0)
    for landlord in landlords:
        row = table.locator("tbody tr").filter(has_text=str(landlord))
        for name in names:
            added[name] += whole(row.locator(f'td[data-l="{name}"]').inner_text())
        net = row.locator('td[data-l="Flux net"]').inner_text()
        row.get_by_role("link").first.click()
        expect(page.locator("main")).to_contain_text(f"{net} logements entrés dans le flux")
        page.go_back()
        bob.unfold()
    assert added == printed
    vacated = Vacancy.objects.filter(kind=Vacancy.Kind.IN_FLOW, registered_on__year=year)
    assert added["Flux net"] == vacated.filter(unit__commune__departement=live.places["Aude"]).count() > 0

    page.goto(f"{bob.base}/bilans/etat/{year}/")
    contingents = page.locator("section[aria-labelledby=contingents] table")
    for name in ("Dû", "Reçus", "Proposés"):
        rows = contingents.locator(f'tbody td[data-l="{name}"]').all_inner_texts()
        foot = contingents.locator(f'tfoot td[data-l="{name}"]').all_inner_texts()
        assert sum(map(exact, rows)) == sum(map(exact, foot)), name


def exact(text: str) -> Decimal:
    return Decimal(re.sub(r"[^\d,−]", "", text).replace(",", ".").replace("−", "-"))
