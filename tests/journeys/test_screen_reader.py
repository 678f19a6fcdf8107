"""Five tasks of a State officer as a screen reader is given them, and a page gone through with the keyboard alone.

tests/journeys/screen_reader.txt is what was read; `--screen-reader tests/journeys/screen_reader.txt` writes it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page

from tests.attributions.households.candidates import routed
from tests.journeys.conftest import ROOT, Person
from tests.journeys.spoken import spoken
from tests.world import World

pytestmark = pytest.mark.browser

DOCUMENT = "tests/journeys/screen_reader.txt"
TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/Paris"))

HEAD = """# What a screen reader is given

Five tasks of a State officer, as Chromium hands its accessibility tree to a screen reader: role, name and state of each
thing, in their order. No voice read it: see attributions/public/rgaa.csv.
"""


@pytest.fixture
def clock() -> Iterator[None]:
    """A morning on which days are named: the pages say them."""
    with time_machine.travel(TUESDAY, tick=True):
        yield


def content(page: Page) -> list[str]:
    """From the heading of the content to the foot, which is the same everywhere."""
    lines = spoken(page)
    return [lines[0], *lines[lines.index("contenu") + 1 : lines.index("pied de page")]]


def test_five_tasks_of_a_state_officer_are_read_as_written(
    clock: None, live: World, person: Callable[..., Person], pytestconfig: pytest.Config
) -> None:
    """RGAA 5.5, 6.1, 7.5, 8.6, 10.3, 11.2, 11.9: names and order, heard without seeing."""
    vacancy = routed(live, "priority", now=TUESDAY).vacancy
    bob = person("bob")
    page = bob.page
    rows = [("Arriver, et savoir ce qui l’attend", spoken(page))]
    rows.append(
        (
            "Ouvrir un logement qui lui revient, et lire pourquoi",
            content(bob.visit(reverse("vacancy-detail", args=[vacancy.pk]))),
        )
    )
    bob.visit(reverse("proposal-new", args=[vacancy.pk]))
    rows.append(("Proposer un candidat : le formulaire", content(page)))
    rows.append(("Savoir qui a transmis son bilan", content(bob.visit(reverse("balance-territory", args=[2026])))))
    bob.visit(reverse("derogation-new"))
    page.evaluate("document.querySelectorAll('main form').forEach((form) => { form.noValidate = true })")
    with page.expect_navigation():  # until it is loaded: the tree of half a page has no foot
        page.locator("main form button[type=submit]").first.click()
    rows.append(("Enregistrer une dérogation : ce qui manque est dit", content(page)))
    bob.complaints = [each for each in bob.complaints if "422" not in each]

    parts = [
        f"## {number}. {task}\n\n```text\n" + "\n".join(text) + "\n```\n" for number, (task, text) in enumerate(rows, 1)
    ]
    written = HEAD + "\n" + "\n".join(parts)
    if target := pytestconfig.getoption("screen_reader"):
        Path(target).write_text(written, encoding="utf-8")
    assert written.splitlines() == (ROOT / DOCUMENT).read_text(encoding="utf-8").splitlines()


#: What has the focus: where it stands among all elements, whether its outline is seen, and whether it is on the page.
FOCUS = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const { outlineStyle, outlineWidth } = getComputedStyle(here);
  return [[...document.querySelectorAll('*')].indexOf(here), outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
          here.checkVisibility(), here.className];
}"""

#: What the keyboard must reach: links, buttons, fields and what unfolds, but those that are folded.
REACHED = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter((each) => each.checkVisibility() && !each.disabled && each.type !== 'hidden')
  .map((each) => [...document.querySelectorAll('*')].indexOf(each))"""


def test_keyboard_goes_through_a_page_in_its_order_and_out_of_it(live: World, person: Callable[..., Person]) -> None:
    """RGAA 10.7, 12.7, 12.8, 12.9: « Aller au contenu » first, the focus seen, in the order of the page, no trap."""
    page = person("bob").visit(reverse("site-plan"))
    wanted, passed = page.evaluate(REACHED), []
    page.evaluate("document.activeElement.blur()")
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        if (stood := page.evaluate(FOCUS)) is None:
            break
        passed.append(stood)
    assert [place for place, *_ in passed] == wanted
    assert all(outlined and shown for _, outlined, shown, _ in passed)
    assert passed[0][3] == "skip"
