"""The one place where the database feeds the engine.

A holder's id in the engine is its primary key as text; shares are in millionths (reservations, `UNIT`).

    earlier   what units of before a signature would have owed
    entered   what one unit credits, and what its decision sees
    ledger    the counters of one ledger and the rights that bear on it: what each decision sees and moves
    loading   a ledger read from the database
    planned   what waits in it, planned together: a forecast
"""

from flux.situation.earlier import Earlier, earlier_dues, earlier_ledgers, owed_before, settled_from
from flux.situation.ledger import (
    DIMENSIONS,
    LANDLORD_RANK,
    Credited,
    Entered,
    LedgerSituation,
    OverCommitted,
    categories_of,
    seen_of,
)
from flux.situation.loading import in_yearly_units, load, rights_in, spread

__all__ = [
    "DIMENSIONS",
    "LANDLORD_RANK",
    "Credited",
    "Earlier",
    "Entered",
    "LedgerSituation",
    "OverCommitted",
    "categories_of",
    "earlier_dues",
    "earlier_ledgers",
    "in_yearly_units",
    "load",
    "owed_before",
    "rights_in",
    "seen_of",
    "settled_from",
    "spread",
]
