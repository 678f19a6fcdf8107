"""What no page may be or say, whatever it is about: what the net looks for (tests/house/test_net.py)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import urljoin

from tests.house.pages import Page, links
from tests.house.reading import VOID
from tests.house.walk import kind_of
from tests.strict import codes, what_a_page_never_says

#: No worker beats in the tests.
NO_BEAT = "health-ready"

VOWEL = "aeiouyéèêëàâîïôûœAEIOUYÉÈÊËÀÂÎÏÔÛŒ"
#: « en tant que agent », « le État »: never, but for a pronoun after its verb (« ajoutez-le à »).
ELISION = re.compile(
    rf"(?<![-’'\w])(?:[Dd]e|[Qq]ue|[Ll]e|[Ll]a|[Nn]e|[Ss]e|[Jj]usque|[Ll]orsque) (?!onz|oui|un\b)[{VOWEL}]\w*"
)
#: « de le bailleur », « à les »; « de le louer » is right.
CONTRACTED = re.compile(r"(?<![-’'\w])(?:[Dd]e|[Àà]) les? (?!\w+(?:er|ir|re)\b)[a-zé]\w*")

ONES = (
    "acte|avenant|bail|bailleur|bilan|candidat|compte|convention|demande|dérogation|dossier|droit|jour|ligne|logement|"
    "ménage|objectif|orientation|personne|programme|prévisionnel|rapprochement|remarque|signature|séance|titre|unité|"
    "variante|version|alerte|point|signataire|réservataire|commune"
)
SEVERAL = "|".join({"bail": "baux"}.get(word, f"{word}s") for word in ONES.split("|"))
GAP = "[ \u00a0\u202f]"
#: « 1 logements », « 1,82 logements », « les 0 premiers »; « 3 logement ».
TOO_MANY = re.compile(rf"(?<![\w,./\u202f\u00a0−-])(?<!\d )[01](?:,\d+)?{GAP}(?:{SEVERAL})\b|\b(?:les|aux|des) 0\b")
TOO_FEW = re.compile(rf"(?<![\w,./\u202f\u00a0−-])(?:[2-9]|\d{{2,3}}){GAP}(?:{ONES})\b(?!-)")
#: Pages whose tables end in sums; elsewhere a foot is what is left, or counts each thing once.
SUMMED = ("account", "balance-axis", "stock-right-synthesis", "programme-detail")

#: Codes of one word; some are the words of the trade.
CAPITALS = re.compile(r"\b[A-Z]{4,}\b")
ACRONYMS = frozenset({"PLUS", "PLAI", "DALO", "EPCI", "LLTS", "PPLS", "PCLS", "AUTRE", "SYPLO", "JSON", "XLSX"})
#: What a program would write of its own.
PROGRAM = re.compile(
    r"\b(?:None|True|False|nan|Decimal|Undefined)\b|\{\{|\{%|&amp;|<object|\[\]|(?<![\w.])\d+\.\d{1,2}\b(?![./]\d)"
)
#: What a page may ask twice, by its name: the tables of those statements. A list that a form offers and that its page
#: reads too; an act that is opened in its row; a person who acts under two roles of one organisation.
ASKED_AGAIN: dict[str, tuple[str, ...]] = {
    "convention-deposit": ("reservations_organisation",),
    "convention-detail": ("reservations_pause",),
    "convention-edit": ("reservations_organisation", "reservations_territory"),
    "convention-pause-deposit": ("reservations_organisation",),
    "home": ("attributions_committeesession",),
    "inbox": ("attributions_notice",),
}
#: Statements that a page may ask (docs/decisions/0167-read-together.md).
STATEMENTS = 12
#: Pages that ask more, at most as they do: each is to be shortened, none may grow. A home asks 7 to 14 of an ordinary
#: day, 19 of a landlord with units that nothing decides of.
ASKS_MORE = {
    "agenda-item": 14,
    "balance": 16,
    "balance-axis": 14,
    "balance-charts": 16,
    "balance-cil": 14,
    "balance-correct": 13,
    "balance-defects": 17,
    "balance-one-page": 19,
    "balance-projection": 14,
    "balance-review": 22,
    "balance-scale": 17,
    "balance-state": 22,
    "balance-units": 19,
    "convention-deposit": 15,
    "convention-detail": 23,
    "convention-document": 17,
    "convention-edit": 17,
    "forecast": 17,
    "home": 19,
    "household-send": 13,
    "inbox": 18,
    "session-list": 13,
    "whatif": 17,
    "why-not-us": 13,
}
FRENCH = (ELISION, CONTRACTED, TOO_MANY, TOO_FEW, PROGRAM)


class Table(HTMLParser):
    """The tables of a page: rows of cells, apart from those of the foot; and the links that are figures."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[tuple[list[list[str]], list[list[str]]]] = []
        self.heads: list[list[str]] = []
        self.links: list[tuple[str, str]] = []
        self.answers: list[str] = []
        self.inside: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.inside.append((tag, given))
        if tag == "table":
            self.tables.append(([], []))
        elif tag == "tr" and self.tables:
            self.rows().append([])
        elif tag in ("td", "th") and self.tables and self.rows():
            width = int(given.get("colspan") or 1)
            self.rows()[-1].extend([""] * width)
        elif tag == "a" and given.get("href"):
            self.links.append((str(given["href"]), ""))
        elif tag == "p" and given.get("class") == "answer":
            self.answers.append("")

    def handle_endtag(self, tag: str) -> None:
        while self.inside and tag not in VOID:
            last, _ = self.inside.pop()
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self.inside]
        hidden = any(given.get("class") == "vh" for _, given in self.inside)
        if self.links and "a" in tags and not hidden:
            self.links[-1] = (self.links[-1][0], self.links[-1][1] + data)
        if self.answers and any(given.get("class") == "answer" for _, given in self.inside):
            self.answers[-1] += data
        if self.tables and not hidden and ("td" in tags or "th" in tags) and self.rows() and self.rows()[-1]:
            self.rows()[-1][-1] += data

    def rows(self) -> list[list[str]]:
        tags = [tag for tag, _ in self.inside]
        return self.heads if "thead" in tags else self.tables[-1]["tfoot" in tags]


@lru_cache(maxsize=4096)
def read(html: str) -> Table:
    """A page, parsed once."""
    found = Table()
    found.feed(html)
    return found


def whole(text: str) -> int | None:
    """The whole number that a cell is, and nothing else."""
    bare = re.sub(r"[\u202f\s]", "", text).replace("−", "-").lstrip("+")
    return int(bare) if re.fullmatch(r"-?\d+", bare) else None


def figures_of(text: str) -> list[str]:
    """Every figure of a sentence, without its sign."""
    return [re.sub(r"[\u202f\u00a0]", "", each) for each in re.findall(r"\d[\d\u202f\u00a0]*(?:,\d+)?", text)]


def wrong_totals(html: str) -> Iterator[str]:
    """Columns of whole numbers whose foot is not their sum."""
    for body, foot in read(html).tables:
        if len(foot) != 1 or len(body) < 2:
            continue
        for place in range(1, len(foot[0])):
            total = whole(foot[0][place])
            column = [row[place].strip() for row in body if len(row) == len(foot[0])]
            numbers = [0 if cell in ("", "–", "—") else whole(cell) for cell in column]
            if total is None or not numbers or None in numbers:
                continue
            if sum(number or 0 for number in numbers) != total:
                yield f"column {place}: {' + '.join(column)} is not {foot[0][place].strip()}"


def faults_of(page: Page) -> list[str]:
    """What is wrong with one page, in words."""
    if page.status >= 500 and page.name != NO_BEAT:
        return [f"answers {page.status}"]
    if not page.is_html:
        return []
    return [
        *_words_in(page.html),
        *(wrong_totals(page.html) if page.name in SUMMED else ()),
        *asked_twice(page),
        *too_many(page),
    ]


def asked_twice(page: Page) -> Iterator[str]:
    """What a page that is read asks the database twice, word for word and with the same parameters
    (docs/decisions/0155-no-page-asks-twice.md)."""
    if page.method != "GET" or page.status != 200:
        return
    for statement, times in Counter(page.asked).items():
        if times > 1 and not any(table in statement for table in ASKED_AGAIN.get(page.name, ())):
            yield f"asks {times} times: {statement}"


def too_many(page: Page) -> Iterator[str]:
    """A page that asks more statements than it may."""
    most = ASKS_MORE.get(page.name, STATEMENTS)
    if page.method == "GET" and page.status == 200 and len(page.asked) > most:
        yield f"asks {len(page.asked)} statements, and {most} at most"


@lru_cache(maxsize=8192)
def _words_in(html: str) -> tuple[str, ...]:
    """Of a page that several people are shown alike, once."""
    words = " | ".join(spoken(html))
    rows = (
        *what_a_page_never_says(html),
        *(found.group(0) for pattern in FRENCH for found in pattern.finditer(words)),
        *(word for word in CAPITALS.findall(words) if word in codes() and word not in ACRONYMS),
    )
    return tuple(dict.fromkeys(rows))


def spoken(html: str) -> Iterator[str]:
    """Every run of words that is read or heard: blocks, and the attributes that stand for words."""
    reader = _Spoken()
    reader.feed(html)
    for run in reader.runs:
        if words := re.sub(r"[ \t\r\n\f]+", " ", run).strip():
            yield words


class _Spoken(HTMLParser):
    """Words by blocks; code, scripts and what is typed are not read."""

    SKIPPED = frozenset({"script", "style", "code", "pre", "textarea", "svg"})
    INLINE = frozenset({"a", "abbr", "b", "em", "i", "small", "span", "strong", "sub", "sup", "time"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[str] = [""]
        self.skipped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.skipped += tag in self.SKIPPED
        spoken_of = [value for name, value in attrs if name in ("aria-label", "alt", "title", "placeholder") and value]
        if tag not in self.INLINE:
            self.runs.append("")
        self.runs = [*self.runs[:-1], *spoken_of, self.runs[-1]] if spoken_of else self.runs

    def handle_endtag(self, tag: str) -> None:
        self.skipped -= tag in self.SKIPPED
        if tag not in self.INLINE:
            self.runs.append("")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.runs[-1] += data


#: Lists that say, in their first sentence, how many things a figure elsewhere counts.
BEHIND = ("statement-units", "balance-units", "objective-leases")


def astray(pages: Iterable[Page]) -> Iterator[tuple[str, str]]:
    """(page, fault): a figure that is a link, whose list says another one."""
    opened = {(page.person, page.address): page for page in pages if page.is_html and page.status == 200}
    for (person, address), page in opened.items():
        for href, text in read(page.html).links:
            led = urljoin(address, href).split("#")[0]
            if not (figure := figures_of(text)) or len(text.strip()) > 12 or (person, led) not in opened:
                continue
            behind, *asked = kind_of(led)
            if behind not in BEHIND or "page" in {name for name, _ in asked}:  # the number of a page is no figure
                continue
            sentence = " ".join(read(opened[person, led].html).answers)
            if not set(figure) & set(figures_of(sentence)):
                yield page.key, f"« {text.strip()} » leads to {led}, which says « {sentence.strip()[:120]} »"


def refused(pages: Iterable[Page]) -> Iterator[tuple[str, str]]:
    """(page, fault): a link that a person is shown, and that refuses them or leads nowhere."""
    asked = {(page.person, page.address): page for page in pages if page.method == "GET"}
    for page in asked.values():
        for address in dict.fromkeys(links(page)):
            led = asked.get((page.person, address))
            if led is not None and led.status in (403, 404):
                yield page.key, f"leads to {address}, which answers {led.status}"
