"""Past routings entered one by one: a year lived elsewhere, unit by unit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.forms.past import PastRoutingForm
from flux.models import Unit, Vacancy
from flux.operations.past import record_past_routing
from flux.permissions import can_manage_stock
from flux.queries.starting import past_holders
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.words import to


@require_http_methods(["GET", "HEAD", "POST"])
def vacancy_past(request: MemberRequest) -> HttpResponse:
    """The manager enters one; the form comes back empty for the next."""
    landlord, today = member_of(request).landlord, timezone.localdate()
    refuse_unless(landlord is not None and can_manage_stock(request.member, landlord))
    assert landlord is not None, "refused just above"
    form = PastRoutingForm(request.POST if request.method == "POST" else None, holders=past_holders(landlord, today))
    if form.is_valid():
        units = Unit.objects.filter(landlord=landlord).select_related("commune", "programme", "landlord")
        unit = units.filter(reference__iexact=form.cleaned_data["reference"].strip()).order_by("pk").first()
        if unit is None:
            form.add_error("reference", "Aucun logement de votre parc n’a cette référence : vérifiez-la.")
        else:
            with refusals_on(form):
                holder = form.cleaned_data["holder"]
                vacancy = record_past_routing(unit=unit, holder=holder, dates=form.dates, by=request.user)
                messages.success(
                    request,
                    f"{unit} est repris au {vacancy.notice_on:%d/%m/%Y}, {to(holder)}, dans le compte "
                    f"{vacancy.registered_on.year} : il ne sera pas orienté de nouveau.",
                )
                return redirect("vacancy-past")
    past = Vacancy.objects.filter(landlord=landlord, source=Vacancy.Source.PAST)
    context = {"form": form, "today": today, "landlord": landlord, "count": past.count()}
    return render(request, "flux/vacancy_past.html", context, status=422 if form.errors else 200)
