"""What a board says of the balances that are sealed: which, and what was recorded since."""

from __future__ import annotations

from typing import Any

from attributions.bilan.pages.changes import board_words, changes_table
from attributions.bilan.queries.changes import changes_on
from attributions.bilan.queries.landlord_figures import Comparison


def sealed_on(read: Comparison) -> dict[str, Any]:
    """For the page of a territory: `sealed`, sentences, and `since`, a table, None where nothing came. Three queries at
    most."""
    found = changes_on(read)
    landlords = {line.landlord.pk: line.landlord for line in read.lines}
    return {"sealed": board_words(read, found), "since": changes_table(found, landlords) if found else None}
