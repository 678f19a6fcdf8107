"""The three systems of reservation, each from the inventory to a routed vacancy, in a real Chromium.

Stock: a unit named by an old title goes to its holder. Mixed: titles on some units, a signed share on the others.
Flux: the titles are converted into a share, signed, and the same units enter the flow.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from flux.models import FlowEntry, Routing, Unit, Vacancy
from reservations.models import Convention, StockRight
from tests.guards import unguarded
from tests.journeys.conftest import Person, import_chosen, wait_until
from tests.world import World

pytestmark = pytest.mark.browser

Arrive = Callable[..., Person]
HEADER = (
    "reference_titre;siren_reservataire;contingent;fondement;usage;debut;fin;fin_emprunt;programme;"
    "reference_logement;nombre_logements"
)


def without_conventions(world: World, *kept: str) -> None:
    """The years before: nothing signed but what is named. The acts do not unsign: the rows are put out of time."""
    for name, convention in world.conventions.items():
        if name not in kept:
            with unguarded("reservations_convention.end_kept"):
                Convention.objects.filter(pk=convention.pk).update(ends_on=convention.starts_on)


def inventory(world: World, units: list[Unit], folder: Path, *, until: int) -> Path:
    """The file of a landlord: one title of the city, by a loan guarantee, on each of these units."""
    rows = [f"VN-2010-1;{world.city.siren};4;garantie;suite;01/01/2010;;31/12/{until};;{u.reference};" for u in units]
    path = folder / "inventaire.csv"
    path.write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return path


def import_titles(page: Page, path: Path) -> None:
    """Through the screen: choose the file, read what it would do, confirm."""
    page.get_by_role("link", name="Importer un inventaire").click()
    page.locator("input[type=file]").set_input_files(path)
    import_chosen(page)
    assert StockRight.objects.count() == 1


def declare(page: Page, base: str, unit: Unit) -> Vacancy:
    """Declare a unit vacant from its own page, in the flow unless a title says otherwise."""
    today = timezone.localdate()
    page.goto(f"{base}/liberes/declarer/?unit={unit.pk}")
    page.get_by_label("Congé reçu le").fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Libre le").fill(f"31/12/{today.year}")
    page.get_by_role("button", name="Déclarer le logement libéré").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("À qui revient ce logement ?")
    return Vacancy.objects.get(unit=unit)


@pytest.mark.nightly  # the mixed system, below, begins with it
def test_stock_a_named_unit_goes_to_its_holder(
    live: World, worker: subprocess.Popen[bytes], person: Arrive, tmp_path: Path
) -> None:
    without_conventions(live)
    unit = live.unit()
    alice = person("alice")
    import_titles(alice.visit("/droits-en-stock/"), inventory(live, [unit], tmp_path, until=timezone.localdate().year))
    vacancy = declare(alice.page, alice.base, unit)
    routing = vacancy.routings.get()
    assert (vacancy.kind, vacancy.stock_right, routing.holder) == (
        Vacancy.Kind.STOCK,
        StockRight.objects.get(),
        live.holders["city"],
    )
    assert FlowEntry.objects.count() == 0
    chloe = person("chloe", width=390)
    expect(chloe.page.locator("main")).to_contain_text(unit.address)


def test_mixed_titles_for_some_units_a_share_for_the_others(
    live: World, worker: subprocess.Popen[bytes], person: Arrive, tmp_path: Path
) -> None:
    without_conventions(live, "state", "als")
    named, other = live.unit(), live.unit()
    alice = person("alice")
    import_titles(alice.visit("/droits-en-stock/"), inventory(live, [named], tmp_path, until=timezone.localdate().year))
    assert declare(alice.page, alice.base, named).routings.get().holder == live.holders["city"]
    vacancy = declare(alice.page, alice.base, other)
    follow = alice.page.get_by_role("button", name="Orienter vers")
    expect(follow).to_be_visible(timeout=20_000)
    seen = {row["name"] for row in vacancy.recommendations.get().situation["holders"]}
    assert seen == {"État – publics prioritaires", "État – agents", "Action Logement Services", "Non réservé"}
    follow.click()
    expect(alice.page.locator(".alert.ok")).to_be_visible()
    assert Routing.objects.filter(vacancy=vacancy, closed_at=None).count() == 1
    assert FlowEntry.objects.filter(stage="DUE").values("vacancy").distinct().count() == 1

    # The préfecture reads who has signed, and whose flow is its to manage for want of a convention.
    bob = person("bob")
    board = bob.visit("/conformite/").locator("main")
    row = board.get_by_role("row").filter(has_text="Ville de Narbonne")
    expect(row).to_contain_text("gérée par le préfet")
    expect(board.locator(".answer")).to_contain_text("2 réservataires sur 4")


def test_flux_titles_become_a_share_and_their_units_enter_the_flow(
    live: World, worker: subprocess.Popen[bytes], person: Arrive, tmp_path: Path
) -> None:
    without_conventions(live, "state", "als")
    today = timezone.localdate()
    units = [live.unit() for _ in range(10)]
    titled = units[:3]
    for unit in units[7:]:  # what fell vacant this year gives the rotation
        live.vacancy(unit, now=timezone.now())
    alice = person("alice")
    import_titles(alice.visit("/droits-en-stock/"), inventory(live, titled, tmp_path, until=today.year + 10))

    # What are these titles worth? The worksheet, then a draft that carries its share.
    page = alice.visit("/conversions/nouvelle/")
    page.get_by_label("Réservataire", exact=True).select_option(label="Ville de Narbonne")
    work_out(page, starts_on=today, ends_on=date(today.year + 2, 12, 31))
    expect(page.locator(".answer")).to_contain_text("30 %")  # 3 units of 10, alive to the end
    open_and_press(page, "Reprendre dans un projet", "Reprendre dans un projet")
    convention = Convention.objects.get(organisation=live.city, status="DRAFT")
    assert [quota.share for quota in convention.quotas.all()] == [300_000]

    # Proposed, then signed by each: the titles stop, and stand in the history.
    page.goto(f"{alice.base}/conventions/{convention.pk}/")
    open_and_press(page, "Proposer la convention", "Proposer la convention")
    convention.refresh_from_db()
    assert convention.status == Convention.Status.PROPOSED
    open_and_press(page, "Signer la convention", "Signer la convention")
    city = person("chloe").visit(f"/conventions/{convention.pk}/")
    open_and_press(city, "Signer la convention", "Signer la convention")
    convention.refresh_from_db()
    assert convention.status == Convention.Status.SIGNED
    assert StockRight.objects.get().converted_in == convention

    # The same unit falls vacant: it is in the flow now, and the city has its share of it.
    vacancy = declare(page, alice.base, titled[0])
    assert vacancy.kind == Vacancy.Kind.IN_FLOW
    wait_until(vacancy.recommendations.exists)
    shares = {row["name"]: row["share"] for row in vacancy.recommendations.get().situation["holders"]}
    assert shares["Ville de Narbonne"] == 300_000


def work_out(page: Page, *, starts_on: date, ends_on: date) -> None:
    """The two pages of a conversion: its term, then the figures that were found, taken as they are."""
    page.locator("[name=starts_on]").fill(f"{starts_on:%d/%m/%Y}")
    page.locator("[name=ends_on]").fill(f"{ends_on:%d/%m/%Y}")
    page.get_by_role("button", name="Lire les chiffres").click()
    page.locator("[name=label]").fill("Titre de 2010")
    page.get_by_role("button", name="Calculer la variante").click()


def open_and_press(page: Page, summary: str, button: str) -> None:
    """Open the act that asks for a confirmation, and confirm."""
    page.locator("details.act > summary").filter(has_text=summary).first.click()
    page.get_by_role("button", name=button).first.click()
    expect(page.locator(".alert").first).to_be_visible()
