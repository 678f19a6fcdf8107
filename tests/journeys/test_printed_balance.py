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

from attributions.bilan.models import PrintedBalance
from flux.operations.routing import route_waiting_vacancies
from tests.journeys.conftest import Person, wait_until
from tests.world import World

pytestmark = pytest.mark.browser


def taken(page: Page) -> PdfReader:
    """The file that the page announces."""
    with page.expect_download(timeout=60_000) as download:
        page.locator("#pdf").click()
    return PdfReader(BytesIO(Path(download.value.path()).read_bytes()))


@pytest.mark.usefixtures("worker")
def test_a_balance_is_drawn_while_its_reader_waits(live: World, person: Callable[..., Person]) -> None:
    """The page says by itself that the file is there, and gives it, whatever is recorded meanwhile; without script,
    its link does."""
    year = timezone.localdate().year
    title = f"Bilan annuel {year}, Robine Habitat"
    for javascript in (True, False):
        route_waiting_vacancies(ledger_id=live.vacancy(now=timezone.now()).ledger_id)  # another page for each
        page = person("aline", javascript=javascript).visit(reverse("balance", args=[live.landlord.pk, year]))
        page.get_by_role("link", name="PDF du bilan").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{title}, en PDF")
        if javascript:
            expect(page.get_by_role("heading", name="Le PDF est prêt")).to_be_visible(timeout=60_000)
        else:
            wait_until(lambda: not PrintedBalance.objects.filter(content=None).exists(), seconds=60)
        route_waiting_vacancies(ledger_id=live.vacancy(now=timezone.now()).ledger_id)
        assert taken(page).metadata.title == title
