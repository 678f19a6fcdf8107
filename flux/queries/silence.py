"""Routings whose holder has not answered in time."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from flux.models import Routing, Vacancy
from flux.queries.outcome import not_allocated
from flux.queries.returning import clock
from reservations.models import Convention, ReservationHolder


def silent_routings(*, today: date) -> list[Routing]:
    """Open routings of the flow, not answered, whose last day is over, the oldest first. One query.

    Under direct management and with a delay only: a landlord that looks for candidates itself, or keeps the unit, makes
    no holder late; what a committee allocated is answered. Which days are worked is computed row by row: the convention
    says it.
    """
    own = Q(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
    open_and_silent = (
        Routing.objects.filter(
            Q(clock_from=None, convention__proposal_days__isnull=False)
            | Q(clock_from__isnull=False, convention__new_candidates_days__isnull=False),
            closed_at=None,
            answered_on=None,
            vacancy__kind=Vacancy.Kind.IN_FLOW,
            vacancy__cancelled_at=None,
        )
        .filter(
            ~own & Q(convention__management=Convention.Management.DIRECT)
            | own & Q(acting__isnull=False)  # a commune proposes on the landlord's part, whatever the management
        )
        .select_related("vacancy", "convention", "holder__organisation")
        .order_by("routed_at", "pk")
    )
    late = []
    for routing in not_allocated(open_and_silent):
        asked = clock(routing, Vacancy.Kind.IN_FLOW, today=today)
        if asked is not None and asked.late:
            late.append(routing)
    return late
