"""RGAA 8.2: what the server sends is HTML that a strict parser reads without an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from tinyhtml5.parser import HTMLParser

from flux.operations.routing import route_waiting_vacancies
from tests.world import MORNING, World

#: Stated by the parser of what HTML has since allowed.
ALLOWED = {"non-void-element-with-trailing-solidus"}


def errors(page: str) -> list[str]:
    """What the parser says, each with the text around it."""
    parser = HTMLParser()
    parser.parse(page)
    lines = page.splitlines()
    return [f"{code}: {lines[line - 1][:120].strip()}" for (line, _), code, _ in parser.errors if code not in ALLOWED]


def test_a_fault_of_markup_is_seen() -> None:
    head = '<!doctype html><html lang="fr"><head><title>a</title></head><body>'
    assert errors(f"{head}<p>x</p></body></html>") == []
    assert errors(f"{head}<p><ul></ul></p></body></html>") != []


@pytest.mark.parametrize(
    ("name", "pages"),
    [("alice", 30), *(pytest.param(name, 10, marks=pytest.mark.nightly) for name in ("bob", "adam"))],
)
def test_pages_are_read_without_an_error_by_a_strict_parser(
    world: World, sign_in: Callable[[str], Client], name: str, pages: int
) -> None:
    """Every page of the plan of a landlord's manager; every night, of a State officer and of the operator too."""
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    found, read = {}, 0
    client = sign_in(name)
    plan = client.get(reverse("site-plan")).text
    planned = {unescape(each) for each in re.findall(r'<a [^>]*href="(/[^"#]*)"', plan)}
    for url in sorted({*planned, reverse("vacancy-detail", args=[vacancy.pk])}):
        page = client.get(url, follow=True)
        if page.status_code == 200 and page["Content-Type"].startswith("text/html"):
            read += 1
            if wrong := errors(page.text):
                found[url] = wrong
    assert found == {}
    assert read > pages
