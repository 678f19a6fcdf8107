"""What a style sheet owes a phone, in a real Chromium, on pages that the product answers: what a table is called is
read without scrolling it, an e-mail address stays on one line, and a chart beside its table has the room it needs."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.local.checks import BROWSERS
from tests.signing_in import sign_in
from tests.world import World

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parents[2] / "static"
SHEET = re.compile(r"<link rel=\"stylesheet\" href=\"[^\"]*/(\w+)(?:\.\w+)?\.css\"[^>]*>")
SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)

#: Captions whose words end beyond what holds their table, and e-mail addresses on more than one line.
CUT = r"""const found = [], texts = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
for (const caption of doc.querySelectorAll('caption')) {
  const range = doc.createRange(); range.selectNodeContents(caption);
  const edge = caption.closest('.scroll, .table').getBoundingClientRect().right;
  if (range.getBoundingClientRect().right > edge + 1) found.push(caption.innerText);
}
while (texts.nextNode()) for (const address of texts.currentNode.data.matchAll(/[\w.-]+@[\w.-]+\w/g)) {
  const range = doc.createRange();
  range.setStart(texts.currentNode, address.index); range.setEnd(texts.currentNode, address.index + address[0].length);
  if (range.getClientRects().length > 1) found.push(address[0]);
}"""

#: Tables and charts of two columns, by what share of their place each takes.
SHARES = """const found = [...doc.querySelectorAll('.cols.even > *')].map((each) => Math.round(
  100 * each.getBoundingClientRect().width / each.parentElement.getBoundingClientRect().width));"""


def drawn(page: str, script: str, folder: Path, *, width: int) -> Any:
    """What `script` finds of a page of so many pixels."""
    styled = SHEET.sub(lambda match: f"<style>{(STATIC / f'{match[1]}.css').read_text()}</style>", SCRIPT.sub("", page))
    assert "<style>" in styled
    place = folder / "page.html"
    place.write_text(
        f"""<!doctype html><meta charset="utf-8"><iframe style="width: {width}px; height: 900px; border: 0"
        srcdoc="{html.escape(styled)}"></iframe><script>addEventListener('load', () => {{
        const doc = document.querySelector('iframe').contentDocument; {script}
        document.body.dataset.found = JSON.stringify(found); }});</script>"""
    )
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1600,1000", "--dump-dom"]
    answer = subprocess.run(
        [*command, f"--user-data-dir={folder / 'profile'}", place.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = re.search(r'data-found="([^"]*)"', answer.stdout)
    assert found is not None, answer.stderr[-2000:]
    return json.loads(html.unescape(found[1]))


@pytest.mark.parametrize("name", ["balance-cil", "balance-one-page"])
def test_what_a_table_is_called_is_read_without_scrolling_it(world: World, tmp_path: Path, name: str) -> None:
    world.vacancy()
    client = Client()
    sign_in(client, world.people["emma"])
    page = client.get(reverse(name, args=[2026])).content.decode()
    assert "<caption" in page
    assert drawn(page, CUT, tmp_path, width=390) == []


def test_an_address_stays_on_its_line(db: None, client: Client, tmp_path: Path, settings: Any) -> None:
    settings.SUPPORT_CONTACT = "administration@equiflux.example"
    page = client.get(reverse("contact")).content.decode()
    assert page.count("administration@equiflux.example") > 2
    assert drawn(page, CUT, tmp_path, width=390) == []


@pytest.mark.parametrize(("beside", "shares"), [("cols left", [100, 100]), ("flow", [48, 48])])
def test_a_table_leaves_its_chart_half_of_the_line_or_the_next_one(
    tmp_path: Path, beside: str, shares: list[int]
) -> None:
    """On a desk, beside the menu of a balance and without it, as those read it who have the narrower page."""
    cells = "".join(f"<td class=nw>Petit effectif {number}</td>" for number in range(4))
    menu = "<nav class=side></nav>" if "left" in beside else ""
    links = "".join(f'<link rel="stylesheet" href="/static/{name}.css">' for name in ("tokens", "app"))
    page = f"""<!doctype html>{links}<body class="airy">
        <main class="wrap"><div class="{beside}">{menu}<div><div class="cols even"><div class="table"><table><tr>{cells}
        </table></div><figure class="panel"><svg class="chart"></svg></figure></div></div></div></main>"""
    assert drawn(page, SHARES, tmp_path, width=1366) == shares
