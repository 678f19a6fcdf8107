"""Legal parameters: the dated figures of the law. Kept by the administrator."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from reservations.forms.fields import refusals_on
from reservations.forms.legal_parameter import LegalParameterForm
from reservations.http import MemberRequest, asks_file, refuse_unless, table_in_a_file
from reservations.models import HistoryEntry, LegalParameter, Unconfirmed
from reservations.operations.legal_parameter import record_legal_parameter
from reservations.pages.legal_parameters import in_words, parameter_name, parameters_table, state_of
from reservations.permissions import can_administer
from reservations.words import day

#: How many acts the page tells.
LATEST = 20


@require_safe
def legal_parameter_list(request: MemberRequest) -> HttpResponseBase:
    """Every value, past, in force and to come, the newest first; those that nobody confirmed yet, and who recorded
    them. Three queries."""
    refuse_unless(can_administer(request.member))
    today = timezone.localdate()
    parameters = list(LegalParameter.objects.order_by("code", "-starts_on"))
    doubts = Unconfirmed.objects.left().filter(subject=LegalParameter._meta.label_lower)
    doubted = set(doubts.values_list("subject_id", flat=True))
    tabled = partial(parameters_table, today=today, doubted=doubted)
    if asks_file(request):
        return table_in_a_file(request, "parametres-de-droit", parameters, tabled)
    context = {
        "table": tabled(parameters),
        "count": len(parameters),
        "doubted": len(doubted),
        "in_force": sum(state_of(each, today).pill == "ok" for each in parameters),
        "acts": _acts(parameters),
        "today": today,
    }
    return render(request, "reservations/legal_parameter_list.html", context)


def _acts(parameters: list[LegalParameter]) -> list[tuple[HistoryEntry, str, str, str]]:
    """The latest acts on these values: (act, parameter, value before, value after)."""
    named = {each.pk: each for each in parameters}
    entries = HistoryEntry.objects.filter(subject=LegalParameter._meta.label_lower).select_related("by").order_by("-pk")
    return [
        (entry, parameter_name(named[entry.subject_id]), *_values(named[entry.subject_id], entry))
        for entry in entries[:LATEST]
    ]


def _values(parameter: LegalParameter, entry: HistoryEntry) -> tuple[str, str]:
    """A value before and after, in the measure of its parameter; "" when it did not change, or there was none."""
    said = [
        "" if value is None else in_words(LegalParameter(code=parameter.code, value=Decimal(value)))
        for value in entry.details.get("value", [None, None])
    ]
    return said[0], said[1]


@require_http_methods(["GET", "HEAD", "POST"])
def legal_parameter_new(request: MemberRequest) -> HttpResponse:
    """A new value from a day on; the running one ends the day before."""
    refuse_unless(can_administer(request.member))
    form = LegalParameterForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            recorded = record_legal_parameter(**form.cleaned_data, by=request.user, today=timezone.localdate())
            messages.success(
                request,
                f"La nouvelle valeur compte à partir du {day(recorded.starts_on)} ({parameter_name(recorded)}).",
            )
            return redirect("legal-parameter-list")
    return render(request, "reservations/legal_parameter_form.html", {"form": form}, status=422 if form.errors else 200)
