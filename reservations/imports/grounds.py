"""The grounds of a share in a file of conventions: one cell, each ground between slashes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reservations.imports.cells import text
from reservations.imports.kinds import Column
from reservations.models import Quota, Rate
from reservations.models.ground import ShareGround, grounds_of
from reservations.operations.grounds import EXAMPLE, ground_line, parse_grounds, shared_out
from reservations.queries.stock_rights import extension_years_on

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
    return shared_out(grounds_given(values), share, yearly_units)


def grounds_given(values: Mapping[str, Any]) -> tuple[ShareGround, ...]:
    """Those that a line gives, on the first day of its convention.

    Raises GroundsRefused when one cannot be read.
    """
    lines = values.get(GROUNDS, "").split(BETWEEN)
    return parse_grounds("\n".join(lines), years=extension_years_on(values["début"]))


def grounds_told(of: Quota | Rate) -> str:
    """The same cell, of a share or a rate that goes out; a slash of a reference is not one between two grounds."""
    return BETWEEN.join(ground_line(each).replace(BETWEEN, "/") for each in grounds_of(of.grounds))
