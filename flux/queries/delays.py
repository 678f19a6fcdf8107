"""From which day a delay of a convention runs for a vacancy."""

from __future__ import annotations

from datetime import date

from django.db.models import Case, DateField, F, OuterRef, When
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils import timezone

from flux.models import Routing, Vacancy
from reservations.models import Convention

Opening = Convention.Opening


def opened_on(vacancy: Vacancy, opening: str) -> date:
    """The day on which a vacancy enters the flow, as a convention says it: no delay runs before."""
    if opening == Opening.NOTICE:
        return vacancy.notice_on
    if opening == Opening.WORKS:
        return vacancy.works_end_on or vacancy.available_on
    return vacancy.available_on


def opening_day(*, convention: str, vacancy: str = "", outer: bool = False) -> Case:
    """The same where the database counts, the paths leading to the vacancy and to the convention (« vacancy__ »);
    `outer`: the vacancy is the row of the outer query."""
    ref = OuterRef if outer else F
    return Case(
        When(**{f"{convention}opens_on": Opening.NOTICE}, then=ref(f"{vacancy}notice_on")),
        When(
            **{f"{convention}opens_on": Opening.WORKS},
            then=Coalesce(ref(f"{vacancy}works_end_on"), ref(f"{vacancy}available_on")),
        ),
        default=ref(f"{vacancy}available_on"),
        output_field=DateField(),
    )


def proposing_from(routing: Routing) -> date:
    """The day that opens the delay to propose: that from which it runs anew, or that of the routing, never before the
    flow is open. No query under « congé reçu »: a notice is received before its unit is routed."""
    if routing.clock_from is not None:
        return routing.clock_from
    routed_on = timezone.localdate(routing.routed_at)
    if routing.convention is None or routing.convention.opens_on == Opening.NOTICE:
        return routed_on
    return max(routed_on, opened_on(routing.vacancy, routing.convention.opens_on))


def proposing_day() -> Coalesce:
    """The same where the database counts, of the outer routing."""
    opening = opening_day(convention="convention__", vacancy="vacancy__")
    return Coalesce("clock_from", Greatest(TruncDate("routed_at"), opening))
