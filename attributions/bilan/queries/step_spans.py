"""Spans between two steps of units, read from their counts (`SpanCount`): as many rows as there are places, holders and
lengths, whatever the number of units. What is told of one unit and what is measured of all are held together by a test.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q, QuerySet, Sum

from attributions.bilan.queries.objective_leases import seen_counts
from attributions.households.models import SpanCount
from attributions.households.queries.steps import StepKind
from reservations.models import Landlord, Membership, ReservationHolder
from reservations.models.territory import OneOf

#: What a table has a row for.
PLACES = {"HOLDER": "holder", "LANDLORD": "landlord", "COMMUNE": "place", "EPCI": "place__epci"}


@dataclass(frozen=True, slots=True)
class Span:
    """So many units of one place (id; None for none) that went from a step to the other in so many working days."""

    place: int | None
    days: int
    units: int


def measured_counts(
    year: int, *, landlord: Landlord | None = None, member: Membership | None = None
) -> QuerySet[SpanCount]:
    """The counts of units registered in a year that a person sees listed: what `step_times` measures."""
    counts = SpanCount.objects.filter(fell=year).order_by()
    return seen_counts(counts.filter(landlord=landlord) if landlord else counts, member)


def of_organisation(counts: QuerySet[SpanCount], organisation: int) -> QuerySet[SpanCount]:
    """Those of the routings of one organisation (id), or of those that it acts for: each found by an index."""
    holders = ReservationHolder.objects.filter(organisation=organisation).order_by().values("pk")
    return counts.filter(Q(OneOf(F("holder"), ArraySubquery(holders))) | Q(acting=organisation))


def spans(counts: QuerySet[SpanCount], start: StepKind, end: StepKind, place: str) -> list[Span]:
    """The spans of these counts. One query."""
    found = counts.filter(start=start, reached=end).values_list(PLACES[place], "days").annotate(sum=Sum("units"))
    return [Span(*row) for row in found]


def candidates(counts: QuerySet[SpanCount], place: str) -> dict[int | None, tuple[int, int]]:
    """By place (id), how many candidates were sent, and how many leases followed of candidates told here. One query."""
    told = counts.filter(start="", reached__in=[StepKind.SENT, StepKind.LEASED]).values_list(PLACES[place])
    sums = {kind: Sum("units", filter=Q(reached=kind), default=0) for kind in (StepKind.SENT, StepKind.LEASED)}
    return {where: (sent, leases) for where, sent, leases in told.annotate(**sums)}
