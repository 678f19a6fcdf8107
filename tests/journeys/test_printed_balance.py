"""A balance on paper, in a real Chromium: a worker draws it while its reader waits."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from flux.operations.routing import route_waiting_vacancies
from tests.journeys.conftest import Person
from tests.world import World

pytestmark = pytest.mark.browser


def taken(page: Page, selector: str) -> PdfReader:
    """The file that a link gives."""
    with page.expect_download(timeout=60_000) as download:
        page.locator(selector).click()
    return PdfReader(BytesIO(Path(download.value.path()).read_bytes()))


@pytest.mark.usefixtures("worker")
def test_a_balance_is_drawn_while_its_reader_waits(live: World, person: Callable[..., Person]) -> None:
    """The page says by itself that the file is there, and gives it; without script, the same address does."""
    route_waiting_vacancies(ledger_id=live.vacancy(now=timezone.now()).ledger_id)  # figures stay those of the page
    year = timezone.localdate().year
    aline = person("aline")
    page = aline.visit(reverse("balance", args=[live.landlord.pk, year]))
    page.get_by_role("link", name="PDF du bilan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Bilan annuel {year}, Robine Habitat, en PDF")
    expect(page.get_by_role("heading", name="Le PDF est prêt")).to_be_visible(timeout=60_000)
    assert taken(page, "#pdf").metadata.title == f"Bilan annuel {year}, Robine Habitat"
    without = person("aline", javascript=False)
    there = without.visit(reverse("balance", args=[live.landlord.pk, year]))
    assert taken(there, "a[href*='bilan.pdf']").metadata.title == f"Bilan annuel {year}, Robine Habitat"
