"""What a list says of one thing, cell by cell, under the headings of its file."""

from __future__ import annotations

from typing import Any

from reservations.exports.listing import Listing
from reservations.exports.spreadsheet import Cell


def listed(listing: Listing[Any], of: object) -> dict[str, Cell]:
    """The row of a thing, checked as a file checks it."""
    sheet = listing.sheet([of])
    [row] = sheet.cells()
    return dict(zip([column.title for column in sheet.columns], row, strict=True))
