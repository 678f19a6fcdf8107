"""Walking through the product as a person does: from page to page, by the links that each shows."""

from __future__ import annotations

import re
from collections import deque
from functools import lru_cache
from html import unescape
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve, reverse

from tests.strict import what_a_page_never_says

LINK = re.compile(r'\s(?:href|hx-get)="([^"]*)"')
#: Drawn by WeasyPrint in a second or more, and held by tests of their own.
SLOW = ("-pdf", "-xlsx")


@lru_cache(maxsize=1 << 16)
def kind_of(address: str) -> tuple[object, ...]:
    """Two addresses of one kind show one page: the same view, asked the same way but for the objects and the days."""
    parts = urlsplit(address)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    words = (value if re.fullmatch(r"[A-Z_a-z]*", value) else "…" for _, value in asked)
    return resolve(parts.path).url_name, *sorted(zip((name for name, _ in asked), words, strict=True))


def walk(client: Client, *starts: str, most: int = 1) -> dict[str, str]:
    """Open every page that is linked from these (the home page by default), and those linked from them, `most` of one
    kind; give what is wrong: {address: what it answered, or stated of what no page says, and the page that led
    there}."""
    wrong: dict[str, str] = {}
    opened: dict[tuple[object, ...], int] = {}
    seen: set[str] = set()
    waiting = deque((start, "") for start in starts or (reverse("home"),))
    while waiting:
        address, led_by = waiting.popleft()
        address = address.split("#")[0]
        if not address.startswith("/") or address.startswith(("/static/", "//")) or address in seen:
            continue
        seen.add(address)
        try:
            kind = kind_of(address)
        except Resolver404:
            wrong[address] = f"no such address, from {led_by}"
            continue
        if opened.get(kind, 0) >= most or str(kind[0]).endswith(SLOW):
            continue
        opened[kind] = opened.get(kind, 0) + 1
        response = client.get(address)
        if response.status_code == 302:
            waiting.append((urljoin(address, response["Location"]), led_by))
        elif response.status_code not in (200, 202):  # 202: a proof that waits for the next checkpoint
            wrong[address] = f"{response.status_code}, from {led_by}"
        elif response.get("Content-Type", "").startswith("text/html"):
            page = response.content.decode()
            if rows := what_a_page_never_says(page):
                wrong[address] = f"says {rows}, from {led_by}"
            found = LINK.findall(page)
            waiting.extend((urljoin(address, unescape(link)), address) for link in found)
    return wrong
