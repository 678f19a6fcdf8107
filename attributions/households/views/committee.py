"""Committees: who sits, in what capacity, by which rules of the landlord's board."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.households.forms.committee import FoundForm, RulesForm, SeatForm, UnseatForm
from attributions.households.models import Committee, CommitteeMember, CommitteeRules
from attributions.households.operations.committee import found_committee, seat_member, set_rules, unseat_member
from attributions.households.pages.committee import committees_table, lacks, member_parts, rules_table
from attributions.households.pages.nothing import no_committee
from attributions.households.permissions import can_manage_committee
from attributions.households.queries.committee import rules_of
from attributions.households.queries.seats import committees_of, composition
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, member_of, refuse_unless, table_in_a_file
from reservations.models import Landlord, Membership
from reservations.words import day


@require_safe
def committee_list(request: MemberRequest) -> HttpResponseBase:
    """The committees of the landlord, or those where the person sits."""
    member = member_of(request)
    if asks_file(request):
        return table_in_a_file(request, "commissions", _found(member), committees_table)
    landlord = member.landlord if member.is_landlord else None
    may_found = landlord is not None and can_manage_committee(member, landlord)
    return _render_list(request, FoundForm(today=timezone.localdate()) if may_found else None)


@acts_from("committee-list")
def committee_found(request: MemberRequest) -> HttpResponse:
    """Found a committee, as the landlord's board settled it."""
    form = FoundForm(request.POST, today=timezone.localdate())
    landlord = _own_landlord(request)
    if form.is_valid():
        with refusals_on(form):
            committee = found_committee(landlord=landlord, by=request.user, **form.cleaned_data)
            messages.success(request, f"La commission « {committee} » est créée. Enregistrez maintenant ses membres.")
            return redirect("committee-detail", committee.pk)
    return _render_list(request, form)


def _own_landlord(request: MemberRequest) -> Landlord:
    member = member_of(request)
    landlord = member.landlord if member.is_landlord else None
    refuse_unless(landlord is not None and can_manage_committee(member, landlord))
    assert landlord is not None
    return landlord


def _found(member: Membership) -> QuerySet[Committee]:
    return committees_of(member).prefetch_related("members", "rules")


def _render_list(request: MemberRequest, form: FoundForm | None) -> HttpResponse:
    member = member_of(request)
    found = list(_found(member))
    none = no_committee(may_found=form is not None, by_landlord=member.is_landlord)
    table = committees_table(found).or_say(none)
    context = {"table": table, "count": len(found), "form": form, "by_landlord": member.is_landlord}
    refused = form is not None and form.is_bound and bool(form.errors)
    return render(request, "households/committee_list.html", context, status=422 if refused else 200)


@require_safe
def committee_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Members by capacity, the rules in force, and what the manager may change."""
    return _render(request, _committee(request, pk))


@acts_from("committee-detail", "pk")
def committee_rules(request: MemberRequest, pk: int) -> HttpResponse:
    """Set other rules from a day on."""
    committee = _managed(request, pk)
    form = RulesForm(request.POST, today=timezone.localdate())
    if form.is_valid():
        with refusals_on(form):
            rules = set_rules(committee=committee, by=request.user, **form.cleaned_data)
            messages.success(request, f"Le règlement s’applique à partir du {day(rules.starts_on)}.")
            return redirect("committee-detail", pk)
    return _render(request, committee, rules=form)


@acts_from("committee-detail", "pk")
def committee_seat(request: MemberRequest, pk: int) -> HttpResponse:
    """Seat a member."""
    committee = _managed(request, pk)
    form = SeatForm(request.POST, today=timezone.localdate())
    if form.is_valid():
        with refusals_on(form):
            seated = seat_member(committee=committee, by=request.user, **form.cleaned_data)
            messages.success(request, f"{seated} siège : {seated.get_capacity_display()}.")
            return redirect("committee-detail", pk)
    return _render(request, committee, seat=form)


@acts_from("committee-detail", "pk")
def committee_unseat(request: MemberRequest, pk: int, seat: int) -> HttpResponse:
    """End the seat of a member."""
    committee = _managed(request, pk)
    member = get_object_or_404(CommitteeMember.objects.filter(committee=committee), pk=seat)
    form = UnseatForm(request.POST, today=timezone.localdate(), member=member.pk)
    if form.is_valid():
        with refusals_on(form):
            unseat_member(member=member, by=request.user, **form.cleaned_data)
            messages.success(request, f"{member} ne siège plus après le {day(form.cleaned_data['ends_on'])}.")
            return redirect("committee-detail", pk)
    return _render(request, committee, unseat={member.pk: form})


def _committee(request: MemberRequest, pk: int) -> Committee:
    found: Committee = get_object_or_404(committees_of(member_of(request)), pk=pk)
    return found


def _managed(request: MemberRequest, pk: int) -> Committee:
    committee = _committee(request, pk)
    refuse_unless(can_manage_committee(request.member, committee.landlord))
    return committee


def _render(
    request: MemberRequest,
    committee: Committee,
    *,
    rules: RulesForm | None = None,
    seat: SeatForm | None = None,
    unseat: dict[int, UnseatForm] | None = None,
) -> HttpResponse:
    today = timezone.localdate()
    refused: list[forms.Form] = [form for form in (rules, seat, *(unseat or {}).values()) if form is not None]
    may_manage = can_manage_committee(request.member, committee.landlord)
    found, in_force = composition(committee, today), rules_of(committee, today)
    story = CommitteeRules.objects.filter(committee=committee).order_by("-starts_on")
    context: dict[str, Any] = {
        "committee": committee,
        "composition": found,
        "lacks": lacks(found),
        "in_force": in_force,
        "parts": member_parts(found),
        "rules": rules_table(story, in_force=in_force, today=today),
        "may_manage": may_manage,
        "form": refused[0] if refused else None,
        "today": today,
    }
    if may_manage:
        forms_of = unseat or {}
        context |= {
            "rules_form": rules or RulesForm(today=today),
            "seat_form": seat or SeatForm(today=today),
            "unseat_forms": [
                (member, forms_of.get(member.pk) or UnseatForm(today=today, member=member.pk))
                for member in found.everybody
            ],
            "open_act": "rules" if rules else "seat" if seat else "unseat" if unseat else "",
        }
    return render(request, "households/committee_detail.html", context, status=422 if refused else 200)
