"""A unit outside what shares bear on, and inside again. For the landlord's manager."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.forms.outside import InsideForm, OutsideForm
from flux.models import Unit
from flux.operations.outside import end_outside_flow, set_outside_flow
from flux.permissions import can_manage_stock
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.words import day


@require_http_methods(["GET", "HEAD", "POST"])
def unit_outside(request: MemberRequest, pk: int) -> HttpResponse:
    """Take it out of the flow from a day on; or, when it is out, say until when."""
    units = Unit.objects.visible_to(member_of(request)).select_related("landlord__organisation", "commune")
    unit = get_object_or_404(units, pk=pk)
    refuse_unless(can_manage_stock(request.member, unit.landlord))
    outside = unit.outside.filter(ends_on=None).first()
    typed = request.POST if request.method == "POST" else None
    form: OutsideForm | InsideForm = OutsideForm(typed) if outside is None else InsideForm(typed)
    if form.is_valid():
        with refusals_on(form):
            if outside is None:
                today = timezone.localdate()
                said = set_outside_flow(unit=unit, by=request.user, today=today, **form.cleaned_data)
                messages.success(
                    request,
                    f"{unit} est hors assiette depuis le {day(said.starts_on)} : il n’entrera plus dans le flux.",
                )
            else:
                ended = end_outside_flow(outside=outside, by=request.user, **form.cleaned_data)
                messages.success(request, f"{unit} entre dans le flux comme les autres après le {day(ended.ends_on)}.")
            return redirect("unit-detail", unit.pk)
    context = {"unit": unit, "outside": outside, "form": form}
    return render(request, "flux/unit_outside.html", context, status=422 if form.errors else 200)
