"""What a holder may expect: departures whose destination is forecast to be its own, so that it prepares candidates.

A forecast, never a promise; without an address, which is read once the unit is routed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from flux.models import ExpectedHolder
from reservations.models import Membership

#: Shown on a home; the list of vacancies has them all.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Coming:
    """The forecasts that concern a holder, the first to be decided first (`SHOWN` at most), and how many there are."""

    shown: Sequence[ExpectedHolder]
    count: int


def coming(member: Membership) -> Coming:
    """Read them, with their unit, its commune and its landlord. Two queries."""
    found = expected_for(member)
    return Coming(list(found[:SHOWN]), found.count())


def expected_for(member: Membership) -> QuerySet[ExpectedHolder]:
    """All of them, the first to be decided first."""
    return (
        ExpectedHolder.objects.coming_to(member)
        .select_related(
            "holder__organisation",
            "vacancy__unit__commune",
            "vacancy__unit__programme",
            "vacancy__unit__landlord__organisation",
        )
        .order_by("firm_on", "rank", "vacancy_id")
    )
