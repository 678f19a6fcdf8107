"""How a unit is known elsewhere: its own reference, its RPLS identifier, and what they were."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from flux.forms.unit_identity import UnitIdentityForm
from flux.models import Unit
from flux.operations.unit_identity import identify_unit
from flux.permissions import can_manage_stock
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless


@require_http_methods(["GET", "HEAD", "POST"])
def unit_identity(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a unit its own reference. For the landlord's manager."""
    units = Unit.objects.visible_to(member_of(request)).select_related("landlord__organisation")
    unit = get_object_or_404(units, pk=pk)
    refuse_unless(can_manage_stock(request.member, unit.landlord))
    known = {"reference": unit.reference, "rpls_id": unit.rpls_id, "software": unit.software}
    form = UnitIdentityForm(request.POST if request.method == "POST" else None, initial=known, unit=unit)
    if form.is_valid():
        with refusals_on(form):
            held = identify_unit(unit=unit, by=request.user, **form.cleaned_data)
            messages.success(request, f"Le logement est connu sous la référence {held}.")
            return redirect("unit-detail", unit.pk)
    return render(request, "flux/unit_identity.html", {"unit": unit, "form": form}, status=422 if form.errors else 200)
