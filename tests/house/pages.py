"""Every page and every file that the product gives, to each person, after a life: asked for, written down, compared.

Before a move, then after it (two minutes each on a machine of one’s own):

    ./run test tests/house/test_net.py --pages before.json
    ./run test tests/house/test_net.py --pages after.json
    .venv/bin/python -m tests.house.compared before.json after.json

The last one prints what differs, and ends with 1 when anything does. `--seeds 1,2,3` states other lives (1 by default),
`--people alice,chloe` asks for fewer people (all of tests/house/people.py by default), `--html` writes the markup and
not the words alone (blanks between tags left out). The clock stands still and the tables start empty: the same tree
writes the same file, to the byte.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import PrintedBalance
from tests.house.people import PEOPLE, WHOLE
from tests.house.reading import file_words, page_markup, page_words
from tests.house.things import things_of
from tests.house.walk import LINK, kind_of
from tests.signing_in import sign_in
from tests.world import World


@dataclass
class Page:
    """One answer: who asked, where, and what came back."""

    person: str
    method: str
    name: str
    address: str
    status: int
    location: str
    content_type: str
    content: bytes
    printed: str = ""
    #: Statements that read, each with its parameters, as many times as the database was asked.
    asked: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """« unit-detail alice GET /logements/3/ »."""
        return f"{self.name} {self.person} {self.method} {self.address}"

    @property
    def is_html(self) -> bool:
        return self.content_type.startswith("text/html")

    @property
    def html(self) -> str:
        return self.content.decode()


def client_of(world: World, person: str) -> Client:
    """Signed in as the sign-in page does it; nobody as « anonymous »."""
    client = Client(raise_request_exception=False)
    if person != "anonymous":
        sign_in(client, world.people[person])
    return client


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is undone."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def listening() -> Iterator[list[str]]:
    """What is read inside, statement by statement, with its parameters."""
    heard: list[str] = []

    def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip(" (\n").startswith(("SELECT", "WITH")) and " FOR UPDATE" not in sql:
            heard.append(f"{sql} {params}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(hear):
        yield heard


class Visit:
    """One person, asking for every page of the product; nothing of it stays.

    `whole`: about every thing of each kind, and every form posted empty; otherwise about the first thing that answers.
    The addresses named in `known` are left out.
    """

    def __init__(self, world: World, person: str, *, whole: bool, known: Iterable[str] = ()) -> None:
        self.client, self.person, self.whole, self.known = client_of(world, person), person, whole, set(known)
        self.seen: set[str] = set()
        self.led: set[str] = set()
        self.kinds: set[object] = set()

    def ask(self, method: str, name: str, address: str) -> Page:
        self.client.cookies.pop("messages", None)  # what the page before had to say
        cache.clear()  # whoever has no session may knock so many times a minute
        with undone():
            ordered = PrintedBalance.objects.order_by("pk")
            before = ordered.count() if name in DRAWN_BY_A_WORKER else None
            with listening() as asked:
                answer = (
                    self.client.get(address) if method == "GET" else self.client.post(address, POSTED.get(name, {}))
                )
            made = ordered.last() if before is not None and ordered.count() > before else None
            return Page(
                person=self.person,
                method=method,
                name=name,
                address=address,
                status=answer.status_code,
                location=answer.get("Location", ""),
                content_type=answer.get("Content-Type", ""),
                content=answer.getvalue(),
                printed=made.page if made else "",
                asked=tuple(asked),
            )

    def everything(self, things: dict[str, list[list[Any]]]) -> Iterator[Page]:
        """Every address with what it is about, what its form answers when it is posted empty, then each link that leads
        to something else: a list sorted, filtered, on its second page, of another year."""
        led: list[str] = []
        for name, arguments in things.items():
            if name in self.known:
                continue
            slow = name.endswith("-pdf") and name not in DRAWN_BY_A_WORKER
            shut = 0
            for given in arguments if self.whole or not slow else []:
                address = reverse(name, args=given)
                self.seen.add(address)
                page = self.ask("GET", name, address)
                yield page
                led += links(page)
                shut += page.status != 200
                if shut == SHUT or page.status in ALIKE or (page.status == 200 and (slow or not self.whole)):
                    break
            if self.whole and arguments and name not in LEFT:
                yield self.ask("POST", name, reverse(name, args=arguments[0]))
        while led:
            address = led.pop()
            if address in self.led:
                continue
            self.led.add(address)
            name, *asked = kind_of(address)
            kind = name, *(asked if name in FIGURES else (word for word, _ in asked))
            if address not in self.seen and kind not in self.kinds and name not in self.known:
                self.kinds.add(kind)
                if not str(name).endswith("-pdf"):
                    page = self.ask("GET", str(name), address)
                    yield page
                    led += links(page)


def links(page: Page) -> list[str]:
    """Where a page leads, within the product."""
    if not page.is_html or page.status != 200:
        return []
    found = (urljoin(page.address, unescape(link)).split("#")[0] for link in LINK.findall(page.html))
    return [each for each in found if not urlsplit(each).netloc and not each.startswith("/static/")]


#: A PDF that is ordered first: its page is read from the order, and is not drawn here.
DRAWN_BY_A_WORKER = ("balance-pdf", "balance-version-pdf")
#: The digests of minutes: each session draws its salt.
SALTED = re.compile(r"[0-9a-f]{64}")
#: The units behind a figure: each figure of one account, whose list says it (`astray`).
FIGURES = ("statement-units",)
#: An address that answers so once does for everything that it is about.
ALIKE = (301, 302, 405)
#: One that was shut so many times is not for this person.
SHUT = 4
#: They end or begin a session.
LEFT = ("sign-in", "sign-out")
#: What is posted where an empty post says nothing: files that are asked for with a reason.
POSTED = {"minutes-pdf": {"why": "Archives."}}


def visit(
    world: World,
    *,
    people: Iterable[str] = PEOPLE,
    first: Iterable[str] = PEOPLE,
    whole: Iterable[str] = WHOLE,
) -> Iterator[Page]:
    """Every page of every person; about everything for those of `whole`. Of people who are not among `first`, their
    home and the addresses that nobody before them was answered at: neither by a page, nor as everybody is (`ALIKE`)."""
    things = things_of()
    answered: set[str] = set()
    logging.disable(logging.WARNING)  # each refusal is one
    try:
        for person in people:
            known = () if person in first else answered
            with undone():
                for page in Visit(world, person, whole=person in whole, known=known).everything(things):
                    answered.update({page.name} - {"home"} if page.status in (200, *ALIKE) else ())
                    yield page
    finally:
        logging.disable(logging.NOTSET)


def written(page: Page, *, html: bool = False) -> list[str]:
    """The lines of a page or of a file."""
    lines = [f"{page.status} {page.location}".strip()]
    if page.is_html:
        lines += page_markup(page.html) if html else page_words(page.html)
        lines += (page_markup if html else page_words)(page.printed)
    elif page.status < 300:
        lines += file_words(page.content_type, page.content)
    return [SALTED.sub("…", line) for line in lines] if page.name.startswith("minutes") else lines
