"""The dated descriptions of a unit, and the act that says otherwise from a day on."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from flux.forms.description import UnitDescriptionForm, initial_description
from flux.models import Unit, UnitDescription
from flux.operations.description import change_unit, correct_unit
from flux.pages.stock import descriptions_table
from flux.permissions import can_declare_vacancy
from flux.queries.descriptions import Described, descriptions_of
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless

Act = UnitDescription.Act


@require_http_methods(["GET", "HEAD", "POST"])
def unit_description(request: MemberRequest, pk: int) -> HttpResponse:
    """What the unit was, from a day to another, for its landlord's staff; `?corrige=` opens one as an error."""
    seen = Unit.objects.visible_to(member_of(request)).select_related("commune", "programme", "landlord__organisation")
    unit = get_object_or_404(seen, pk=pk)
    refuse_unless(can_declare_vacancy(request.member, unit.landlord))
    rows = descriptions_of(unit)
    told = _chosen(request, rows)
    initial = initial_description(told) | ({"act": Act.ERROR} if request.GET.get("corrige") else {})
    form = UnitDescriptionForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            _write(unit, told, form, request)
            return redirect("unit-description", unit.pk)
    context = {
        "unit": unit,
        "form": form,
        "table": descriptions_table(rows),
        "told": told,
    }
    return render(request, "flux/unit_description.html", context, status=422 if form.errors else 200)


def _chosen(request: MemberRequest, rows: list[Described]) -> UnitDescription:
    """The description that the form is about: the one asked for, as long as it stands, else that of today."""
    asked = (request.POST if request.method == "POST" else request.GET).get("corrige", "")
    standing = [row.told for row in rows if row.replaced_by is None]
    return next((told for told in standing if str(told.pk) == asked), standing[-1])


def _write(unit: Unit, told: UnitDescription, form: UnitDescriptionForm, request: MemberRequest) -> None:
    since, source, said = form.cleaned_data["since"], form.cleaned_data["source"], form.said()
    if form.cleaned_data["act"] == Act.CHANGE:
        change_unit(unit=unit, since=since, said=said, source=source, by=request.user)
        messages.success(
            request, f"{unit} est décrit autrement à compter du {since:%d/%m/%Y}. Ce qui est déjà compté ne bouge pas."
        )
        return
    correct_unit(description=told, since=since or told.since, said=said, source=source, by=request.user)
    messages.success(
        request,
        f"L’erreur est corrigée : les actes de {unit} que cette description avait comptés suivent. Les bilans scellés "
        "restent tels quels.",
    )
