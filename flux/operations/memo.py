"""What a balance counts beside the account: candidates designated, candidates lost.

These entries move no figure of the account (`FlowEntry.MEMO`; CCH, R441-5-1; docs/decisions/0025).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flux.models import FlowEntry, Routing

Stage = FlowEntry.Stage


def note(routing: Routing | None, stage: Stage, quantities: Iterable[int], *, on: date, side: str = "") -> None:
    """Write one entry for each quantity, plus or minus one, in the account of the routed unit; nothing for a unit that
    is in none. The ledger is held by the act. `side`: whose doing a REFUSED one is. One statement."""
    assert stage in FlowEntry.MEMO, "what moves the account is written with its lines"
    if routing is None or routing.vacancy.ledger_id is None:
        return
    FlowEntry.objects.bulk_create(
        FlowEntry(
            ledger_id=routing.vacancy.ledger_id,
            holder_id=routing.holder_id,
            vacancy_id=routing.vacancy_id,
            stage=stage,
            quantity=quantity,
            side=side,
            on=on,
        )
        for quantity in quantities
    )
