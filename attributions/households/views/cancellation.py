"""Cancelling a declared vacancy, or reclassifying it: the page says first what is taken back, and from whom."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.households.operations.cancelling import cancel_followed, reclassify_followed
from attributions.households.pages.cancellation import answer, besides, prevented, taken_words, ways
from attributions.households.views.outcome import followed_here
from flux.forms.cancellation import CancellationForm
from flux.models import Vacancy
from flux.operations.decision import already_cancelled
from flux.permissions import can_cancel_vacancy
from flux.queries.cancellation import taken_back
from flux.queries.outcome import outcomes
from flux.queries.units import class_of, programme_places, stock_of
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def vacancy_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Cancel one vacancy, or declare it again under another kind; its candidates are released."""
    vacancy = get_object_or_404(
        Vacancy.declared.visible_to(member_of(request)).select_related(
            "unit__landlord__organisation", "unit__commune", "unit__programme", "cancelled_by"
        ),
        pk=pk,
    )
    refuse_unless(can_cancel_vacancy(request.member, vacancy))
    if vacancy.is_cancelled:
        messages.error(request, already_cancelled(vacancy))
        return redirect("vacancy-detail", vacancy.pk)
    today = timezone.localdate()
    stock = stock_of(vacancy.unit, on=today)
    classed = class_of(vacancy.unit, on=today, stock=stock)
    form = CancellationForm(
        request.POST if request.method == "POST" else None,
        vacancy=vacancy,
        classed=classed,
        places=[] if classed else programme_places(vacancy.unit, on=today),
    )
    if form.is_valid():
        with refusals_on(form):
            after = _act(vacancy, form, request.user)
            messages.success(request, _said(vacancy, after))
            return redirect("vacancy-detail", after.pk)
    routing = vacancy.routings.select_related("holder__organisation").filter(closed_at=None).first()
    allocated = bool(outcomes([vacancy]))
    taken = taken_back(vacancy)
    context = {
        "vacancy": vacancy,
        "form": form,
        "answer": answer(vacancy, routing, len(taken)),
        "prevented": prevented(vacancy, allocated=allocated, followed_here=allocated and followed_here(vacancy)),
        "ways": ways(form, vacancy, today.year if today.year != vacancy.registered_on.year else None),
        "taken": taken_words(taken),
        "besides": besides(vacancy, routing, stock),
    }
    return render(request, "households/vacancy_cancel.html", context, status=422 if form.errors else 200)


def _act(vacancy: Vacancy, form: CancellationForm, by: User) -> Vacancy:
    given = form.cleaned_data
    if given["reason"] != Vacancy.Cancellation.RECLASSIFIED:
        return cancel_followed(vacancy=vacancy, reason=given["reason"], text=given["text"], by=by)
    return reclassify_followed(
        vacancy=vacancy,
        kind=given["kind"],
        exclusion=given["exclusion"],
        stock_right=given.get("stock_right"),
        text=given["text"],
        by=by,
    )


def _said(before: Vacancy, after: Vacancy) -> str:
    """What happened, and what follows."""
    if after.pk == before.pk:
        return f"{before.unit} est annulé : il ne compte plus pour personne."
    return f"{before.unit} est déclaré de nouveau, {after.get_kind_display()} : l’ancienne déclaration est annulée."
