"""When a unit counts for each holder of several landlords: what names the counting point where accounts are listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from flux.models import Ledger
from reservations.models import Convention, Quota


def counting_points(
    lines: Collection[tuple[int, int]], ledgers: Iterable[Ledger], *, on: date
) -> dict[tuple[int, int], tuple[str, bool]]:
    """Of each line (ledger, holder: ids) of the yearly accounts among some ledgers, the counting point of the latest
    convention that has begun on that day, or at the end of the year of its account, and whether one is of that year:
    the routing, without one. An account of first lettings counts at the routing, as agreed. One query."""
    last = {
        ledger.pk: (ledger.landlord_id, min(on, date(ledger.exercise, 12, 31)))
        for ledger in ledgers
        if ledger.kind == Ledger.Kind.ORDINARY
    }
    found = (
        Quota.objects.filter(
            convention__landlord__in={landlord for landlord, _ in last.values()},
            convention__status__in=Convention.BINDING,
            convention__starts_on__lte=on,
            holder__in={holder for ledger, holder in lines if ledger in last},
        )
        .order_by("convention__starts_on", "convention__pk")
        .values_list(
            *("convention__landlord", "holder", "convention__starts_on", "convention__ends_on"),
            "convention__counting_point",
        )
    )
    begun = defaultdict(list)
    for landlord, holder, since, end, point in found:
        begun[landlord, holder].append((since, end, point))
    routed = str(Convention.CountingPoint.ROUTED)
    points = dict.fromkeys(lines, (routed, True))
    for ledger, holder in points:
        if ledger in last:
            landlord, until = last[ledger]
            known = [(end, point) for since, end, point in begun[landlord, holder] if since <= until]
            points[ledger, holder] = (
                known[-1][1] if known else routed,
                any(end.year >= until.year for end, _ in known),
            )
    return points


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
