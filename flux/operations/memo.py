"""What a balance counts beside the account: candidates designated, candidates lost.

These entries move no figure of the account (`FlowEntry.MEMO`; CCH, R441-5-1; docs/decisions/0025).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Max, Sum
from django.utils import timezone

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


def note_designated(routing: Routing | None, *, on: date) -> None:
    """Candidates of this routing were received, here or in another tool: the unit counts once among those designated,
    whatever was received before, or counted by hand. The ledger is held by the act."""
    if routing is not None and designated(routing) < 1:
        note(routing, Stage.DESIGNATED, [1], on=on)


def forget_designated(routing: Routing | None, *, on: date) -> None:
    """No candidate of this routing was ever received: the unit no longer counts, if it did."""
    if routing is not None and designated(routing) > 0:
        note(routing, Stage.DESIGNATED, [-1], on=on)


def designated(routing: Routing) -> int:
    """How often the unit counts as designated for this routing, and not for an earlier one to the same holder: what
    was written in its account since it was routed there for the last time. Two statements."""
    entries = FlowEntry.objects.filter(
        vacancy=routing.vacancy_id, holder=routing.holder_id, ledger=routing.vacancy.ledger_id
    ).order_by()
    opened = entries.filter(stage=Stage.ROUTED, quantity=1).aggregate(last=Max("pk"))["last"] or 0
    since = entries.filter(stage=Stage.DESIGNATED, pk__gt=opened, on__gte=timezone.localdate(routing.routed_at))
    return int(since.aggregate(sum=Sum("quantity", default=0))["sum"])
