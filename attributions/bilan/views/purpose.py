"""Why an officer reads the whole figures of an exercise: the form, and the journal of who stated what."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from attributions.bilan.exports.lists import PURPOSES
from attributions.bilan.forms.purpose import PurposeForm
from attributions.bilan.operations.purpose import state_purpose
from attributions.bilan.pages.journals import purposes_table
from attributions.bilan.permissions import can_read_purposes, can_read_whole_figures
from attributions.bilan.queries.purpose import stated_purpose, stated_purposes
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless

PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def balance_purposes(request: MemberRequest, year: int) -> HttpResponseBase:
    """The journal of what concerns the person; an officer states its purpose for the exercise, and goes back to the
    figures that it was reading."""
    member = member_of(request)
    may_state = can_read_whole_figures(member)
    refuse_unless(can_read_purposes(member) and (may_state or request.method != "POST"))
    given = {"next": request.GET.get("next", "")}
    form = PurposeForm(request.POST, initial=given) if request.method == "POST" else PurposeForm(initial=given)
    if form.is_bound and form.is_valid():
        with refusals_on(form):
            state_purpose(member=member, exercise=year, why=form.cleaned_data["why"], text=form.cleaned_data["text"])
            messages.success(
                request,
                f"Finalité inscrite au journal : vous lisez les chiffres entiers de {year} sur votre territoire.",
            )
            return redirect(_back(request, form.cleaned_data["next"], year))
    seen = stated_purposes(member)
    if asks_file(request):
        return in_a_file(request, PURPOSES, seen)
    page = Paginator(seen, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form if may_state else None,
        "stated": stated_purpose(member, year),
        "year": year,
        "page": page,
        "table": purposes_table(page),
        "today": timezone.localdate(),
    }
    return render(request, "bilan/purposes.html", context, status=422 if form.errors else 200)


def _back(request: MemberRequest, asked: str, year: int) -> str:
    """The page that the person was reading when it is one of ours, else its territory's."""
    ours = asked.startswith("/") and url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if ours else reverse("balance-territory", args=[year])
