"""What a holder may expect: departures whose destination is forecast to be its own, so that it prepares candidates.

A forecast, never a promise; without an address, which is read once the unit is routed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Window

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
    """Read them, with their unit, its commune and its landlord, counted as they are put in order. One query."""
    found = list(expected_for(member).annotate(every=Window(Count("pk")))[:SHOWN])
    return Coming(found, vars(found[0])["every"] if found else 0)


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
