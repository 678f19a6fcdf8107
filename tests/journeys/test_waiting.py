"""What is being calculated comes by itself, in a real Chromium, and is not asked again once it is there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from attributions.bilan.operations.printing import draw_next
from flux.operations.replaying import replay_next
from flux.operations.routing import sweep_waiting_vacancies
from reservations.imports.door import receive_file, run
from reservations.imports.kinds import kind_of
from tests.flux.imports.unit_files import many, units
from tests.flux.test_whatif import key
from tests.flux.test_whatif import live as in_course
from tests.house.tree import ROOT, STOREYS
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser

#: Where what a swap brings is calculated, and what calculates it.
Scene = tuple[str, Callable[[], object]]


def _destination(live: World) -> Scene:
    return reverse("vacancy-detail", args=[live.vacancy().pk]), sweep_waiting_vacancies


def _destinations(live: World) -> Scene:
    live.vacancy()
    sweep_waiting_vacancies()
    live.vacancy()
    return reverse("home"), sweep_waiting_vacancies


def _file(live: World) -> Scene:
    ours = live.landlord.organisation
    order = receive_file(organisation=ours, kind=kind_of("logements"), name="parc.csv", content=units(*many(3)))
    return reverse("file-import", args=[order.pk]), lambda: run(order)


def _replayed_year(live: World) -> Scene:
    ledger = in_course(live, 6)
    share = "share-{}-{}".format(*key(live, "als"))
    return f"{reverse('whatif', args=[ledger.pk])}?{share}=30", replay_next


def _drawing(live: World) -> Scene:
    live.vacancy()
    sweep_waiting_vacancies()
    return reverse("balance-pdf", args=[live.landlord.pk, timezone.localdate().year]), draw_next


#: Each template of which a page looks again by itself.
SWAPS = {
    "flux/vacancy_waiting.html": _destination,
    "flux/queue_waiting.html": _destinations,
    "reservations/file_import_state.html": _file,
    "flux/whatif_state.html": _replayed_year,
    "bilan/printing_state.html": _drawing,
}


#: What each announces once it is there.
ANNOUNCED = {
    "flux/vacancy_waiting.html": "Destination calculée",
    "flux/queue_waiting.html": "1 destination vient d’être calculée",
    "reservations/file_import_state.html": "Vérifié",
    "flux/whatif_state.html": "L’hypothèse est calculée",
    "bilan/printing_state.html": "Le PDF est prêt.",
}

#: What makes htmx ask and swap, and what Python says of a swap, in an answer or in a header.
ASKS = re.compile(r"hx-(?:get|post|put|patch|delete|boost|on|sse|ws)\b|HX-(?:Boosted|Location|Push-Url|Trigger)")
SAYS = re.compile(r"\b(?:reswap|retarget|reselect|trigger_client_event|push_url|HttpResponseLocation)\(")
#: A whole sheet takes the place of what waited: `flux/vacancy_waiting.html` is walked until it has.
WHOLE = "flux/views/sheet.py"


def test_every_swap_is_walked() -> None:
    """Whatever the verb, in pages, in scripts and in Python. A window that warns of the end of a session has its own
    (tests/journeys/test_session_end.py); what is found under the search field too (tests/journeys/test_palette.py)."""
    templates = ROOT / "templates"
    found = {str(each.relative_to(templates)) for each in templates.rglob("*.html") if ASKS.search(each.read_text())}
    assert found == set(SWAPS)
    assert [each.name for each in (ROOT / "static").rglob("*.js") if ASKS.search(each.read_text())] == []
    modules = [path for app in STOREYS for path in (ROOT / app).rglob("*.py")]
    spoken = {str(each.relative_to(ROOT)) for each in modules if ASKS.search(each.read_text())}
    assert spoken == set()
    assert {str(each.relative_to(ROOT)) for each in modules if SAYS.search(each.read_text())} == {WHOLE}


@pytest.mark.parametrize("template", SWAPS)
def test_no_swap_leaves_the_focus_on_the_body(
    live: World, person: Callable[..., Person], template: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WCAG 2.4.3, 4.1.3: whoever stood on a link of what is replaced stands on what took its place, waiting or there,
    and hears what came."""
    monkeypatch.setattr("flux.views.whatif.AT_ONCE", 3)
    address, calculates = SWAPS[template](live)
    page = person("alice").visit(address)
    link = page.locator("[hx-get] a, #calculs a").first
    link.focus()
    name = link.get_attribute("id")
    page.wait_for_function("() => performance.getEntriesByType('resource').some((e) => e.name.includes('essai=1'))")
    expect(page.locator(f"#{name}")).to_be_focused()
    calculates()
    expect(page.locator("[hx-get]")).to_have_count(0, timeout=20_000)
    expect(page.locator(f"#{name}")).to_be_focused()
    expect(page.locator("[role=status]").filter(has_text=ANNOUNCED[template])).to_have_count(1)


def test_destination_comes_by_itself_is_announced_and_keeps_the_focus(
    live: World, person: Callable[..., Person]
) -> None:
    vacancy = live.vacancy()
    aline = person("aline")
    looks: list[str] = []
    aline.page.on("request", lambda request: looks.append(request.url) if "essai=" in request.url else None)
    page = aline.visit(f"/liberes/{vacancy.pk}/")
    page.get_by_role("link", name="Actualiser la fiche").focus()
    page.wait_for_function("() => performance.getEntriesByType('resource').some((e) => e.name.includes('essai=1'))")
    expect(page.get_by_role("heading", name="Le calcul de sa destination est en attente")).to_be_visible()
    sweep_waiting_vacancies()
    expect(page.get_by_role("button", name="Orienter vers")).to_be_visible(timeout=20_000)
    expect(page.locator("#annonce")).to_contain_text("Destination calculée")
    assert page.evaluate("document.activeElement.id") == "suite"
    assert page.locator("main").count() == 1
    seen = len(looks)
    page.wait_for_timeout(4_000)
    assert len(looks) == seen


def test_a_pdf_comes_by_itself_is_announced_and_keeps_the_focus(live: World, person: Callable[..., Person]) -> None:
    """As a destination does; whoever stood on the link that looks finds the link that takes in its place."""
    live.vacancy()
    sweep_waiting_vacancies()
    address = reverse("balance-pdf", args=[live.landlord.pk, timezone.localdate().year])
    page = person("aline").visit(address)
    expect(page.get_by_role("heading", name="Le PDF est en préparation…")).to_be_visible()
    expect(page.locator("#annonce")).to_be_empty()
    page.get_by_role("link", name="Voir s’il est prêt").focus()
    page.wait_for_function("() => performance.getEntriesByType('resource').some((e) => e.name.includes('essai=1'))")
    expect(page.locator("#annonce")).to_be_empty()
    assert draw_next()
    expect(page.get_by_role("link", name="Télécharger le PDF")).to_be_visible(timeout=20_000)
    expect(page.locator("#annonce")).to_have_text("Le PDF est prêt.")
    assert page.evaluate("document.activeElement.id") == "pdf"


def test_queue_says_that_destinations_came_and_keeps_what_is_ticked(live: World, person: Callable[..., Person]) -> None:
    live.vacancy()
    sweep_waiting_vacancies()
    live.vacancy()
    page = person("aline").page
    page.locator("[name=logement]").check()
    sweep_waiting_vacancies()
    expect(page.locator("#calculs")).to_contain_text("1 destination vient d’être calculée", timeout=20_000)
    expect(page.locator("[name=logement]")).to_be_checked()
    page.get_by_role("link", name="Actualiser la liste").click()
    expect(page.locator("[name=logement]")).to_have_count(2)


def test_without_script_a_link_shows_what_came(live: World, person: Callable[..., Person]) -> None:
    vacancy = live.vacancy()
    page = person("aline", javascript=False).visit(f"/liberes/{vacancy.pk}/")
    sweep_waiting_vacancies()
    page.get_by_role("link", name="Actualiser la fiche").click()
    expect(page.get_by_role("button", name="Orienter vers")).to_be_visible()
