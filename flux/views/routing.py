"""The screens of routing.

* Acts of the landlord on its vacancies: follow the recommendation, or send elsewhere with a motive.
* Letting again a unit that works, or a technical vacancy, kept out of the flow.
* Looking again at what the worker has not decided yet.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from flux.forms.routing import DecideNowForm, ElsewhereForm, RerouteForm
from flux.models import Recommendation, Vacancy
from flux.operations.decision import RoutingRefused
from flux.operations.departures import decide_now
from flux.operations.outcomes import resume_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere
from flux.pages.declarations import Resuming, destination_choices, ticked_lines
from flux.pages.departures import decided_now
from flux.permissions import can_declare_vacancy, can_route
from flux.queries.departures import registered_before
from flux.queries.queue import calculating, destinations
from flux.queries.sheet import sheet
from flux.queries.vacancies import latest_routing, read_destinations, with_destinations
from flux.views.sheet import render_sheet, sheet_vacancy
from reservations.forms.fields import refusals_on
from reservations.http import (
    CAME,
    RANK,
    MemberRequest,
    acts_from,
    inbox_address,
    member_of,
    next_look,
    refusals_shown,
    refuse_unless,
)
from reservations.models import Membership, ReservationHolder
from reservations.refusals import Refusal
from reservations.words import plural, towards


@acts_from("vacancy-detail", "pk")
def vacancy_confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """Follow the recommendation of one vacancy."""
    member = member_of(request)
    vacancy = sheet_vacancy(member, pk)
    refuse_unless(can_route(member, vacancy))
    with refusals_shown(request):
        [routing] = confirm_recommendations(
            vacancies=[vacancy.pk], by=request.user, seen=_seen(request.POST.getlist("lu"))
        )
        return _onward(request, member, vacancy, f"est orienté vers {towards(routing.holder)}.")
    return redirect("vacancy-detail", vacancy.pk)


def _onward(request: MemberRequest, member: Membership, vacancy: Vacancy, words: str) -> HttpResponse:
    """After a decision, the next unit to confirm in the order of the queue; the page of this one after the last."""
    waiting = Vacancy.declared.visible_to(member).to_confirm().exclude(pk=vacancy.pk)
    following = waiting.filter(pk__gt=vacancy.pk).first() or waiting.first()
    if following is None:
        messages.success(request, f"{vacancy.unit} {words}")
        return redirect("vacancy-detail", vacancy.pk)
    decided = format_html('<a href="{}">{}</a>', reverse("vacancy-detail", args=[vacancy.pk]), vacancy.unit)
    messages.success(request, format_html("{} {} Voici le suivant à confirmer.", decided, words))
    return redirect("vacancy-detail", following.pk)


@acts_from("vacancy-detail", "pk")
def vacancy_decide(request: MemberRequest, pk: int) -> HttpResponse:
    """« Décider maintenant »: do not wait for others to be known; with a motive when it passes before one."""
    member = member_of(request)
    vacancy = sheet_vacancy(member, pk)
    refuse_unless(can_route(member, vacancy))
    form = DecideNowForm(request.POST, passes=bool(registered_before(vacancy)))
    if form.is_valid():
        with refusals_on(form):
            recommendation = decide_now(vacancy=vacancy, by=request.user, **form.cleaned_data)
            messages.success(request, decided_now(vacancy, str(recommendation.holder)))
            return redirect("vacancy-detail", vacancy.pk)
    return render_sheet(request, sheet_vacancy(member, pk), now_form=form)


def _seen(pairs: Iterable[str]) -> dict[int, int]:
    """What the page showed: « 12-34 », the recommendation 34 of the vacancy 12; a page may say nothing.

    Raises RoutingRefused when it says something else: what was read is then unknown.
    """
    seen = {}
    for pair in pairs:
        read = re.fullmatch(r"(\d{1,18})-(\d{1,18})", pair)
        if read is None:
            raise RoutingRefused("Rechargez la page, puis décidez de nouveau.")
        seen[int(read[1])] = int(read[2])
    return seen


@acts_from("vacancy-detail", "pk")
def vacancy_reroute(request: MemberRequest, pk: int) -> HttpResponse:
    """Send one vacancy elsewhere than recommended, or than it is routed to."""
    member = member_of(request)
    vacancy = sheet_vacancy(member, pk)
    refuse_unless(can_route(member, vacancy))
    form = RerouteForm(request.POST, vacancy=vacancy, by=request.user)
    if form.is_valid():
        with refusals_on(form):
            routing = route_elsewhere(vacancy=vacancy, by=request.user, **form.cleaned_data)
            words = f"est orienté vers {towards(routing.holder)}, avec votre motif."
            if address := inbox_address(request):
                messages.success(request, f"{vacancy.unit} {words}")
                return redirect(address)
            if not form.cleaned_data["was_routed"]:
                return _onward(request, member, vacancy, words)
            messages.success(request, f"{vacancy.unit} {words}")
            return redirect("vacancy-detail", vacancy.pk)
    return render_sheet(request, vacancy, form=form)


@acts_from("home")
def vacancies_confirm(request: MemberRequest) -> HttpResponse:
    """Follow the recommendations ticked in a list, or the one of a row (`seul`): all of them, or none. Back to the list
    as it was filtered, and to what took the place of that row."""
    back = redirect(_list_address(request))
    pairs, asked = request.POST.getlist("lu"), request.POST.getlist("logement")
    if "seul" in request.POST:
        pairs = [request.POST["seul"]]
        asked = [pair.partition("-")[0] for pair in pairs]
    vacancies = _ticked(member_of(request), asked)
    if vacancies is None:
        messages.error(request, "Cochez au moins un logement de la liste, puis confirmez.")
        return back
    try:
        routings = confirm_recommendations(
            vacancies=[vacancy.pk for vacancy in vacancies],
            by=request.user,
            seen=_seen(pairs),
        )
    except Refusal as refusal:
        messages.error(request, f"Rien n’est enregistré. {refusal}")
        return back
    by_holder = Counter(f"vers {towards(routing.holder)}" for routing in routings)
    counted = ", ".join(f"{number} {where}" for where, number in by_holder.most_common())
    whole = f"{len(routings)} {plural(len(routings), 'logement orienté,logements orientés')}"
    messages.success(request, f"{whole} : {counted}.")
    return back


def _ticked(member: Membership, asked: Sequence[str]) -> list[Vacancy] | None:
    """The units that were ticked, all of them for this person to route; None when none was, or one is not there."""
    ticked = {int(pk) for pk in asked if pk.isdecimal() and len(pk) < 19}
    seen = Vacancy.declared.visible_to(member).filter(pk__in=ticked)
    vacancies = list(seen.select_related("unit__landlord").order_by("pk"))
    refuse_unless(member.is_landlord and all(can_route(member, vacancy) for vacancy in vacancies))
    return vacancies if ticked and len(vacancies) == len(asked) else None


def _list_address(request: MemberRequest) -> str:
    """The list from which units are routed, as it was filtered: « À faire », or the queue."""
    kept = request.GET.copy()
    for name in (CAME, RANK):
        kept.pop(name, None)
    return inbox_address(request) or f"{reverse('home')}?{kept.urlencode()}#file"


@acts_from("home")
def vacancies_reroute(request: MemberRequest) -> HttpResponse:
    """Send the units ticked in a list to one other holder, with one motive: each by itself, and those that cannot go
    there are named, with why. A list posts what is ticked; the page then asks where, and why."""
    member, back = member_of(request), redirect(_list_address(request))
    vacancies = _ticked(member, request.POST.getlist("logement"))
    if vacancies is None:
        messages.error(request, "Cochez au moins un logement de la liste, puis choisissez où les orienter.")
        return back
    units = [each.pk for each in vacancies]
    vacancies = read_destinations(Vacancy.declared.filter(pk__in=units).order_by("pk"))
    form = ElsewhereForm(
        request.POST if "motive" in request.POST else None,
        by=request.user,
        landlord=vacancies[0].unit.landlord,
        choices=destination_choices(destinations(vacancies), len(units)),
    )
    if not form.is_valid():
        read = [
            pair for pair in request.POST.getlist("lu") if pair.partition("-")[0] in request.POST.getlist("logement")
        ]
        context = {
            "form": form,
            "vacancies": vacancies,
            "units": ticked_lines(vacancies),
            "read": read,
            "back": back["Location"],
            "address": request.get_full_path(),
        }
        return render(request, "flux/vacancies_elsewhere.html", context, status=422 if form.errors else 200)
    try:
        seen = Recommendation.objects.select_related("holder").in_bulk(_seen(request.POST.getlist("lu")).values())
    except Refusal as refusal:
        messages.error(request, f"Rien n’est enregistré. {refusal}")
        return back
    read_of = {each.vacancy_id: each.holder for each in seen.values()}
    holder = ReservationHolder.objects.select_related("organisation").get(pk=form.cleaned_data.pop("holder"))
    apart: list[str] = []
    for vacancy in vacancies:
        if vacancy.pk not in read_of:
            apart.append(f"{vacancy.unit} : sa recommandation n’a pas été lue, ouvrez-le.")
            continue
        try:
            route_elsewhere(
                vacancy=vacancy,
                holder=holder,
                instead_of=read_of[vacancy.pk],
                was_routed=False,
                by=request.user,
                **form.cleaned_data,
            )
        except Refusal as refusal:
            apart.append(f"{vacancy.unit} : {refusal}")
    gone = len(vacancies) - len(apart)
    if gone:
        whole = f"{gone} {plural(gone, 'logement orienté,logements orientés')}"
        messages.success(request, f"{whole} vers {towards(holder)}, avec votre motif.")
    if apart:
        stayed = plural(len(apart), "logement n’est pas orienté,logements ne sont pas orientés")
        messages.error(request, f"{len(apart)} {stayed}. {' '.join(apart)}")
    return back


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
            messages.success(request, _done_words(after))
            return redirect("vacancy-detail", after.pk)
    context = {"vacancy": vacancy, "form": form, "words": Resuming(read, today)}
    return render(request, "flux/vacancy_resume.html", context, status=422 if form.errors else 200)


def _done_words(vacancy: Vacancy) -> str:
    """What happened, and where the unit goes."""
    read = with_destinations(Vacancy.objects.filter(pk=vacancy.pk)).get()
    recommendation, opened = latest_routing(read)
    if opened is not None:
        return f"{read.unit} est remis en location, et orienté vers {towards(opened.holder)}."
    if recommendation is not None:
        return f"{read.unit} est remis en location, et recommandé pour {towards(recommendation.holder)}."
    if read.kind == Vacancy.Kind.IN_FLOW:
        return f"{read.unit} est remis en location, dans le flux : sa destination se calcule."
    return f"{read.unit} est remis en location, {read.get_kind_display()}."


@require_safe
def vacancies_waiting(request: MemberRequest) -> HttpResponse:
    """A fragment for the landlord's queue: have destinations been decided since its page was drawn with `avant`?"""
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_declare_vacancy(request.member, landlord))
    asked = request.GET.get("avant", "0")
    before = int(asked) if asked.isdecimal() and len(asked) < 9 else 0
    assert landlord is not None, "refused otherwise"
    left = calculating(landlord, today=timezone.localdate())
    context = {"before": before, "decided": max(0, before - left), "again": next_look(request), "announced": True}
    return render(request, "flux/queue_waiting.html", context)
