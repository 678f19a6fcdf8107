"""Programmes, and how much each is asked for."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from flux.forms.programme import ProgrammeForm
from flux.models import Programme
from flux.operations.stock import classify_programme
from flux.permissions import can_declare_vacancy, can_manage_stock
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import Landlord

PAGE = 50


def _landlord(request: MemberRequest) -> Landlord:
    """The landlord for whom the person acts: the programmes are its own business. 403 for others."""
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_declare_vacancy(request.member, landlord))
    assert landlord is not None
    return landlord


@require_GET
def programme_list(request: MemberRequest) -> HttpResponse:
    """Every programme, with its number of units and its class."""
    landlord = _landlord(request)
    programmes = (
        Programme.objects.filter(landlord=landlord)
        .select_related("commune")
        .annotate(size=Count("units"))
        .order_by("number", "pk")
    )
    page = Paginator(programmes, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "unclassified": programmes.filter(attractiveness="").count(),
        "classes": Programme.Attractiveness.choices,
        "may_manage": can_manage_stock(request.member, landlord),
    }
    return render(request, "flux/programme_list.html", context)


@require_POST
def programme_classify(request: MemberRequest, pk: int) -> HttpResponse:
    """Give one programme its class."""
    programme = get_object_or_404(
        Programme.objects.select_related("landlord"), pk=pk, landlord__organisation=member_of(request).organisation_id
    )
    refuse_unless(can_manage_stock(request.member, programme.landlord))
    form = ProgrammeForm(request.POST)
    if form.is_valid():
        classify_programme(programme=programme, **form.cleaned_data)
        messages.success(
            request,
            f"{programme} est classé : {programme.get_attractiveness_display()}."
            if programme.attractiveness
            else f"{programme} n’est plus classé.",
        )
    else:
        messages.error(request, f"{programme} n’a pas changé. {form.errors['attractiveness'][0]}")
    back = f"?page={request.GET['page']}" if request.GET.get("page", "").isdecimal() else "?"
    return redirect(f"{reverse('programme-list')}{back}#p{programme.pk}")
