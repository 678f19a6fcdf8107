"""What became of a routed unit, read from the entries of its account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from flux.models import FlowEntry, Routing, Vacancy

Stage = FlowEntry.Stage


def outcomes(vacancies: Iterable[Vacancy]) -> dict[int, dict[str, date]]:
    """The outcomes that stand for each vacancy (by id), with their day: {ALLOCATED: day, LEASED: day}. One query."""
    found: dict[int, dict[str, date]] = {}
    rows = (
        FlowEntry.objects.filter(vacancy__in=[each.pk for each in vacancies], stage__in=(Stage.ALLOCATED, Stage.LEASED))
        .order_by()
        .values_list("vacancy", "stage")
        .annotate(standing=Sum("quantity"), day=Max("on"))
    )
    for vacancy, stage, standing, day in rows:
        if standing > 0:
            found.setdefault(vacancy, {})[stage] = day
    return found


def not_allocated(routings: QuerySet[Routing]) -> QuerySet[Routing]:
    """Those whose unit no committee gave yet to a household of their holder, as the account says it. No query."""
    standing = (
        FlowEntry.objects.filter(vacancy=OuterRef("vacancy"), holder=OuterRef("holder"), stage=Stage.ALLOCATED)
        .order_by()
        .values("vacancy")
        .annotate(standing=Sum("quantity"))
        .values("standing")
    )
    return routings.annotate(allocated=Coalesce(Subquery(standing), 0)).exclude(allocated__gt=0)
