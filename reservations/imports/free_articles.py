"""The preamble and the articles that the parties write of their own, in one cell: « ¶ » ends each of their lines, as a
line break does in a workbook."""

from __future__ import annotations

import re

from reservations.imports.cells import CellRefused
from reservations.imports.kinds import Column
from reservations.operations.convention_terms import MOST_WRITTEN

ARTICLES = "préambule et articles"
END = re.compile("[¶\n]")


def written(cell: str) -> str:
    """The text, line by line."""
    if len(cell) > 2 * MOST_WRITTEN:
        raise CellRefused("cette cellule est trop longue : joignez le reste à la convention signée.")
    return "\n".join(line.strip() for line in END.split(cell)).strip()


def in_a_cell(text: str) -> str:
    """The same, on one line."""
    return " ¶".join(f" {line.strip()}".rstrip() for line in text.strip().splitlines()).strip()


COLUMN = Column(
    ARTICLES,
    written,
    "Ce que les parties écrivent en propre, sur la première ligne de la convention : « ¶ » à chaque fin de ligne, et "
    "« Article : titre » au début de chaque article.",
    ("articles", "articles libres", "préambule"),
    example="Les parties conviennent. ¶ Article : visites ¶ Une par candidat.",
)
