"""Whose candidates are expected, and by what day."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from attributions.households.models import Lease
from flux.models import Routing
from flux.queries.due import with_answer_due
from flux.queries.outcome import not_allocated
from reservations.models import Convention, ReservationHolder


def expected_routings(*, today: date) -> QuerySet[Routing]:
    """The open routings for which a holder, or who acts for it, is expected to send candidates, the shortest delay
    first (`due`, its last day; `since`, the day before its first); what has no delay comes last.

    Not those whose landlord looks for them, nor what is allocated or let already.
    """
    own = Q(holder__contingent=ReservationHolder.Contingent.NOT_RESERVED)
    asked = (
        Routing.objects.filter(
            Q(convention=None)
            | Q(convention__management=Convention.Management.DIRECT)
            | own & Q(acting__isnull=False)  # a commune proposes on the landlord's part, whatever the management
        )
        .filter(closed_at=None, answered_on=None, vacancy__cancelled_at=None)
        .exclude(Exists(Lease.objects.filter(vacancy=OuterRef("vacancy"), cancelled_at=None)))
    )
    dated = with_answer_due(asked, today=today).annotate(since=Coalesce("clock_from", TruncDate("routed_at")))
    return not_allocated(dated.order_by(F("due").asc(nulls_last=True), "since", "pk"))
