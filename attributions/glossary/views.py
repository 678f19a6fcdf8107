"""Views.

* The words of the screens, for those who read them: `attributions/glossary/words.csv`.
* The words of the field, as their page states them.
* The words of the screens, in plain French.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from reservations.http import MemberRequest
from reservations.pages.pieces import bold
from reservations.pages.table import Head, Rows, Shown, Table

WORDS = Path(__file__).with_name("words.csv")


@dataclass(frozen=True, slots=True)
class Word:
    """One word, its one meaning, and its article of law or « – »."""

    section: str
    word: str
    meaning: str
    source: str


@cache
def words() -> dict[str, list[Word]]:
    """Every word by section, in the order of the file."""
    with WORDS.open(encoding="utf-8", newline="") as lines:
        every = [Word(**row) for row in csv.DictReader(lines, delimiter=";")]
    return {section: list(group) for section, group in groupby(every, key=lambda word: word.section)}


def words_table(section: str, words: Iterable[Word]) -> Table:
    """A word a row: what it means, and which article says so."""
    return Rows(
        words,
        Shown(Head("Mot"), lambda each: bold(each.word)),
        Shown(Head("Sens", label=""), lambda each: each.meaning),
        Shown(Head("Source", label=""), lambda each: each.source),
    ).titled("", f"{section} : mots, sens et source", quiet=True)


@require_safe
def glossary(request: MemberRequest) -> HttpResponse:
    """Lexique: what each word of the screens means, and where it comes from."""
    sections = words()
    count = sum(len(section) for section in sections.values())
    tables = [(title, words_table(title, section)) for title, section in sections.items()]
    return render(request, "glossary/glossary.html", {"sections": tables, "count": count})
