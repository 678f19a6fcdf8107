"""What the parties write of their own in a convention: a preamble, then articles, from the text as it is typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: The first line of an article: « Article : Suivi », « Article 13. Suivi ». The number is not kept: printing gives it.
#: « Article L441-1 du code… » is no heading.
HEADING = re.compile(r"^\s*article(?:\s+\d+)?\s*[.:–—]\s*(?P<title>.*?)\s*$", re.IGNORECASE)
#: Characters of the title of an article: what is longer is a sentence.
LONGEST_TITLE = 150


@dataclass(frozen=True, slots=True)
class FreeArticle:
    """One article of the parties, and its paragraphs."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FreeText:
    """The preamble, paragraph by paragraph, and the articles in the order that they were typed."""

    preamble: tuple[str, ...]
    articles: tuple[FreeArticle, ...]


def free_text(typed: str) -> FreeText:
    """Read what was typed: a line « Article : title » begins each article, what is before the first is the preamble. No
    word is lost."""
    title: str | None = None
    held: list[str] = []
    preamble: tuple[str, ...] = ()
    articles: list[FreeArticle] = []
    for line in [*typed.splitlines(), None]:
        heading = HEADING.match(line) if line is not None else None
        if line is not None and (heading is None or len(heading["title"]) > LONGEST_TITLE):
            held.append(line)
            continue
        paragraphs = _paragraphs(held)
        if title is None:
            preamble = paragraphs
        else:
            articles.append(FreeArticle(title, paragraphs))
        title, held = heading["title"] if heading else None, []
    return FreeText(preamble, tuple(articles))


def _paragraphs(lines: list[str]) -> tuple[str, ...]:
    """Lines between two empty ones are one paragraph."""
    found = re.split(r"\n\s*\n", "\n".join(lines))
    return tuple(" ".join(each.split()) for each in found if each.strip())
