"""The screens of past.

* Past routings entered one by one: a year lived elsewhere, unit by unit.
* Opening balances: proposed by a landlord’s manager, accepted or contested by their holder, read by both.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.forms.needs import OpeningAnswerForm, OpeningForm
from flux.forms.vacancies import PastRoutingForm
from flux.models import OpeningAct, OpeningBalance, Unit, Vacancy
from flux.operations.openings import answer_opening, propose_opening
from flux.operations.past import record_past_routing
from flux.pages import opening as words
from flux.permissions import can_answer_opening, can_manage_stock, can_propose_opening
from flux.queries.opening import openable, past_holders
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, member_of, refuse_unless, table_in_a_file
from reservations.models import Membership
from reservations.words import to


@require_http_methods(["GET", "HEAD", "POST"])
def vacancy_past(request: MemberRequest) -> HttpResponse:
    """The manager enters one; the form comes back empty for the next."""
    landlord, today = member_of(request).landlord, timezone.localdate()
    refuse_unless(landlord is not None and can_manage_stock(request.member, landlord))
    assert landlord is not None, "refused just above"
    form = PastRoutingForm(request.POST if request.method == "POST" else None, holders=past_holders(landlord, today))
    if form.is_valid():
        units = Unit.objects.filter(landlord=landlord).select_related("commune", "programme", "landlord")
        unit = units.filter(reference__iexact=form.cleaned_data["reference"].strip()).order_by("pk").first()
        if unit is None:
            form.add_error("reference", "Aucun logement de votre parc n’a cette référence : vérifiez-la.")
        else:
            with refusals_on(form):
                holder = form.cleaned_data["holder"]
                vacancy = record_past_routing(unit=unit, holder=holder, dates=form.dates, by=request.user)
                messages.success(
                    request,
                    f"{unit} est repris au {vacancy.notice_on:%d/%m/%Y}, {to(holder)}, dans le compte "
                    f"{vacancy.registered_on.year} : il ne sera pas orienté de nouveau.",
                )
                return redirect("vacancy-past")
    past = Vacancy.objects.filter(landlord=landlord, source=Vacancy.Source.PAST)
    context = {"form": form, "today": today, "landlord": landlord, "count": past.count()}
    return render(request, "flux/vacancy_past.html", context, status=422 if form.errors else 200)


PAGE = 25

Act = OpeningAct.Act


@require_safe
def opening_list(request: MemberRequest) -> HttpResponseBase:
    """Those that the person may read, the latest first."""
    member = member_of(request)
    found = (
        OpeningBalance.objects.visible_to(member)
        .with_state()
        .select_related("ledger__landlord__organisation", "ledger__departement", "holder__organisation", "replaced_by")
        .order_by("-pk")
    )
    tabled = partial(words.openings_table, member=member)
    if asks_file(request):
        return table_in_a_file(request, "soldes-d-ouverture", found, tabled)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "table": tabled(page.object_list),
        "may_propose": member.landlord is not None and can_propose_opening(member, member.landlord),
        "today": timezone.localdate(),
    }
    return render(request, "flux/opening_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def opening_propose(request: MemberRequest) -> HttpResponse:
    """The manager writes what one holder was owed in one account."""
    landlord, today = member_of(request).landlord, timezone.localdate()
    refuse_unless(landlord is not None and can_propose_opening(request.member, landlord))
    assert landlord is not None, "refused just above"
    departements, holders = openable(member_of(request), on=today)
    form = OpeningForm(
        request.POST if request.method == "POST" else None,
        departements=departements,
        holders=holders,
        initial={"since": date(today.year, 1, 1), "opened_on": today},
    )
    if form.is_valid():
        given = form.cleaned_data
        with refusals_on(form):
            opening = propose_opening(
                landlord=landlord,
                departement=given["departement"],
                holder=given["holder"],
                since=given["since"],
                opened_on=given["opened_on"],
                figures=form.figures,
                source=given["source"],
                by=request.user,
            )
            messages.success(request, f"Solde d’ouverture proposé : il comptera quand {opening.holder} l’aura accepté.")
            return redirect("opening-detail", opening.pk)
    context = {"form": form, "today": today}
    return render(request, "flux/opening_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def opening_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """What is proposed, what was stated of it, and what the reader may say."""
    member = member_of(request)
    found = OpeningBalance.objects.visible_to(member).with_state()
    opening = get_object_or_404(
        found.select_related(
            "ledger__landlord__organisation", "ledger__departement", "holder__organisation", "replaced_by", "replaces"
        ),
        pk=pk,
    )
    offered = _offered(member, opening)
    form = OpeningAnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        refuse_unless(bool(_sides(member, opening)))
        if form.is_valid():
            with refusals_on(form):
                act = form.cleaned_data["act"]
                refuse_unless(act not in Act.values or act in _sides(member, opening))
                answer_opening(opening=opening, act=act, text=form.cleaned_data["text"], by=request.user)
                messages.success(request, words.answered(act, opening))
                return redirect("opening-detail", opening.pk)
    state, pill = words.state_of(opening)
    context = {
        "opening": opening,
        "state": state,
        "pill": pill,
        "gap": words.gap_words(opening),
        "rule": words.rule_words(opening),
        "acts": opening.acts.select_related("by").order_by("pk"),
        "replacement": getattr(opening, "replaced_by", None),
        "offered": offered,
        "may_replace": can_propose_opening(member, opening.ledger.landlord) and bool(offered),
        "form": form,
        "today": timezone.localdate(),
    }
    return render(request, "flux/opening_detail.html", context, status=422 if form.errors else 200)


#: What each side may say, in the words of its buttons.
HOLDER_SAYS = {Act.ACCEPTED: "Accepter ce solde", Act.CONTESTED: "Contester"}
LANDLORD_SAYS = {Act.MAINTAINED: "Maintenir ce solde", Act.WITHDRAWN: "Retirer ce solde"}


def _sides(member: Membership, opening: OpeningBalance) -> dict[Act, str]:
    """Everything that a person may ever say of it."""
    if can_answer_opening(member, opening):
        return HOLDER_SAYS
    return LANDLORD_SAYS if can_propose_opening(member, opening.ledger.landlord) else {}


def _offered(member: Membership, opening: OpeningBalance) -> list[tuple[str, str]]:
    """What it may say now."""
    if opening.last_act in (Act.ACCEPTED, Act.WITHDRAWN) or hasattr(opening, "replaced_by"):
        return []
    contested = opening.last_act == Act.CONTESTED
    hidden = {Act.CONTESTED} if contested else {Act.MAINTAINED}
    return [(act.value, each) for act, each in _sides(member, opening).items() if act not in hidden]
