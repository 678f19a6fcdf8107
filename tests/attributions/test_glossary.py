"""The glossary page reads the file of the documentation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from attributions.queries.glossary import Entry, read_glossary
from tests.flux.views.test_account import page
from tests.world import World

TEXT = """# Glossary

Some words | not a table.

## The rights (`reservations`)

| identifier | French term | meaning | source |
|---|---|:---|---|
| `Quota` | part réservée | a *share* of the flow | CCH, R441-5 |
| broken | row |

## Empty

## Words of ours
| identifier | French term | meaning | source |
|---|---|---|---|
| `gap` | écart | due − received | – |
"""


def test_glossary_is_parsed_by_section(tmp_path: Path) -> None:
    path = tmp_path / "glossary.md"
    path.write_text(TEXT, encoding="utf-8")
    rights, ours = read_glossary(path)
    assert (rights.title, rights.entries) == (
        "Les droits",
        [Entry("Quota", "part réservée", "a share of the flow", "CCH, R441-5")],
    )
    assert (ours.title, [entry.term for entry in ours.entries]) == ("Words of ours", ["écart"])


def test_glossary_page_shows_every_term_of_the_file(world: World, sign_in: Callable[[str], Client]) -> None:
    sections = read_glossary(settings.BASE_DIR / "docs" / "glossary.md")
    text = page(sign_in("driss"), reverse("glossary"))
    terms = [entry.term for section in sections for entry in section.entries]
    assert len(terms) > 20
    assert f"<b>{len(terms)} termes</b>" in text
    for term in terms:
        assert f"<b>{term}</b>" in text


def test_glossary_page_does_without_the_file(
    world: World, sign_in: Callable[[str], Client], tmp_path: Path, settings: Any
) -> None:
    settings.BASE_DIR = tmp_path
    assert "<b>0</b> terme : le lexique n’est pas installé" in page(sign_in("chloe"), reverse("glossary"))
