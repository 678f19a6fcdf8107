"""A holder's desk: units of several landlords, its households by one file, sent by ticks and by a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from attributions.households.models import Application, Proposal
from flux.models import DecisionWindow, Routing
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from reservations.imports.door import run
from reservations.models import FileImport
from reservations.operations.party import register_landlord
from tests.attributions.households.sne_files import number
from tests.journeys.conftest import Person
from tests.world import ALONE_SINCE, World, convention

pytestmark = pytest.mark.browser

#: Keys and buttons of the mouse that go down, whatever the page: what a person spends.
COUNTS = "for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => pressed(), true)"
#: What choosing a file costs in the window of the system, that no page sees: its line, then « Ouvrir ».
IN_THE_SYSTEM = 2


def four_landlords(world: World, units: int) -> list[Routing]:
    """As many units of each, that the city is proposed."""
    parties = [world.landlord, world.other_landlord]
    for siren, name, acronym in (
        ("999000037", "Habitat des Étangs", "HE"),
        ("999000045", "Logis de la Clape", "LC"),
    ):
        parties.append(register_landlord(siren=siren, name=name, acronym=acronym))
        DecisionWindow.objects.create(landlord=parties[-1], length=1, days=0, starts_on=ALONE_SINCE)
    now, city, by = timezone.now(), world.holders["city"], world.people["aline"]
    routings = []
    for landlord in parties:
        if landlord != world.landlord:
            convention(landlord, world.city, world.places["Narbonne"], (city, "60", 1))
        freed = [world.vacancy(world.unit(landlord=landlord, surface=34), now=now) for _ in range(units // 4)]
        route_waiting_vacancies(ledger_id=freed[0].ledger_id, now=now)
        to_city = [each for each in freed if each.recommendations.latest("attempt").holder_id == city.pk]
        routings += confirm_recommendations(vacancies=[each.pk for each in to_city], by=by, now=now)
        terms = {"holder": city, "motive": "OTHER", "motive_text": "Essai.", "by": by, "now": now}
        routings += [route_elsewhere(vacancy=each, **terms) for each in freed if each not in to_city]
    assert {routing.holder_id for routing in routings} == {city.pk}
    return routings


def give(page: Page, path: Path, lines: Iterable[str]) -> int:
    """A file is chosen, checked, read, confirmed, written: how many presses it costs out of the page."""
    path.write_text("\r\n".join(lines), encoding="utf-8")
    with page.expect_file_chooser() as chosen:
        page.locator("input[type=file]").click()
    chosen.value.set_files(path)
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.locator("#voir-import")).to_be_visible()
    run(FileImport.objects.latest("pk"))
    page.locator("#voir-import").click()
    page.get_by_role("button", name="Importer ").click()
    expect(page.locator("#voir-import")).to_be_visible()
    assert run(FileImport.objects.latest("pk")).state == FileImport.State.DONE
    page.locator("#voir-import").click()
    expect(page.get_by_role("link", name="Voir ce qui est importé")).to_be_visible()
    return IN_THE_SYSTEM


def by_workbook(routings: list[Routing], households: int) -> list[str]:
    """A line a household: three for the first unit of four, as the law asks for, two and a reason for the others."""
    lines, rank = ["référence;rang;NUD;pourquoi moins de candidats"], households
    for place, routing in enumerate(routings):
        many, why = (2, "Peu de demandes.") if place % 4 else (3, "")
        for each in range(many):
            lines.append(f"{routing.vacancy.unit.reference};{each + 1};{number(rank)};{why}")
            rank -= 1
    return lines


@pytest.mark.parametrize("units", [20, pytest.param(200, marks=pytest.mark.nightly)])
def test_three_units_of_five_have_their_candidates_in_few_presses_and_nobody_is_sent_twice(
    live: World, person: Callable[..., Person], units: int, tmp_path: Path
) -> None:
    """CCH, R441-3 asks for three candidates, or says why there are fewer. Of 200 units and 300 households, 120 units
    are sent: 40 by boxes that the page ticks, 80 by a workbook."""
    households, filed = units * 3 // 2, units * 2 // 5
    routings = four_landlords(live, units)
    chloe, pressed = person("chloe"), []
    chloe.window.expose_function("pressed", lambda: pressed.append(1))
    chloe.window.add_init_script(COUNTS)
    page = chloe.page

    page.get_by_role("link", name="Candidats", exact=True).click()
    page.get_by_role("link", name="Mes ménages").first.click()
    page.get_by_role("link", name="Importer des ménages").click()
    since = timezone.localdate() - timedelta(900)
    head = "NUD;nom;né le;demande du;adultes;enfants;RFR;communes souhaitées"
    rows = (
        f"{number(rank)};Ménage {rank:03};12/03/1984;{since + timedelta(rank):%d/%m/%Y};2;1;18000;Narbonne"
        for rank in range(1, households + 1)
    )
    elsewhere = give(page, tmp_path / "menages.csv", [head, *rows])
    assert Application.objects.count() == households

    def to_send() -> None:
        page.get_by_role("link", name="Candidats", exact=True).click()
        page.get_by_role("link", name="Mes ménages").first.click()
        page.get_by_role("link", name="Proposer pour plusieurs logements").click()

    to_send()
    expect(page.locator(".answer")).to_contain_text(f"{units} attendent vos candidats")
    page.get_by_role("link", name="Transmettre par un fichier").click()
    elsewhere += give(page, tmp_path / "candidats.csv", by_workbook(routings[:filed], households))
    assert Proposal.objects.sent().values("vacancy").distinct().count() == filed

    to_send()
    while Proposal.objects.sent().count() < households:
        page.get_by_role("link", name="Cocher les plus anciens qui conviennent").click()
        expect(page.locator(".answer")).to_contain_text("aucun deux fois")
        page.get_by_role("button", name="Transmettre les ménages cochés").click()
        expect(page.locator(".alert.ok")).to_contain_text("ménages transmis")
    assert Proposal.objects.sent().values("vacancy").distinct().count() == units * 3 // 5
    assert Proposal.objects.values("application").distinct().count() == Proposal.objects.count() == households
    expect(page.locator(".answer")).to_contain_text(f"{units * 2 // 5} attendent vos candidats")
    assert len(pressed) + elsewhere <= 150
