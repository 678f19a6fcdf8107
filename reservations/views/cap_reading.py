"""How the caps of the State's share are read: who chose, since when, and another choice."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from reservations.forms.cap_reading import CapReadingForm
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, refuse_unless, table_in_a_file
from reservations.operations.cap_reading import choose_cap_reading
from reservations.pages.cap_readings import readings_table
from reservations.permissions import can_record_derogation
from reservations.queries.derogations import cap_readings_of, caps_of
from reservations.words import day, towards

PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def cap_reading_list(request: MemberRequest) -> HttpResponseBase:
    """Every choice that the person may read, the latest first; and one more, for who may record an order. A fixed
    number of queries."""
    member = request.member
    refuse_unless(member is not None and (member.is_landlord or member.is_overseer or member.is_administrator))
    assert member is not None
    allowed = can_record_derogation(member)
    if request.method == "POST":
        refuse_unless(allowed)
    form = None
    if allowed:
        landlords, departements = caps_of(member)
        form = CapReadingForm(
            request.POST if request.method == "POST" else None,
            landlords=landlords,
            departements=departements,
            initial={"landlord": member.landlord, "departement": member.organisation.territory_id},
        )
        if form.is_valid():
            with refusals_on(form):
                chosen = choose_cap_reading(**form.cleaned_data, by=request.user, today=timezone.localdate())
                messages.success(
                    request,
                    f"Dans {chosen.departement}, le plafond de l’État chez {towards(chosen.landlord)} est lu "
                    f"{chosen.get_reading_display()} à compter du {day(chosen.starts_on)}.",
                )
                return redirect("cap-reading-list")
    found, tabled = (
        cap_readings_of(member).order_by("-starts_on", "-pk"),
        partial(readings_table, today=timezone.localdate()),
    )
    if asks_file(request):
        return table_in_a_file(request, "lectures-du-plafond", found, tabled)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    wrong = form is not None and bool(form.errors)
    context = {"page": page, "table": tabled(page), "form": form}
    status = 422 if wrong else 200
    return render(request, "reservations/cap_reading_list.html", context, status=status)
