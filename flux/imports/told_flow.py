"""What is declared and routed here, as the files of notices and of past routings say it: for whoever takes it away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import batched

from django.db.models import Q
from django.utils import timezone

from flux.models import Routing, Vacancy
from flux.queries.outcome import became
from reservations.models import Membership

BATCH = 500


def routings_told(member: Membership) -> Iterator[tuple[Routing, Mapping[str, date]]]:
    """Each unit of the flow of the landlord that has a destination now, in the order in which they had it, and the day
    of each thing that it became."""
    held = Routing.objects.filter(
        closed_at=None,
        vacancy__kind=Vacancy.Kind.IN_FLOW,
        vacancy__cancelled_at=None,
        vacancy__unit__landlord__organisation=member.organisation_id,
    )
    rows = held.select_related("vacancy__unit", "holder__organisation").order_by("pk")
    for batch in batched(rows.iterator(chunk_size=BATCH), BATCH):
        days = became(each.vacancy_id for each in batch)
        yield from ((each, days.get(each.vacancy_id, {})) for each in batch)


def notices_told(member: Membership) -> Iterator[Vacancy]:
    """Each unit that fell vacant and that nobody has of the flow: to decide, kept in stock, subtracted, technical; and
    each notice that was cancelled."""
    waits = Q(pk__in=Vacancy.objects.to_decide().order_by().values("pk"))
    found = Vacancy.declared.filter(
        Q(cancelled_at__isnull=False) | ~Q(kind=Vacancy.Kind.IN_FLOW) | waits,
        unit__landlord__organisation=member.organisation_id,
    )
    rows = found.select_related("unit").prefetch_related("routings").order_by("pk")
    yield from rows.iterator(chunk_size=BATCH)


def proposed_on(routing: Routing) -> date:
    """The day on which a unit went to its holder."""
    return timezone.localdate(routing.routed_at)
