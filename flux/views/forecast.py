"""The February forecast: which there are, one of them, its writing, its sending, its file."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.exports import account_lists as export
from flux.exports.account_lists import FORECASTS
from flux.forms.needs import ForecastForm
from flux.models import Forecast
from flux.operations.forecast import figures_of, send_forecast, write_forecast
from flux.pages.forecast import compared_table, forecasts_table, known_table, recipients_table, targets_table
from flux.pages.list_words import no_forecast
from flux.queries.forecast_content import content_of
from flux.queries.forecasts import (
    LOOKED_BACK,
    Due,
    Proposal,
    WhyReads,
    due_on,
    dues,
    happened,
    is_late,
    proposal,
    readers_since,
    received,
    recipients,
    sent_to,
)
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless
from reservations.models import HistoryEntry, Landlord, Territory
from reservations.permissions import can_manage_landlord
from reservations.refusals import Refusal
from reservations.words import plural

PAGE = 25


@require_safe
def forecast_list(request: MemberRequest) -> HttpResponseBase:
    """A landlord reads what it has sent and has still to send; the others what they have received."""
    member, today = member_of(request), timezone.localdate()
    missing: list[Due] = []
    page: Page[Any]
    if member.landlord is not None:
        lines = dues(member.landlord, today=today)
        if asks_file(request):
            return in_a_file(request, FORECASTS, lines)
        page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
        rows = list(page.object_list)
        missing = [line for line in lines if not line.is_sent]
    else:
        found = sent_to(member)
        if asks_file(request):
            return in_a_file(request, FORECASTS, found, partial(received, today=today))
        page = Paginator(found, PAGE).get_page(request.GET.get("page"))
        rows = received(page.object_list, today=today)
    may_write = member.landlord is not None and can_manage_landlord(member, member.landlord)
    years = range(today.year - 1, today.year + 2)
    context = {
        "page": page,
        "table": forecasts_table(rows, own=member.landlord is not None, may_write=may_write, years=years).or_say(
            no_forecast(own=member.landlord is not None)
        ),
        "today": today,
        "own": member.landlord,
        "may_write": may_write,
        "missing": missing,
        "overdue": [line for line in missing if line.late],
        "next_due": min((line.due for line in missing if line.due and not line.late), default=None),
    }
    return render(request, "flux/forecast_list.html", context)


@require_safe
def forecast(request: MemberRequest, landlord: int, departement: str, year: int) -> HttpResponse:
    """One forecast: what is expected, beside the year before, and the targets drawn from it. Made to be printed."""
    member, today = member_of(request), timezone.localdate()
    found = _seen(request, landlord, departement, year)
    own = member.landlord == found.landlord
    content = content_of(found, today=today)
    sent_to = [dispatch.organisation for dispatch in found.dispatches.select_related("organisation")]
    context = {
        "forecast": found,
        "compared": content.compared,
        "side_by_side": compared_table(found, content.compared),
        "drawn": content.drawn,
        "targets": targets_table(found, content.compared, content.drawn),
        "own": own,
        "today": today,
        "may_write": found.sent_at is None and can_manage_landlord(member, found.landlord),
        "recipients": sent_to,
        "since": readers_since(found) if found.sent_at else [],
        "acts": list(HistoryEntry.objects.about(found).select_related("by")) if own else [],
        **_lateness(found, year),
    }
    return render(request, "flux/forecast.html", context)


@require_safe
def forecast_csv(request: MemberRequest, landlord: int, departement: str, year: int) -> HttpResponse:
    """A forecast that was sent, as a file."""
    found = _seen(request, landlord, departement, year)
    if found.sent_at is None:
        raise Http404
    content = export.forecast_csv(found, content_of(found, today=timezone.localdate()))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{export.file_name(found)}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def forecast_edit(request: MemberRequest, landlord: int, departement: str, year: int) -> HttpResponse:
    """Write the forecast of a year. The average of the last years is proposed; the person decides."""
    owner, place = _owned(request, landlord, departement, year)
    today = timezone.localdate()
    found = Forecast.objects.filter(landlord=owner, departement=place, exercise=year).prefetch_related("lines").first()
    if found is not None and found.sent_at is not None:
        messages.error(request, f"Le prévisionnel {year} ({place}) est déjà envoyé : il ne change plus.")
        return redirect("forecast", owner.pk, place.code, year)
    known = happened(owner, place, range(year - LOOKED_BACK, year), until=today)
    proposed = proposal(year, known, today=today)
    form = ForecastForm(
        request.POST if request.method == "POST" else None, initial=_initial(found, proposed), hints=_hints(proposed)
    )
    if form.is_valid():
        with refusals_on(form):
            write_forecast(
                landlord=owner,
                departement=place,
                exercise=year,
                expected=form.cleaned_data["expected"],
                subtracted=form.subtracted,
                by=request.user,
                today=today,
            )
            messages.success(request, f"Prévisionnel {year} enregistré : relisez-le, puis envoyez-le.")
            return redirect("forecast", owner.pk, place.code, year)
    past = [known[each] for each in sorted(known) if known[each].fallen]
    context = {
        "form": form,
        "landlord": owner,
        "departement": place,
        "year": year,
        "known": known_table(past, place, today) if past else None,
        "proposed": proposed,
        "written": found is not None,
        "today": today,
        "due": due_on(year),
    }
    return render(request, "flux/forecast_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def forecast_send(request: MemberRequest, landlord: int, departement: str, year: int) -> HttpResponse:
    """Read to whom it goes, then send it."""
    owner, place = _owned(request, landlord, departement, year)
    found = get_object_or_404(
        Forecast.objects.select_related("landlord__organisation", "departement").prefetch_related("lines"),
        landlord=owner,
        departement=place,
        exercise=year,
    )
    refused = None
    if request.method == "POST":
        try:
            sent = send_forecast(forecast=found, by=request.user, seen=_figures(request.POST.get("seen", "")))
        except Refusal as refusal:
            refused = str(refusal)
        else:
            count = f"{len(sent)} {plural(len(sent), 'destinataire,destinataires')}"
            messages.success(request, f"Prévisionnel {year} ({place}) envoyé à {count}.")
            return redirect("forecast", owner.pk, place.code, year)
    if found.sent_at is not None and refused is None:
        return redirect("forecast", owner.pk, place.code, year)
    today = timezone.localdate()
    to = recipients(owner, place, year, on=today)
    context = {
        "forecast": found,
        "recipients": to,
        "table": recipients_table(to),
        "has_state": any(WhyReads.PREFECTURE in recipient.reasons for recipient in to),
        "subtracted": sum(figures_of(found)[1:]),
        "seen": "-".join(map(str, figures_of(found))),
        "refused": refused,
        "fault": bool(refused),
        "today": today,
        **_lateness(found, year),
    }
    return render(request, "flux/forecast_send.html", context, status=422 if refused else 200)


def _seen(request: MemberRequest, landlord: int, departement: str, year: int) -> Forecast:
    """A forecast that the person may read, or Http404."""
    return get_object_or_404(
        Forecast.objects.visible_to(member_of(request))
        .select_related("landlord__organisation", "departement", "sent_by")
        .prefetch_related("lines"),
        landlord=landlord,
        departement__code=departement,
        exercise=year,
    )


def _owned(request: MemberRequest, landlord: int, departement: str, year: int) -> tuple[Landlord, Territory]:
    """The landlord and the département of a forecast to write: 403 for who may only read it, Http404 otherwise."""
    member, today = member_of(request), timezone.localdate()
    if member.landlord is None or member.landlord.pk != landlord:
        _seen(request, landlord, departement, year)
        refuse_unless(False)
    assert member.landlord is not None
    refuse_unless(can_manage_landlord(member, member.landlord))
    if not today.year - 1 <= year <= today.year + 1:
        raise Http404
    place = get_object_or_404(Territory, kind=Territory.Kind.DEPARTEMENT, code=departement)
    return member.landlord, place


def _lateness(found: Forecast, year: int) -> dict[str, Any]:
    due = due_on(year)
    return {"due": due, "late": is_late(timezone.localdate(found.sent_at), due)}  # a draft is dated today


def _initial(found: Forecast | None, proposed: Proposal | None) -> dict[str, int]:
    if found is not None:
        return {"expected": found.expected} | {line.category: line.units for line in found.lines.all()}
    if proposed is not None:
        return {"expected": proposed.expected.units} | {code: each.units for code, each in proposed.subtracted.items()}
    return {}


def _hints(proposed: Proposal | None) -> dict[str, str]:
    """Under each field, where the number proposed comes from."""
    if proposed is None:
        return {}
    each = {"expected": proposed.expected, **proposed.subtracted}
    if len(proposed.years) == 1:
        return {name: f"Proposé : {one.units}, constaté en {proposed.years[0]}" for name, one in each.items()}
    return {name: f"Proposé : {one.units}, d’après {one.formula}" for name, one in each.items()}


def _figures(seen: str) -> tuple[int, ...] | None:
    """The figures that the person read, as the page wrote them; None when the page did not."""
    parts = seen.split("-")
    return tuple(map(int, parts)) if all(part.isdecimal() and len(part) < 10 for part in parts) else None
