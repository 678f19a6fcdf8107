"""The words of the screens, for those who read them: `attributions/glossary/words.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

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
