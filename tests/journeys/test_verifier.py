"""« The same as one static HTML page with its script inline, opened from disk, tested offline in Chromium »: an officer
checks a line, two checkpoints and an account, without the product and without a network."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from reservations.verifiable.notes import Kind, Signer
from tests.house.tree import ROOT
from tests.journeys.conftest import Person
from tests.reservations.verifiable.proved import (
    KEYS,
    LOG,
    WITNESSES,
    Proved,
    changed,
    lived,
    of_the_account,
    verified,
    witnessed,
)
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

PAGE = ROOT / "static/verifier/verify_equiflux.html"
KEY = str(LOG.verifier)


@pytest.fixture
def proved(browser: Browser, world: World, settings: LazySettings) -> Proved:
    settings.JOURNAL_KEYS = KEYS
    return lived(world)


@contextmanager
def opened_offline(browser: Browser, kept: Path) -> Iterator[Page]:
    """The page as somebody kept it, offline; it complains of nothing and asks for nothing."""
    context = browser.new_context(offline=True, locale="fr-FR")
    opened, complaints = context.new_page(), list[str]()
    opened.on("console", lambda each: complaints.append(each.text))
    opened.on("pageerror", lambda each: complaints.append(str(each)))
    opened.on("request", lambda each: complaints.append(each.url) if not each.url.startswith("file://") else None)
    opened.goto(kept.as_uri())
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """It is alone in a folder."""
    with opened_offline(browser, Path(shutil.copy(PAGE, tmp_path / "verifier.html"))) as opened:
        yield opened


def answer(page: Page, proof: str, *, key: str = "", printed: str = "", witness: str = "") -> str:
    """What the page answers to somebody who fills it in."""
    page.get_by_label("La preuve").set_input_files(
        {"name": "preuve", "mimeType": "text/plain", "buffer": proof.encode()}
    )
    page.get_by_label("La clé du journal").fill(key)
    page.get_by_label("Le point de contrôle imprimé").fill(printed)
    page.get_by_label("Les clés des témoins").fill(witness)
    page.get_by_role("button", name="Vérifier").click()
    expect(page.get_by_role("status")).to_have_text(re.compile("VÉRIFIÉ|COHÉRENT|FAUX"))
    expect(page.get_by_role("status")).to_be_focused()
    return page.get_by_role("status").inner_text()


def test_an_officer_checks_what_the_product_wrote(page: Page, proved: Proved, tmp_path: Path) -> None:
    """Each of the three files: the page and the program say the same."""
    for proof in (proved.line, proved.continuity, proved.account):
        outcome = answer(page, proof, key=KEY)
        first, *lines = outcome.splitlines()
        assert first == "VÉRIFIÉ."
        code, result = verified(tmp_path, proof, "--key", KEY)
        assert (code, sorted(lines)) == (0, sorted(result.splitlines()[:-1]))


def test_the_key_the_paper_and_the_witnesses_are_those_of_the_officer(page: Page, proved: Proved) -> None:
    assert answer(page, proved.line).startswith("COHÉRENT. La clé vient du fichier")
    assert answer(page, proved.line, printed=proved.printed).startswith("VÉRIFIÉ.")
    assert "Ce qui est imprimé n’est pas" in answer(page, proved.line, printed=proved.printed[:-4] + "zzzz")
    stranger = str(Signer(LOG.name, Kind.NOTE, bytes(32)).verifier)
    assert "n’est signé par aucune des clés" in answer(page, proved.line, key=stranger)
    assert "mal recopiée" in answer(page, proved.line, key=KEY.replace("aude", "eude"))
    known = "\n".join(str(each.verifier) for each in WITNESSES)
    two = witnessed(proved.line, by=WITNESSES)
    assert "Témoigné par temoin-1.example, temoin-2.example." in answer(page, two, key=KEY, witness=known)
    one = witnessed(proved.line, by=[WITNESSES[0], WITNESSES[0]])
    assert "Pas témoigné" in answer(page, one, key=KEY, witness=known)


def test_what_was_forged_is_stated_false(page: Page, proved: Proved) -> None:
    account, continuity = json.loads(proved.account), json.loads(proved.continuity)
    leaves = account["leaves"]
    closed = [{word: each[word] for word in ("index", "entry")} for each in leaves]
    size = proved.printed.split("-")[1]
    forged = {
        changed(proved.line, salt="00" * 32): "n’est pas celui du journal",
        proved.line.replace("\nindex ", "\nindex 1"): "FAUX",
        proved.line.replace(f"\n{size}\n", "\n9999\n"): "signature",
        proved.line[:200]: "FAUX",
        json.dumps(account | {"leaves": leaves[1:]}): "Il manque des faits",
        json.dumps(account | {"leaves": leaves[:-1]}): "n’est pas celui du journal",
        json.dumps(account | {"leaves": closed}): "n’est pas ouverte",
        json.dumps(account | {"lacking": account["lacking"][:-1]}): "FAUX",
        json.dumps(continuity | {"path": continuity["path"][:-1]}): "FAUX",
        json.dumps(continuity | {"old": continuity["checkpoint"], "checkpoint": continuity["old"]}): "plus petit",
    }
    for proof, sentence in forged.items():
        result = answer(page, proof, key=KEY)
        assert result.startswith("FAUX."), result
        assert sentence in result


def downloaded(page: Page, link: str | re.Pattern[str], folder: Path) -> Path:
    """The file that a link gives, kept in a folder."""
    with page.expect_download() as found:
        page.get_by_role("link", name=link, exact=True).click()
    kept = folder / found.value.suggested_filename
    found.value.save_as(kept)
    return kept


def test_an_officer_checks_an_account_in_under_two_minutes(
    live: World, settings: LazySettings, browser: Browser, person: Callable[..., Person], tmp_path: Path
) -> None:
    """« An officer checks a line with the page in under two minutes »: from the statement to the answer, by its links,
    in the page that the site gives, opened from disk without a network."""
    settings.JOURNAL_KEYS = KEYS
    lived(live)
    chloe = person("chloe")
    page = chloe.visit(reverse("statement", args=of_the_account()))
    began = time.monotonic()
    page.locator("summary", has_text="Toutes les lignes").click()
    proof = downloaded(page, "La preuve de ce compte", tmp_path)
    page.get_by_role("link", name="le journal vérifiable", exact=True).click()
    kept = downloaded(page, "une page", tmp_path)
    page.get_by_text("Afficher les clés").click()
    key = page.locator("details li").filter(has_text=LOG.name).first.inner_text()
    with opened_offline(browser, kept) as alone:
        outcome = answer(alone, proof.read_text(encoding="utf-8"), key=key)
    assert outcome.startswith("VÉRIFIÉ.")
    assert "lignes du réservataire" in outcome
    assert time.monotonic() - began < 120
