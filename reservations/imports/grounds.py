"""The files of grounds that come in.

* The grounds of a share in a file of conventions: one cell, each ground between slashes.
* The preamble and the articles that the parties write of their own, in one cell: « ¶ » ends each of their lines, as a
  line break does in a workbook.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reservations.imports.cells import CellRefused, text
from reservations.imports.kinds import Column
from reservations.models import Quota, Rate
from reservations.models.ground import ShareGround, grounds_of
from reservations.operations.convention_terms import MOST_WRITTEN
from reservations.operations.grounds import EXAMPLE, ground_line, parse_grounds, shared_out
from reservations.queries.rates import extension_years_on

GROUNDS, BETWEEN = "fondements", " / "

COLUMN = Column(
    GROUNDS,
    text(1000),
    f"Ce qui donne la part, en % ou en logements comme elle, entre barres obliques ({EXAMPLE}) ; vide : la part "
    "entière, sans fondement écrit ; d’un taux particulier, celui de la part.",
    ("fondement", "fondements de la part"),
)


def shares_given(values: Mapping[str, Any], share: int, yearly_units: int | None) -> tuple[ShareGround, ...]:
    """Those that a line gives of its share, or of its units a year."""
    return shared_out(grounds_given(values, in_units=yearly_units is not None), share, yearly_units)


def grounds_given(values: Mapping[str, Any], *, in_units: bool = False) -> tuple[ShareGround, ...]:
    """Those that a line gives, on the first day of its convention.

    Raises GroundsRefused when one cannot be read.
    """
    lines = values.get(GROUNDS, "").split(BETWEEN)
    return parse_grounds("\n".join(lines), years=extension_years_on(values["début"]), in_units=in_units)


def grounds_cell(of: Quota | Rate) -> str:
    """The same cell, of a share or a rate that goes out; a slash of a reference is not one between two grounds."""
    return BETWEEN.join(ground_line(each).replace(BETWEEN, "/") for each in grounds_of(of.grounds))


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


FREE_ARTICLES_COLUMN = Column(
    ARTICLES,
    written,
    "Ce que les parties écrivent en propre, sur la première ligne de la convention : « ¶ » à chaque fin de ligne, et "
    "« Article : titre » au début de chaque article.",
    ("articles", "articles libres", "préambule"),
    example="Les parties conviennent. ¶ Article : visites ¶ Une par candidat.",
)
