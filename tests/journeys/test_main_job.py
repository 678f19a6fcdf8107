"""The main job, from the notice to the balance, in a real Chromium with a real worker behind it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from flux.models import FlowEntry, LedgerLine, Routing, Vacancy
from tests.journeys.conftest import Person
from tests.world import World, convention

pytestmark = pytest.mark.browser


def test_vacancy_from_notice_to_balance(
    live: World, worker: subprocess.Popen[bytes], person: Callable[..., Person]
) -> None:
    today = timezone.localdate()
    if today.year > 2028:  # the world's conventions run until the end of 2028
        convention(live.landlord, live.als, live.places["Aude"], (live.holders["als"], "20", 3), ends_on=today)
    unit = live.unit(rooms=3, street_name="VICTOR HUGO")

    # Aline declares the unit, and the worker routes it while she looks at its page.
    aline = person("aline")
    page = aline.visit("/liberes/declarer/")
    page.get_by_label("Référence ou adresse").fill("victor hugo")
    page.get_by_role("button", name="Chercher le logement").click()
    page.get_by_role("link", name=f"Choisir {unit.reference}").click()
    page.get_by_label("Congé reçu le").fill(today.strftime("%d/%m/%Y"))
    page.get_by_label("Libre le").fill(f"31/12/{today.year}")
    page.get_by_role("button", name="Déclarer le logement libéré").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("À qui revient ce logement ?")
    follow = page.get_by_role("button", name="Orienter vers le bailleur (non réservé)")
    expect(follow).to_be_visible(timeout=20_000)

    # She reads why: nobody has received anything yet, and the largest share is not reserved.
    expect(page.locator(".why")).to_contain_text("Plus grand reste dû : 0,32 logement")
    expect(page.locator(".why")).to_contain_text("État – publics prioritaires, 0,25")

    # She looks at what another destination would change, forgets the motive, then gives it.
    page.get_by_role("link", name="Choisir une autre destination").click()
    page.get_by_role("radio", name="Ville de Narbonne").check()
    page.get_by_role("button", name="Voir ce que change la destination cochée").click()
    send = page.get_by_role("button", name="Orienter vers la Ville de Narbonne")
    send.click()
    assert Routing.objects.count() == 0
    page.get_by_label("Motif de votre choix").select_option("ADAPTED_UNIT")
    page.get_by_label("Précisez en une phrase").fill("Douche de plain-pied : ménage déjà désigné par la Ville.")
    page.get_by_role("button", name="Orienter vers la Ville de Narbonne").click()
    expect(page.locator(".alert.ok")).to_contain_text("Ville de Narbonne")
    routing = Routing.objects.get()
    assert (routing.holder, routing.motive, routing.routed_by) == (
        live.holders["city"],
        "ADAPTED_UNIT",
        live.people["aline"],
    )
    received = {line.holder_id: line.received for line in LedgerLine.objects.all()}
    assert received[live.holders["city"].pk] == 1
    assert sum(received.values()) == 1

    # Chloé, at the city, sees it with its address; Action Logement's share is only a count to her.
    chloe = person("chloe", width=390)
    expect(chloe.page.locator("main")).to_contain_text(unit.address)
    expect(chloe.page.locator("main")).to_contain_text("0,88")  # 0,12 due, one received: 0,88 ahead

    # Emma, at the EPCI, reads the balance of the year: one unit, for the city, and no address.
    emma = person("emma")
    emma.visit("/bilans/").get_by_role("link", name="Robine Habitat").first.click()
    balance = emma.page.locator("main")
    expect(balance).to_contain_text("Ville de Narbonne")
    expect(balance).not_to_contain_text("Victor Hugo")
    assert FlowEntry.objects.filter(stage="ROUTED", holder=live.holders["city"]).count() == 1


def test_vacancy_without_javascript(
    live: World, worker: subprocess.Popen[bytes], person: Callable[..., Person]
) -> None:
    """The same first steps with no script at all: the page says that it waits, and a link reloads it."""
    unit = live.unit()
    today = timezone.localdate()
    aline = person("aline", javascript=False)
    page = aline.visit(f"/liberes/declarer/?unit={unit.pk}")
    page.get_by_label("Congé reçu le").fill(today.isoformat())
    page.get_by_label("Libre le").fill(f"{today.year}-12-31")
    page.get_by_role("button", name="Déclarer le logement libéré").click()
    vacancy = Vacancy.objects.get()
    for _ in range(40):
        if vacancy.recommendations.exists():
            break
        page.wait_for_timeout(250)
    page.reload()
    page.get_by_role("button", name="Orienter vers").click()
    expect(page.locator(".alert.ok")).to_be_visible()
    assert vacancy.routings.get().motive == ""
