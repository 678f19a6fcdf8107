"""How many units entered a ledger by a day, told of ledgers without a reading of what entered them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from flux.models import FlowEntry, Ledger, Recommendation, Vacancy

Stage = FlowEntry.Stage


def entered_until(on: date) -> CombinedExpression:
    """To annotate ledgers with: all that each ranked, less those ranked once more, those cancelled or taken out for
    works by then and those credited later."""
    again = Recommendation.objects.filter(ledger=OuterRef("pk"), attempt__gt=1)
    gone = Vacancy.declared.filter(_credited(), cancelled_at__date__lte=on, **_beside())
    before = FlowEntry.objects.filter(
        ledger=OuterRef("ledger"), vacancy=OuterRef("vacancy"), stage=Stage.DUE, on__lte=on
    )
    late = FlowEntry.objects.filter(~Exists(before), ledger=OuterRef("pk"), stage=Stage.DUE, on__gt=on)
    out = Vacancy.objects.out_for_works().filter(
        ledger=OuterRef("pk"), ledger__accounting__gte=2, routings__given_back__returned_at__date__lte=on
    )
    decided = F("sequence") - _count(again, "pk")
    return decided - _count(gone, "pk") - _count(late, "vacancy") - _count(out, "pk")


def first_lettings_in() -> Coalesce:
    """To annotate yearly ledgers with: how many first lettings that stand each counts, whose own account is another."""
    return _count(Vacancy.objects.filter(_credited(), ledger__kind=Ledger.Kind.FIRST_LETTING, **_beside()), "pk")


def _credited() -> Exists:
    """Condition on vacancies: the outer ledger credited them."""
    here = FlowEntry.objects.filter(ledger=OuterRef(OuterRef("pk")), vacancy=OuterRef("pk"), stage=Stage.DUE)
    return Exists(here)


def _beside() -> dict[str, OuterRef]:
    """Vacancies of the accounts of the same landlord, place and year as the outer ledger."""
    return {f"ledger__{name}": OuterRef(name) for name in ("landlord", "departement", "exercise")}


def _count(rows: QuerySet[Any], each: str) -> Coalesce:
    """How many there are, as a figure of the outer query."""
    alone = rows.order_by().values(whole=Value(1)).values_list(Count(each, distinct=True))
    return Coalesce(Subquery(alone, output_field=IntegerField()), 0)
