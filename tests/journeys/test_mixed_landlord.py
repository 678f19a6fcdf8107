"""Orbieu Habitat, the demonstration's landlord in the mixed system (SIREN 999000029), in a real Chromium."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, expect

from flux.models import StockAssignment, Unit, Vacancy
from reservations.models import Convention, StockRight
from reservations.queries.parties import DEMO_PASSWORD
from tests.aude import tell_of_orbieu
from tests.journeys.conftest import Person, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def direction(transactional_db: None, live_server: object, browser: Browser) -> Iterator[Person]:
    """The landlord's manager, signed in on the demonstration."""
    tell_of_orbieu(timezone.now())
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    context.set_default_timeout(15_000)
    person = Person(context, str(live_server))
    person.sign_in("direction@orbieu-habitat.example", DEMO_PASSWORD)
    yield person
    context.close()
    assert person.complaints == []


@pytest.mark.nightly  # tests/journeys/test_three_systems.py does these acts in the small world
def test_mixed_landlord_from_its_titles_to_a_signed_share(
    direction: Person, browser: Browser, worker: subprocess.Popen[bytes]
) -> None:
    main = direction.page.locator("main")

    # What is left of the old reservations, and what the law says of all of it.
    direction.visit("/droits-en-stock/")
    expect(main).to_contain_text("VN-2009-03")
    direction.page.get_by_role("navigation", name="Les droits").get_by_role("link", name="Contrôles").click()
    expect(main.locator(".answer")).to_contain_text("0 point contraire au droit")
    direction.page.get_by_role("navigation", name="Les droits").get_by_role("link", name="Qui a signé ?").click()
    expect(main.locator(".answer")).to_contain_text("2 réservataires sur 5")

    # A unit that bears a title still goes to its holder.
    bearing = StockAssignment.objects.filter(right__reference="VN-2009-03").exclude(unit__vacancies__isnull=False)
    stock = declare(direction, bearing.order_by("pk").first().unit)
    assert (stock.kind, str(stock.routings.get().holder)) == (Vacancy.Kind.STOCK, "Ville de Narbonne")

    # One without follows the signed shares, and waits for a person.
    free = Unit.objects.filter(
        landlord__acronym="OH", commune__name="Narbonne", stock_assignments=None, vacancies=None
    ).order_by("pk")
    flow = declare(direction, free[0])
    wait_until(flow.recommendations.exists)
    assert "Ville de Narbonne" not in {row["name"] for row in flow.recommendations.get().situation["holders"]}

    # Each signs by itself, the city last: its titles end the day before, and its share is in force from the first of
    # January.
    convention = Convention.objects.get(organisation__name="Ville de Narbonne", landlord__acronym="OH")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    city = Person(context, direction.base)
    city.sign_in("logement@narbonne.example", DEMO_PASSWORD)
    for signatory, each in ((direction, "signature attendue : Ville de Narbonne"), (city, "est signée")):
        page = signatory.visit(f"/conventions/{convention.pk}/")
        page.locator("details.act > summary").filter(has_text="Signer la convention").click()
        page.get_by_role("button", name="Signer la convention").click()
        expect(page.locator(".alert.ok")).to_contain_text(each)
    context.close()
    assert city.complaints == []
    converted = StockRight.objects.filter(converted_in=convention).order_by("reference")
    assert [right.reference for right in converted] == ["VN-1996-11", "VN-2009-03"]
    eve = convention.starts_on - timedelta(days=1)
    borne = StockAssignment.objects.filter(right__in=converted)
    assert (borne.living(eve).count(), borne.living(convention.starts_on).count()) == (23, 0)


def declare(direction: Person, unit: Unit) -> Vacancy:
    """Declare a unit vacant today."""
    today = timezone.localdate()
    page = direction.visit(f"/liberes/declarer/?unit={unit.pk}")
    page.get_by_label("Congé reçu le").fill(f"{today:%d/%m/%Y}")
    page.get_by_label("Libre le").fill(f"{today:%d/%m/%Y}")
    page.get_by_role("button", name="Déclarer le logement libéré").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("À qui revient ce logement ?")
    return Vacancy.objects.get(unit=unit)
