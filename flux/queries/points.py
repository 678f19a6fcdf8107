"""When a unit counts for each holder of several landlords: what names the counting point where accounts are listed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from flux.models import Ledger
from reservations.models import Convention, Quota


def counting_points(landlords: Iterable[int], holders: Collection[int], *, on: date) -> dict[tuple[int, int], str]:
    """By landlord and holder (ids), the counting point of the latest convention that has begun on that day, of those
    that count a unit later than its routing. One query."""
    found = (
        Quota.objects.filter(
            convention__landlord__in=set(landlords),
            convention__status__in=Convention.BINDING,
            convention__starts_on__lte=on,
            holder__in=holders,
        )
        .order_by("convention__starts_on", "convention__pk")
        .values_list("convention__landlord", "holder", "convention__counting_point")
    )
    latest = {(landlord, holder): point for landlord, holder, point in found}
    return {key: point for key, point in latest.items() if point != Convention.CountingPoint.ROUTED}


def counts_later(ledger: Ledger, *, on: date) -> bool:
    """Has a holder of a ledger a convention of its year, begun on that day, that counts a unit later than its routing:
    does the rule count units that are not received yet (docs/decisions/0073)? One query."""
    return (
        Quota.objects.filter(
            convention__landlord=ledger.landlord_id,
            convention__status__in=Convention.BINDING,
            convention__starts_on__lte=min(on, date(ledger.exercise, 12, 31)),
            convention__ends_on__gte=date(ledger.exercise, 1, 1),
            holder__in=ledger.lines.values("holder"),
        )
        .exclude(convention__counting_point=Convention.CountingPoint.ROUTED)
        .exists()
    )
