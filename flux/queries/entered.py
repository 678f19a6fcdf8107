"""How many units entered a ledger by a day, without a reading of what entered it; how many were handed on beside."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from flux.models import FlowEntry, Ledger, Recommendation, Vacancy
from flux.queries.account import figures_on
from reservations.models import ReservationHolder

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


def handed_on(ledger: Ledger, on: date) -> tuple[Ledger | None, list[tuple[ReservationHolder, int]]]:
    """Beside a yearly account: that of the units handed on for one turn, None when there is none; and how many each
    holder received so by a day, in the order of their names. Four queries at most."""
    beside = {"landlord": ledger.landlord_id, "departement": ledger.departement_id, "exercise": ledger.exercise}
    book = Ledger.objects.filter(**beside, kind=Ledger.Kind.ONE_TURN).first()
    if book is None or ledger.kind != Ledger.Kind.ORDINARY:
        return None, []
    figures = {holder: each.received for (_, holder), each in figures_on(on, ledger=book).items() if each.received}
    holders = ReservationHolder.objects.filter(pk__in=figures).select_related("organisation")
    return book, [(each, figures[each.pk]) for each in sorted(holders, key=str)]
