"""Letting again a unit that works, or a technical vacancy, kept out of the flow."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.models import Vacancy
from flux.operations.resuming import resume_vacancy
from flux.pages.resuming import Resuming
from flux.permissions import can_declare_vacancy
from flux.queries.sheet import sheet
from flux.queries.vacancies import standing, with_destinations
from flux.views.sheet import sheet_vacancy
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.words import towards


@require_http_methods(["GET", "HEAD", "POST"])
def vacancy_resume(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what letting a unit again does, then do it. One that is not out is read on its sheet."""
    member, today = member_of(request), timezone.localdate()
    vacancy = sheet_vacancy(member, pk)
    refuse_unless(can_declare_vacancy(member, vacancy.unit.landlord))
    read = sheet(vacancy, today=today)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method != "POST" and read.state not in ("OUT", Vacancy.Kind.TECHNICAL):
        messages.info(request, f"{vacancy.unit} n’est pas sorti de la location : il n’y a rien à reprendre.")
        return redirect("vacancy-detail", vacancy.pk)
    if form.is_valid():
        with refusals_on(form):
            after = resume_vacancy(vacancy=vacancy, by=request.user)
            messages.success(request, _said(after))
            return redirect("vacancy-detail", after.pk)
    context = {"vacancy": vacancy, "form": form, "said": Resuming(read, today)}
    return render(request, "flux/vacancy_resume.html", context, status=422 if form.errors else 200)


def _said(vacancy: Vacancy) -> str:
    """What happened, and where the unit goes."""
    read = with_destinations(Vacancy.objects.filter(pk=vacancy.pk)).get()
    recommendation, opened = standing(read)
    if opened is not None:
        return f"{read.unit} est remis en location, et orienté vers {towards(opened.holder)}."
    if recommendation is not None:
        return f"{read.unit} est remis en location, et recommandé pour {towards(recommendation.holder)}."
    if read.kind == Vacancy.Kind.IN_FLOW:
        return f"{read.unit} est remis en location, dans le flux : sa destination se calcule."
    return f"{read.unit} est remis en location, {read.get_kind_display()}."
