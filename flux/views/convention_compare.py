"""Two conventions of one landlord side by side."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.pages.compare import YearlyUnits, answer, clauses, clauses_table, title_of, units_table
from flux.queries.compared import compared_with, yearly_units
from flux.views.convention import load
from reservations.http import MemberRequest, asks_file, table_in_a_file
from reservations.models import Convention
from reservations.pages.documents import in_words
from reservations.queries.conventions import conventions_of


@require_safe
def convention_compare(request: MemberRequest, pk: int) -> HttpResponseBase:
    """This one, and the one chosen (`avec`): by default the version that it amends, or the closest. Twenty queries at
    most, whatever is stored."""
    convention, today = load(request, pk), timezone.localdate()
    seen = conventions_of(request.member)
    choices = compared_with(convention, seen)
    chosen = request.GET.get("avec", "")
    other: Convention | None
    if chosen.isdecimal():
        other = get_object_or_404(seen.filter(landlord=convention.landlord_id), pk=int(chosen))
    else:
        other = next((each for each in choices if each.pk == convention.amends_id), choices[0] if choices else None)
    context = {"convention": convention, "choices": choices, "other": other, "today": today}
    if other is None:
        return render(request, "flux/convention_compare.html", context)
    first, second = title_of(other), title_of(convention)
    found = clauses(_said(other), _said(convention))
    if asks_file(request):
        return table_in_a_file(request, "comparaison", found, lambda rows: clauses_table(rows, first, second))
    (flow_before, before), (flow_after, after) = yearly_units(other, today=today), yearly_units(convention, today=today)
    moved = [YearlyUnits(name, before.get(name, 0), after.get(name, 0)) for name in dict.fromkeys((*before, *after))]
    context |= {
        "count": len(found),
        "said": answer(found, moved),
        "table": clauses_table(found, first, second),
        "yearly": units_table(moved, (flow_before, flow_after), first, second),
        "titles": [(each.pk, title_of(each)) for each in choices],
        "flow": flow_before or flow_after,
    }
    return render(request, "flux/convention_compare.html", context)


def _said(convention: Convention) -> dict[str, str]:
    quotas = convention.quotas.select_related("holder__organisation").prefetch_related(
        "delegations__delegate", "rates__territory"
    )
    return in_words(convention, quotas.order_by("rank", "pk"), agreed_end=convention.agreed_term)
