"""Terms of a household, to answer an offer or to bring a document: what came in time is recorded a little later."""

from __future__ import annotations

from datetime import date

from flux.models import Routing
from reservations.deadlines import deadline


def recorded_until(term: date, routing: Routing | None) -> date:
    """The last day to record what came by the end of a term, a calendar day: the first working day after it, of the
    convention that the routing applied. The night after, what was not recorded did not come (docs/decisions/0022).

    No query when the convention is fetched.
    """
    convention = routing.convention if routing is not None else None
    return deadline(term, 1, local=convention is not None and convention.local_holidays)
