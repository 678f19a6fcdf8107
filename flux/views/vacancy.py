"""Vacancies: the list, one of them, and declaring one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.exports.lists import VACANCIES
from flux.forms.filters import STAGES, VacancyFilters, filtered
from flux.forms.vacancies import VacancyForm
from flux.models import DecisionWindow, Unit, Vacancy
from flux.operations.vacancy import declare_vacancy, open_of
from flux.pages.declarations import answer, classed, kinds
from flux.pages.list_words import no_vacancy
from flux.pages.stock import found_table
from flux.pages.units import unit_facts, without_convention
from flux.pages.vacancies import VacancyLine, vacancies_table, vacancy_lines
from flux.permissions import can_declare_vacancy
from flux.queries.compliance import NEEDLESS, coverage, uncovered_of
from flux.queries.needs import ceilings_for
from flux.queries.queue import blocked_among
from flux.queries.units import matching, programme_places, stock_of, with_stock
from flux.queries.vacancies import declared_over, for_many, going_on, read_destinations, rows, with_declared
from flux.queries.why_not import own_lines
from flux.views.checks import reads_compliance
from flux.views.sheet import render_sheet, sheet_vacancy
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless
from reservations.models import Landlord, Membership
from reservations.models.together import at_once
from reservations.queries.rows import CountedPaginator
from reservations.words import to

PAGE = 25
MATCHES = 20


@require_safe
def vacancy_list(request: MemberRequest) -> HttpResponseBase:
    """Where vacancies went, for each as far as they may see."""
    member, today = member_of(request), timezone.localdate()
    filters = VacancyFilters(request.GET, member=member, today=today)
    found = filters.qs.order_by("-registered_on", "-pk")
    read = partial(_lines, member=member, today=today)
    if asks_file(request):
        asked = for_many(found.with_file_access(member))
        return in_a_file(request, VACANCIES, asked, partial(read, rankings=False))
    count = None if filtered(filters.form) else filters.count
    page = CountedPaginator(found.values_list("pk", flat=True), PAGE, rows=count).get_page(request.GET.get("page"))
    # Chosen by their ids first: what surrounds a vacancy is read of those shown alone.
    shown = Vacancy.objects.filter(pk__in=list(page.object_list)).with_file_access(member)
    page.object_list, mine, _ = at_once(
        read_destinations.steps(shown.order_by("-registered_on", "-pk")),
        own_lines.steps(member, today.year),
        member.organisation.hold(),
    )
    lines = read(page.object_list)
    context = {
        "question": _question(member),
        "filters": filters.form,
        "filtered": filtered(filters.form),
        "notes": _notes(filters.form.cleaned_data),
        "page": page,
        "lines": lines,
        "table": vacancies_table(lines, show_landlord=not member.is_landlord).or_say(
            no_vacancy(filtered=filtered(filters.form), can_declare=member.is_landlord)
        ),
        "can_declare": member.is_landlord,
        "own_lines": mine,
        "today": today,
    }
    return render(request, "flux/vacancy_list.html", context)


def _lines(found: Iterable[Vacancy], *, member: Membership, today: date, rankings: bool = True) -> list[VacancyLine]:
    shown = list(found)
    read = rows(shown, member=member, today=today, rankings=rankings)
    return vacancy_lines(read, blocked_among(shown, today=today))


def _notes(chosen: dict[str, Any]) -> list[str]:
    """What a link from an account or a balance keeps, that no visible filter says."""
    stages = dict(STAGES)
    return [
        *([f"Territoire : {chosen['territory']}"] if chosen.get("territory") else []),
        *([f"Compte : {chosen['ledger']}"] if chosen.get("ledger") else []),
        *([f"Ce qui fait ce chiffre : {stages[chosen['stage']]}"] if chosen.get("stage") else []),
    ]


def _question(member: Membership) -> str:
    if member.is_landlord:
        return "Quels logements se sont libérés ?"
    return "Où sont allés les logements libérés ?"


@require_safe
def vacancy_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """The routing sheet; asked again by htmx while the worker has not come."""
    return render_sheet(request, sheet_vacancy(member_of(request), pk))


@require_http_methods(["GET", "HEAD", "POST"])
def vacancy_declare(request: MemberRequest) -> HttpResponse:
    """Find the unit, then say how it falls vacant."""
    member = member_of(request)
    landlord = member.landlord
    refuse_unless(landlord is not None and can_declare_vacancy(member, landlord))
    assert landlord is not None, "refused just above"
    chosen = request.GET.get("unit", "")
    if not chosen:
        return _find_unit(request, landlord, member)
    unit = get_object_or_404(
        Unit.objects.visible_to(member).select_related("commune", "programme", "landlord"),
        pk=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0,
    )
    return _declare(request, unit)


def _find_unit(request: MemberRequest, landlord: Landlord, member: Membership) -> HttpResponse:
    text, today = request.GET.get("q", "").strip(), timezone.localdate()
    found = matching(Unit.objects.visible_to(member), text)
    units = (
        with_declared(with_stock(found, on=today), on=today)
        .select_related("commune", "programme")
        .order_by("reference", "pk")
    )
    shown = list(units[:MATCHES])
    context = {
        "text": text,
        "count": found.count(),
        "units": shown,
        "table": found_table(shown),
        "most": MATCHES,
        "uncovered": uncovered_of(landlord, on=today),
    }
    return render(request, "flux/vacancy_find_unit.html", context)


def _declare(request: MemberRequest, unit: Unit) -> HttpResponse:
    today = timezone.localdate()
    stock = stock_of(unit, on=today)
    outside = unit.outside.in_force(today).first() if stock is None else None
    typed = request.POST if request.method == "POST" else None
    places = [] if stock or outside else programme_places(unit, on=today)
    form = VacancyForm(typed, classed=bool(stock or outside), places=places, initial={"notice_on": today})
    existing = None if form.is_bound else going_on(on=today).filter(unit=unit).first()
    if form.is_valid():
        given: dict[str, Any] = {
            "kind": Vacancy.Kind.OUTSIDE if outside else Vacancy.Kind.STOCK,
            "exclusion": "",
        } | form.cleaned_data
        with refusals_on(form):
            vacancy = declare_vacancy(unit=unit, by=request.user, **given)
            messages.success(request, _done_words(vacancy))
            return redirect("vacancy-detail", vacancy.pk)
        existing = open_of(unit) or declared_over(unit, given["notice_on"], given["available_on"])
    in_force = coverage(unit, on=today) if stock is None and outside is None else NEEDLESS
    context = {
        "unit": unit,
        "facts": unit_facts(unit, by_landlord=True),
        "answer": answer(unit, None if stock or outside else today.year),
        "classed": classed(stock, outside),
        "kinds": None if stock or outside else kinds(form, covered=in_force.covered),
        "form": form,
        "existing": existing,
        "today": today,
        "ceilings": ceilings_for(unit, on=today),
        "uncovered": without_convention(in_force, unit, declared_on=None),
        "may_comply": reads_compliance(member_of(request)),
    }
    return render(request, "flux/vacancy_declare.html", context, status=422 if form.errors else 200)


def _done_words(vacancy: Vacancy) -> str:
    """What happened, and what follows."""
    match vacancy.kind:
        case Vacancy.Kind.IN_FLOW:
            if DecisionWindow.objects.of(vacancy.unit.landlord, vacancy.registered_on).plans:
                return (
                    f"{vacancy.unit} est entré dans le flux : sa destination est prévue avec celles des autres départs "
                    "connus, puis décidée à son tour."
                )
            return f"{vacancy.unit} est entré dans le flux : sa destination se calcule."
        case Vacancy.Kind.STOCK:
            holder = to(vacancy.routings.get().holder)
            return f"{vacancy.unit} est enregistré : il va directement {holder}, hors du flux."
        case Vacancy.Kind.FIRST_LETTING if vacancy.ledger_id is not None:
            holder = to(vacancy.routings.get().holder)
            return f"{vacancy.unit} est enregistré : la répartition de son programme le donne {holder}."
        case Vacancy.Kind.EXCLUDED:
            return f"{vacancy.unit} est enregistré, soustrait du flux : {vacancy.get_exclusion_display()}."
        case _:
            routed = vacancy.kind == Vacancy.Kind.FIRST_LETTING
            follows = "Il n’est pas encore orienté" if routed else "Il n’entre dans aucun compte"
            return f"{vacancy.unit} est enregistré : {vacancy.get_kind_display()}. {follows}."
