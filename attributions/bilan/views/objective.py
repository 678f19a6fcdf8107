"""The objectives of a year, the leases behind them, and the rates that a CIA sets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.bilan.exports.lists import LEASES
from attributions.bilan.forms.objectives import ObjectiveFilters, ObjectiveForm, WithdrawalForm
from attributions.bilan.models import Objective
from attributions.bilan.operations.objectives import below_law, set_objective, withdraw_objective
from attributions.bilan.pages.objectives import leases_table, rates_table
from attributions.bilan.pages.scores import Reader, scores_table
from attributions.bilan.permissions import can_read_whole_figures, can_set_objectives
from attributions.bilan.queries.objective_cells import lease_scopes, withdrawable
from attributions.bilan.queries.objective_leases import leases_behind, leases_of_nobody, leases_shown
from attributions.bilan.queries.objective_since import leases_then
from attributions.bilan.queries.objectives import reading
from attributions.bilan.views.figures import sealed_objectives
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless
from reservations.models import Membership, Territory
from reservations.models.wall import of_one_moment
from reservations.rounding import ENOUGH
from reservations.words import day, of, percent

PAGE = 25

#: Latest rates shown under the form that records one.
RATES = 30


@require_safe
def objective_list(request: MemberRequest) -> HttpResponse:
    """The objectives, each numerator on its denominator, with the rate in force."""
    member, today = member_of(request), timezone.localdate()
    filters = _filters(request, member)
    year, landlord, territory = filters.year_read, filters.landlord_read, filters.territory_read
    read = reading(year, member=member)
    scores = read.scores(landlords=[landlord] if landlord else None, territory=territory)
    reader = Reader(_query(filters), member.is_landlord, read.is_whole, running=year >= today.year)
    return render(
        request,
        "bilan/objective_list.html",
        {
            "filters": filters,
            "filtered": bool(landlord or territory),
            "here": request.path,
            "scores": scores,
            "table": scores_table(scores, year, reader),
            "reached": sum(score.reached is True for score in scores),
            "measured": sum(score.reached is not None for score in scores),
            "whole": read,
            **sealed_objectives(read, landlord, territory),
            "officer": can_read_whole_figures(member),
            "partial": _is_partial(member, territory),
            "year": year,
            "running": year >= today.year,
            "landlord": landlord,
            "territory": territory,
            "enough": ENOUGH,
            "of_nobody": leases_of_nobody(year, member=member, landlord=landlord),
            "may_set": can_set_objectives(member),
            "today": today,
        },
    )


@require_safe
@of_one_moment
def objective_leases(request: MemberRequest, code: str) -> HttpResponseBase:
    """The leases that an objective counts or not, one by one, for those whose leases they are."""
    member = member_of(request)
    if code not in Objective.Code.values:
        raise Http404
    refuse_unless(member.is_landlord or member.is_holder)
    filters = _filters(request, member)
    objective = Objective.Code(code)
    year, landlord, territory = filters.year_read, filters.landlord_read, filters.territory_read
    stands = request.GET.get("stands", "") if request.GET.get("stands", "") in STANDS else ""
    seals, then = leases_then(year, landlord=member.landlord.pk if member.landlord else None)
    leases = leases_behind(
        objective, year, member=member, landlord=landlord, territory=territory, stands=stands, then=then
    )
    if asks_file(request):
        return in_a_file(
            request,
            LEASES,
            leases.select_related("vacancy__unit", "vacancy__description__commune", "holder__organisation"),
        )
    page: Page[Any] = Paginator(leases.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    page.object_list = leases_shown(objective, page.object_list, then)
    return render(
        request,
        "bilan/objective_leases.html",
        {
            "objective": objective,
            "page": page,
            "table": leases_table(objective, page),
            "sealed": SEALED_LIST if seals else [],
            "stands": stands,
            "choices": STANDS.items(),
            "filters": filters,
            "here": request.path,
            "year": year,
            "landlord": landlord,
            "territory": territory,
            "query": _query(filters),
        },
    )


#: Above the leases of a year that has a sealed balance.
SEALED_LIST = ["D’un exercice scellé, cette liste est celle de la version scellée."]

#: How a lease stands in an objective, in the address and in words.
STANDS = {"counted": "comptés au numérateur", "no": "comptés au seul dénominateur", "unknown": "non renseignés"}


def _is_partial(member: Membership, territory: Territory | None) -> bool:
    """Is the place wider than what the person reads of it?"""
    if territory is None or member.is_landlord or member.is_administrator:
        return False
    return member.organisation.territory_id not in territory.covering_ids()


def _filters(request: MemberRequest, member: Membership) -> ObjectiveFilters:
    return ObjectiveFilters(request.GET, scopes=lease_scopes(member, this_year=timezone.localdate().year))


def _query(filters: ObjectiveFilters) -> str:
    """What is read, for the address of another page about the same."""
    asked = {"year": filters.year_read}
    if filters.landlord_read is not None:
        asked["landlord"] = filters.landlord_read.pk
    if filters.territory_read is not None:
        asked["territory"] = filters.territory_read.pk
    return urlencode(asked)


@require_http_methods(["GET", "HEAD", "POST"])
def objective_new(request: MemberRequest) -> HttpResponse:
    """A new rate of a CIA from a day on; the running one ends the day before."""
    member = member_of(request)
    refuse_unless(can_set_objectives(member))
    form = ObjectiveForm(request.POST if request.method == "POST" else None, member=member)
    if form.is_valid():
        with refusals_on(form):
            recorded = set_objective(**form.cleaned_data, by=request.user)
            messages.success(
                request, f"Le nouveau taux {of(recorded.territory)} compte à partir du {day(recorded.starts_on)}."
            )
            if (asked := below_law(recorded)) is not None:
                messages.warning(
                    request,
                    f"Ce taux est inférieur à celui de la loi ({percent(asked.share)}) : vérifiez-le dans la "
                    "convention signée. Saisi par erreur, il se retire sous le formulaire "
                    "« Enregistrer un taux de la CIA ».",
                )
            return redirect("objective-list")
    rates = withdrawable(member)[:RATES]
    context = {"form": form, "rates": rates, "table": rates_table(rates)}
    return render(request, "bilan/objective_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def objective_withdraw(request: MemberRequest, pk: int) -> HttpResponse:
    """Take back a rate recorded by mistake, and say why: the one before runs again."""
    member = member_of(request)
    refuse_unless(can_set_objectives(member))
    rate = get_object_or_404(withdrawable(member), pk=pk)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            withdraw_objective(objective=rate, why=form.cleaned_data["why"], by=request.user)
            messages.success(request, f"Le taux {of(rate.territory)} est retiré ; celui d’avant court de nouveau.")
            return redirect("objective-new")
    context = {"form": form, "rate": rate}
    return render(request, "bilan/objective_withdraw.html", context, status=422 if form.errors else 200)
