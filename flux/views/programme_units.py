"""Adding the units of a new programme, before the RPLS knows them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from flux.forms.unit_new import NewUnitsForm
from flux.imports.addresses import street, street_number
from flux.models import Programme
from flux.operations.unit_new import Alike, create_units
from flux.permissions import can_manage_stock
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.words import integer, plural


@require_http_methods(["GET", "HEAD", "POST"])
def programme_units(request: MemberRequest, pk: int) -> HttpResponse:
    """So many units alike at one address. For the landlord's manager."""
    seen = Programme.objects.visible_to(member_of(request)).select_related("landlord__organisation", "commune")
    programme = get_object_or_404(seen, pk=pk)
    refuse_unless(can_manage_stock(request.member, programme.landlord))
    form = NewUnitsForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            count = form.cleaned_data["count"]
            references = create_units(programme=programme, count=count, alike=_alike(form), by=request.user)
            what = plural(count, "logement est ajouté,logements sont ajoutés")
            messages.success(request, f"{integer(count)} {what} à partir de {references[0]}.")
            return redirect(f"{reverse('unit-list')}?programme={programme.pk}")
    page = {"programme": programme, "form": form, "known": programme.units.count()}
    return render(request, "flux/programme_units.html", page, status=422 if form.errors else 200)


def _alike(form: NewUnitsForm) -> Alike:
    """What the units have in common, their street written as files write it."""
    said = form.cleaned_data
    number, index = street_number(said["number"], "")
    kind, name = street("", said["street"])
    facts = {field: said[field] for field in ("rooms", "financing_code", "surface", "construction_year", "in_qpv")}
    return Alike(street_number=number, street_index=index[:10], street_type=kind[:30], street_name=name[:120], **facts)
