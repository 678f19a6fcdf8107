"""What conventions promise each holder in units of a year, for two of them to be compared."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from flux.queries.expected_flow import expected_flow
from flux.queries.weighed import averaged
from reservations.models import Convention
from reservations.models.convention import ConventionQuerySet
from reservations.queries.rights import rights_in

#: Conventions offered to compare with: the versions of this one and those of its landlord.
MOST = 100


def compared_with(convention: Convention, seen: ConventionQuerySet) -> list[Convention]:
    """Those that a reader may set beside this one: its other versions first, then others of its landlord. One query."""
    others = seen.filter(landlord=convention.landlord_id).exclude(pk=convention.pk)
    found = list(others.order_by("-starts_on", "-version", "-pk")[:MOST])
    own = (convention.organisation_id, convention.perimeter_id)
    return sorted(found, key=lambda each: (each.organisation_id, each.perimeter_id) != own)


def yearly_units(convention: Convention, *, today: date) -> tuple[int, dict[str, int]]:
    """(units expected in its perimeter in the first year that it governs from today, {holder: of them, in millionths}).
    Four queries, and those of the flow where a table of rates is weighed by it."""
    on = min(max(today, convention.starts_on), convention.ends_on)
    flow = expected_flow(convention.landlord, convention.perimeter, on) or 0
    found: dict[str, int] = defaultdict(int)
    for right in averaged(convention.landlord, rights_in(convention), on.year, until=today):
        if right.starts_on <= on <= right.ends_on:
            found[str(right.holder)] += right.share * flow
    return flow, dict(found)
