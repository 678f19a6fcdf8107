"""The screens of committees.

* Committees: who sits, in what capacity, by which rules of the landlord's board.
* The minutes of a closed session: sealed, nominative, read and taken away under the eye of the journal.
* The remote vote: a member reads the cases without names, and says for, against, or neither.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from attributions.households.forms.committee import FoundForm, RulesForm, SeatForm, UnseatForm
from attributions.households.forms.decision import VoteForm
from attributions.households.forms.sessions import PurposeForm
from attributions.households.models import AccessRecord, AgendaItem, Committee, CommitteeMember, CommitteeRules
from attributions.households.operations.ballot import cast_vote
from attributions.households.operations.committee import found_committee, seat_member, set_rules, unseat_member
from attributions.households.operations.needs import record_access
from attributions.households.pages.committee import committees_table, lacks, member_parts, rules_table
from attributions.households.pages.minutes import ballot_result, minutes_page, proposed_table, title
from attributions.households.pages.procedure import item_heading, item_words, vote_answer
from attributions.households.pages.requests import no_committee
from attributions.households.permissions import can_manage_committee, can_read_minutes, can_vote
from attributions.households.queries.committees import (
    awaited_votes,
    casting_member,
    committees_of,
    composition,
    rules_of,
    voters,
)
from attributions.households.queries.minutes import Result, results
from attributions.households.queries.sessions import Minutes, minutes_of, sessions_of
from attributions.households.views.agenda import item_read, shown
from reservations.exports.file_import import PdfUnavailable, printed
from reservations.forms.fields import refusals_on, show_refusal
from reservations.http import MemberRequest, acts_from, asks_file, asks_proof, member_of, refuse_unless, table_in_a_file
from reservations.models import Landlord, Membership
from reservations.refusals import Refusal
from reservations.words import day, integer


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


@require_safe
def minutes(request: MemberRequest, pk: int) -> HttpResponse:
    """Read the minutes, with the names that the reader may know."""
    return _minutes_render(request, _load(request, pk), PurposeForm())


@acts_from("minutes", "pk")
@asks_proof
def minutes_pdf(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the minutes away as a tagged PDF, saying why."""
    found = _load(request, pk)
    form = PurposeForm(request.POST)
    if not form.is_valid():
        return _minutes_render(request, found, form)
    try:
        pdf = printed(
            render_to_string("households/minutes_document.html", {"minutes": found, "words": minutes_page(found)})
        )
        _journal(request, found, why=form.cleaned_data["why"])
    except PdfUnavailable as refusal:
        messages.error(request, str(refusal))
        return redirect("minutes", pk)
    except Refusal as refusal:
        show_refusal(form, refusal)
        return _minutes_render(request, found, form)
    response = HttpResponse(pdf, content_type="application/pdf")
    name = f"proces-verbal-caleol-{found.session.day.isoformat()}.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _load(request: MemberRequest, pk: int) -> Minutes:
    member = member_of(request)
    session = get_object_or_404(sessions_of(member), pk=pk)
    refuse_unless(can_read_minutes(member, session))
    if session.closed_at is None:
        raise Http404
    return minutes_of(session, member)


def _journal(request: MemberRequest, found: Minutes, *, why: str = "") -> None:
    record_access(
        member=member_of(request),
        keeper=found.session.committee.landlord.organisation,
        what=AccessRecord.What.MINUTES,
        subject=title(found),
        files=found.files,
        downloaded=bool(why),
        why=why,
    )


def _minutes_render(request: MemberRequest, found: Minutes, form: PurposeForm) -> HttpResponse:
    if found.files:
        _journal(request, found)
    context = {"minutes": found, "words": minutes_page(found), "session": found.session, "form": form}
    return render(request, "households/minutes.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: MemberRequest, pk: int) -> HttpResponse:
    """Vote on the decisions proposed for a unit, between the opening and the closing; then read the result."""
    item = item_read(request, pk)
    refuse_unless(can_vote(request.member, item.session))
    now = timezone.now()
    found = results(item)
    last = found[-1] if found else None
    form = VoteForm(request.POST if request.method == "POST" else None)
    seat = _seat(request, item, last)
    if request.method == "POST":
        refuse_unless(seat is not None and last is not None)
        assert seat is not None
        assert last is not None
        if form.is_valid():
            with refusals_on(form):
                cast = cast_vote(ballot=last.ballot, member=seat, choice=form.cleaned_data["choice"], by=request.user)
                left = awaited_votes(member_of(request), [item.session], now=now)[item.session_id]
                more = f" Le suivant ; il en reste {integer(len(left))}." if left else ""
                messages.success(request, f"Votre vote est enregistré : {cast.get_choice_display()}.{more}")
                return redirect("vote", left[0] if left else pk)
    result = ballot_result(last) if last else None
    mine = [each for each in last.votes if each.member.user_id == request.user.pk] if last else []
    may_vote = seat is not None and _is_open(item, last, now)
    context: dict[str, Any] = {
        "item": item,
        "answer": vote_answer(
            item.session,
            result.sentence if result else None,
            may_vote=may_vote,
            closed=result is not None and result.ballot.closed_at is not None,
            voted=bool(mine),
        ),
        "session": item.session,
        "result": result,
        "proposed": proposed_table(result, "Décision proposée pour chaque dossier", quiet=True) if result else None,
        "seat": seat,
        "mine": mine,
        "may_vote_now": may_vote,
        "form": form,
        "heading": item_heading(item.vacancy.unit),
        "unit_words": item_words(item, casting_member(item)),
        **shown(request, item),
    }
    return render(request, "households/vote.html", context, status=422 if form.errors else 200)


def _seat(request: MemberRequest, item: AgendaItem, last: Result | None) -> CommitteeMember | None:
    """The seat under which the person votes on the item; None once it has voted, under whatever seat."""
    member = request.member
    if member is None or last is None or not item.session.is_remote:
        return None
    if any(each.member.user_id == member.user_id for each in last.votes):
        return None
    mine = (
        each
        for each in voters(item)
        if each.user_id == member.user_id and each.organisation_id in (None, member.organisation_id)
    )
    return next(mine, None)


def _is_open(item: AgendaItem, last: Result | None, now: datetime) -> bool:
    opens, closes = item.session.vote_opens_at, item.session.vote_closes_at
    if last is None or last.ballot.closed_at is not None or opens is None or closes is None:
        return False
    return bool(opens <= now < closes)
