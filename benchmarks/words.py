"""How many words and pixels each page shows each person: ./run bench words --address http://127.0.0.1:8000 [--write]

In a real browser, on a demonstration that runs: each person walks from the first page by links, two addresses of each
page at most, on a desk (1366 × 768) and on a phone (390 × 844). What is folded, and what only screen readers hear, is
not counted. It exits with 1 where a budget is passed; docs/pages.md and benchmarks/measured/words.md are what it wrote.
"""

from __future__ import annotations

import re
import shutil
import statistics
import sys
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Page, ViewportSize, sync_playwright

from benchmarks.command_line import Parser
from benchmarks.page import MEASURED, put

#: Words of a home, of the median page, of a unit’s page, of any page but the legal ones.
HOME, MEDIAN, UNIT, LONGEST = 450, 220, 350, 900
#: Pages that give the text of the law, of a convention, or of the house.
LEGAL = re.compile(
    r"/(donnees-personnelles|conditions|mentions-legales|accessibilite|regle|lexique|plan|conventions/N/document)"
)
UNITS = re.compile(r"/(liberes|logements)/N/$")
DESK, PHONE = ViewportSize(width=1366, height=768), ViewportSize(width=390, height=844)
EACH = 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NUMBER = re.compile(r"\d+")

#: The words of a page that are seen, its height in pixels, and whether its title and what follows end in the first
#: screen.
SEEN = """() => {
  const main = document.querySelector('main');
  if (!main) return null;
  const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT), words = [];
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (!parent.checkVisibility() || parent.closest('.vh, script, style, option, svg')) continue;
    words.push(...(texts.currentNode.data.match(/[\\p{L}\\p{N}][\\p{L}\\p{N}’'.,%€-]*/gu) ?? []));
  }
  const heading = main.querySelector('h1'), next = heading?.nextElementSibling ?? heading;
  return {words: words.length, height: document.documentElement.scrollHeight,
    first: Math.round(next?.getBoundingClientRect().bottom ?? 0)};
}"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One page as one person sees it: words, and pixels from top to bottom, on a desk and on a phone. `first`: whether
    its title and what follows it end in the first screen of each."""

    person: str
    name: str
    address: str
    words: int
    desk: int
    phone: int
    first: bool


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a budget is passed, that of the median page too."""
    parser = Parser("benchmarks.words", "Combien de mots et de pixels chaque page montre à chacun.")
    parser.add_argument("--address", required=True, help="celle d’une démonstration qui répond")
    parser.add_argument("--write", action="store_true", help="écrit benchmarks/measured/words.md et docs/pages.md")
    parser.add_argument("people", nargs="*", metavar="ADRESSE", help="ces personnes seulement, par leur courriel")
    options = parser.parse_args(arguments)
    found = list(shown(options.address.rstrip("/"), options.people))
    table = f"{summary(found)}\n\n{markdown(found)}"
    if options.write:
        put("./run bench words", table, page="words.md", folder=MEASURED)
        put("./run bench words", summary(found), page="pages.md")
    sys.stdout.write(table + "\n")
    return int(any(over(found).values()) or statistics.median(each.words for each in found) > MEDIAN)


def shown(base: str, people: Sequence[str]) -> Iterator[Shown]:
    """Every page that each person comes to by links; everybody that the sign-in page offers, or these addresses."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{base}/connexion/")
        offered = page.locator("form input[name=email][type=hidden]")
        for email in people or [each.get_attribute("value") or "" for each in offered.all()]:
            context = browser.new_context(viewport=DESK, locale="fr-FR")
            page = context.new_page()
            page.set_default_timeout(60_000)
            page.goto(f"{base}/connexion/")
            page.locator("form", has=page.locator(f"input[value='{email}']")).get_by_role("button").click()
            page.wait_for_load_state()
            yield from walk(page, base, email)
            context.close()
        browser.close()


def walk(page: Page, base: str, person: str) -> Iterator[Shown]:
    """Breadth first, from the home; files are left out, and what ends the session."""
    waiting, seen, done = deque(["/"]), {"/"}, Counter[str]()
    while waiting:
        address = waiting.popleft()
        name = NUMBER.sub("N", address.partition("?")[0])
        if done[name] >= EACH or "deconnexion" in name:
            continue
        done[name] += 1
        answer = page.request.get(base + address)
        if answer.status != HTTPStatus.OK or not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        page.goto(base + address)
        if urlsplit(page.url).path != address.partition("?")[0]:
            continue  # led elsewhere, which is counted there
        page.set_viewport_size(DESK)
        desk = page.evaluate(SEEN)
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map(each => each.getAttribute('href'))")
        page.set_viewport_size(PHONE)
        phone = page.evaluate(SEEN)
        if desk is None:
            continue
        first = desk["first"] <= DESK["height"] and phone["first"] <= PHONE["height"]
        yield Shown(person, name, address, desk["words"], desk["height"], phone["height"], first)
        for link in links:
            there = urljoin(address, link.partition("#")[0])
            if there.startswith("/") and not there.startswith(("//", "/static/")) and there not in seen:
                seen.add(there)
                waiting.append(there)


def budget(name: str) -> int | None:
    """At most how many words a page has, by its address without numbers; None for a text of the law."""
    if name == "/":
        return HOME
    return None if LEGAL.match(name) else UNIT if UNITS.match(name) else LONGEST


def over(found: Sequence[Shown]) -> dict[str, list[Shown]]:
    """What passes each budget, by its words; nothing where it is met."""
    rows = [each for each in found if each.name != "/" and each.words > (budget(each.name) or each.words)]
    homes = [each for each in found if each.address == "/"]
    return {
        f"home of over {HOME} words": [each for each in homes if each.words > HOME],
        "home of over two screens": [each for each in homes if each.desk > 2 * DESK["height"]],
        f"page of over {LONGEST} words, or of a unit of over {UNIT}": rows,
        "title and answer beyond the first screen": [each for each in found if not each.first],
    }


def summary(found: Sequence[Shown]) -> str:
    """What docs/pages.md holds: each home, and what passes its budget."""
    words = sorted(each.words for each in found)
    lines = [
        f"{len(found)} pages by {len({each.person for each in found})} people. Words of the median page: "
        f"{statistics.median(words):.0f} (at most {MEDIAN}); 95th in a hundred: {words[len(words) * 95 // 100]}.",
        "",
        "| home of | words | px, desk | px, phone |",
        "| --- | --: | --: | --: |",
        *(
            f"| {each.person.partition('@')[2].partition('.')[0]}, {each.person.partition('@')[0]} "
            f"| {each.words} | {each.desk} | {each.phone} |"
            for each in found
            if each.address == "/"
        ),
        "",
        *(
            f"{len(those)} {budget}: " + ", ".join(sorted({each.name for each in those})) + "."
            for budget, those in over(found).items()
            if those
        ),
    ]
    return "\n".join(lines)


def markdown(found: Sequence[Shown]) -> str:
    """Each page as who reads most of it."""
    lines = ["| page | words | px, desk | px, phone |", "| --- | --: | --: | --: |"]
    most: dict[str, Shown] = {}
    for each in found:
        if each.name not in most or each.words > most[each.name].words:
            most[each.name] = each
    pages = sorted(most.values(), key=lambda each: -each.words)
    return "\n".join([*lines, *(f"| {each.name} | {each.words} | {each.desk} | {each.phone} |" for each in pages)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
