"""The préfet's order that stands for the State's convention where none was signed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from reservations.forms.fields import refusals_on
from reservations.forms.prefect_order import PrefectOrderForm
from reservations.http import MemberRequest, refuse_unless
from reservations.operations.prefect_order import record_order
from reservations.permissions import can_record_order
from reservations.queries.derogations import caps_of


@require_http_methods(["GET", "HEAD", "POST"])
def prefect_order_new(request: MemberRequest) -> HttpResponse:
    """Record an order."""
    member = request.member
    refuse_unless(can_record_order(member))
    assert member is not None
    landlords, departements = caps_of(member)
    form = PrefectOrderForm(
        request.POST if request.method == "POST" else None,
        landlords=landlords,
        departements=departements,
        initial={"landlord": member.landlord, "departement": member.organisation.territory_id},
    )
    if form.is_valid():
        with refusals_on(form):
            recorded = record_order(**form.cleaned_data, by=request.user)
            messages.success(
                request,
                f"L’arrêté est enregistré : la part de l’État y est comptée du {recorded.starts_on:%d/%m/%Y} au "
                f"{recorded.ends_on:%d/%m/%Y}, ou jusqu’à la convention qui sera signée.",
            )
            return redirect("convention-detail", pk=recorded.pk)
    return render(request, "reservations/prefect_order_form.html", {"form": form}, status=422 if form.errors else 200)
