"""What counts at a counting point later than the routing, read one unit at a time: for a few holders of one ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Count, Q

from flux.models import Ledger, Return, Routing
from reservations.models.terms import Terms


def arrived(ledger: Ledger, points: Mapping[int, str], figures: Mapping[int, int], *, on: date) -> dict[int, int]:
    """By holder (id), the units that reached its counting point by a day, and the turns used by those given back.
    `figures`: what its entries say of that point. Two queries."""
    turns, proposed = turns_used(ledger, points, on=on), proposed_now(ledger, points, on=on)
    is_read = {holder: point == Terms.CountingPoint.PROPOSED for holder, point in points.items()}
    return {
        holder: turns.get(holder, 0) + (proposed.get(holder, 0) if is_read[holder] else figures[holder])
        for holder in points
    }


def turns_used(ledger: Ledger, holders: Collection[int], *, on: date) -> dict[int, int]:
    """By holder (id), the units given back by a day whose turn is used all the same. One query."""
    given = Return.objects.filter(
        routing__vacancy__ledger=ledger,
        routing__vacancy__cancelled_at=None,
        routing__holder__in=holders,
        counted=True,
        returned_at__date__lte=on,
    )
    return dict(given.order_by().values_list("routing__holder").annotate(Count("pk")))


def proposed_now(ledger: Ledger, holders: Collection[int], *, on: date) -> dict[int, int]:
    """By holder (id), the units that it has on a day and of which it proposed candidates. One query."""
    held = Routing.objects.filter(
        Q(closed_at=None) | Q(closed_at__date__gt=on),
        vacancy__ledger=ledger,
        vacancy__cancelled_at=None,
        holder__in=holders,
        answered_on__lte=on,
    )
    return dict(held.order_by().values_list("holder").annotate(Count("pk")))
