"""The remote vote: a member reads the cases without names, and says for, against, or neither."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.households.forms.decision import VoteForm
from attributions.households.models import AgendaItem, CommitteeMember
from attributions.households.operations.ballot import cast_vote
from attributions.households.pages.ballots import proposed_table, said_ballot
from attributions.households.pages.examined import item_heading, item_words, vote_answer
from attributions.households.permissions import can_vote
from attributions.households.queries.awaited_votes import awaited_votes
from attributions.households.queries.ballots import Result, results
from attributions.households.queries.committee import voters
from attributions.households.queries.seats import casting_member
from attributions.households.views.agenda import item_read, shown
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.words import integer


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
    said = said_ballot(last) if last else None
    mine = [each for each in last.votes if each.member.user_id == request.user.pk] if last else []
    may_vote = seat is not None and _is_open(item, last, now)
    context: dict[str, Any] = {
        "item": item,
        "answer": vote_answer(
            item.session,
            said.sentence if said else None,
            may_vote=may_vote,
            closed=said is not None and said.ballot.closed_at is not None,
            voted=bool(mine),
        ),
        "session": item.session,
        "result": said,
        "proposed": proposed_table(said, "Décision proposée pour chaque dossier", quiet=True) if said else None,
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
