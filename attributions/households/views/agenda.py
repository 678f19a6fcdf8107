"""One item of the agenda: the cases side by side, without names, and what the committee decides of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from attributions.households.forms.decision import CorrectionForm, ItemForm
from attributions.households.forms.sessions import PostponeForm, RecusalForm
from attributions.households.models import AccessRecord, AgendaCase, AgendaItem, Ballot, CommitteeSession, Proposal
from attributions.households.operations.agenda import postpone_item, recuse, refresh_item
from attributions.households.operations.ballot import (
    LineTerms,
    close_ballot,
    decide_in_room,
    open_ballot,
)
from attributions.households.operations.correction import correct_decisions
from attributions.households.operations.needs import record_access
from attributions.households.pages.agenda import (
    agenda_links,
    effect_words,
    elsewhere,
    item_acts,
    not_open,
    question,
    record_button,
    recording_words,
    recused_words,
    secretariat_words,
    voter_words,
    votes_held,
)
from attributions.households.pages.blind import Criterion, cases_table, comparison
from attributions.households.pages.minutes import ballot_result, decided_table, proposed_table, sentence
from attributions.households.pages.procedure import item_heading, item_words, to_say
from attributions.households.pages.sessions import item_answer, item_rows, tally_words
from attributions.households.permissions import can_convene, can_keep_minutes
from attributions.households.queries.committees import casting_member, composition, items_read, seats_held, voters
from attributions.households.queries.minutes import Result, decided, results
from attributions.households.queries.sessions import agenda, sessions_of, tally_of
from attributions.households.views.files import occupation_of
from flux.queries.needs import ceilings_for
from flux.queries.returns import effects, routing_effects
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, member_of, refusals_shown, refuse_unless
from reservations.models.terms import Side
from reservations.models.together import at_once, given, read_whole
from reservations.refusals import Refusal
from reservations.words import day

State = CommitteeSession.State


@require_http_methods(["GET", "HEAD", "POST"])
def agenda_item(request: MemberRequest, pk: int) -> HttpResponse:
    """Read the cases of a unit; the secretary records what the committee decides, or opens the remote vote."""
    item = item_read(request, pk)
    if request.method != "POST":
        return _render(request, item)
    refuse_unless(can_keep_minutes(request.member, item.session.committee))
    form = _item_form(item, request.POST)
    if "voir" in request.POST:
        form.is_valid()
        return _render(request, item, form=form)
    if form.is_valid():
        with refusals_on(form):
            return _record(request, item, form)
    return _render(request, item, form=form)


def _record(request: MemberRequest, item: AgendaItem, form: ItemForm) -> HttpResponseRedirect:
    lines = [LineTerms(case=case, **terms) for case, terms in form.lines]
    if item.session.is_remote:
        open_ballot(item=item, lines=lines, by=request.user)
        messages.success(
            request,
            f"Le vote est ouvert sur le logement {item.position}, jusqu’au {day(item.session.vote_closes_at)}. "
            "Chaque membre vote sous son nom.",
        )
        return redirect("agenda-item", item.pk)
    ballot = decide_in_room(
        item=item, lines=lines, votes={voter.pk: choice for voter, choice in form.votes}, by=request.user
    )
    return _after(request, item, ballot)


def _after(request: MemberRequest, item: AgendaItem, ballot: Ballot) -> HttpResponseRedirect:
    """Say what came of a ballot, and go on to what is still to decide."""
    [result] = [each for each in results(item) if each.ballot.pk == ballot.pk]
    if ballot.outcome != Ballot.Outcome.ADOPTED:
        messages.warning(request, f"Logement {item.position}. {sentence(result)}")
        return redirect("agenda-item", item.pk)
    messages.success(request, f"Logement {item.position}. {sentence(result)}")
    following = AgendaItem.objects.pending().filter(session=item.session).order_by("position").first()
    if following is None or item.session.is_remote:
        return (
            redirect("agenda-item", item.pk) if item.session.is_remote else redirect("session-detail", item.session_id)
        )
    return redirect("agenda-item", following.pk)


@acts_from("agenda-item", "pk")
def ballot_close(request: MemberRequest, pk: int) -> HttpResponse:
    """Close the remote vote of an item and count it."""
    item = _item_kept(request, pk)
    ballot = Ballot.objects.filter(item=item, closed_at=None).first()
    if ballot is None:
        messages.error(request, "Aucun scrutin n’est ouvert sur ce logement.")
        return redirect("agenda-item", pk)
    try:
        closed = close_ballot(ballot=ballot, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("agenda-item", pk)
    return _after(request, item, closed)


@acts_from("agenda-item", "pk")
def item_postpone(request: MemberRequest, pk: int) -> HttpResponse:
    """Put off a unit to another session."""
    item = item_read(request, pk)
    refuse_unless(can_convene(request.member, item.session.committee))
    form = PostponeForm(request.POST, item=item.pk)
    if form.is_valid():
        with refusals_on(form):
            postpone_item(item=item, by=request.user, **form.cleaned_data)
            messages.success(request, f"Le logement {item.position} est reporté : ses dossiers restent prêts.")
            return redirect("session-detail", item.session_id)
    return _render(request, item, postpone=form)


@acts_from("agenda-item", "pk")
def item_recuse(request: MemberRequest, pk: int) -> HttpResponse:
    """Note that a member leaves the item for a conflict of interest."""
    item = item_read(request, pk)
    members = _may_leave(request, item)
    refuse_unless(bool(members))
    form = RecusalForm(request.POST, members=members)
    if form.is_valid():
        with refusals_on(form):
            recusal = recuse(item=item, by=request.user, **form.cleaned_data)
            messages.success(request, f"{recusal.member} se déporte : ni lecture des dossiers, ni vote.")
            return redirect("agenda-item", pk)
    return _render(request, item, recusal=form)


@acts_from("agenda-item", "pk")
def item_refresh(request: MemberRequest, pk: int) -> HttpResponse:
    """Add the cases instructed since the unit was put on the agenda."""
    item = item_read(request, pk)
    refuse_unless(can_convene(request.member, item.session.committee))
    with refusals_shown(request):
        added = refresh_item(item=item, by=request.user)
        some = len(added) > 1
        messages.success(request, f"{len(added)} dossier{'s' * some} ajouté{'s' * some} à ce point.")
    return redirect("agenda-item", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def decision_correct(request: MemberRequest, pk: int) -> HttpResponse:
    """Correct decisions of an item that were recorded wrong: new acts, beside the old ones."""
    item = _item_kept(request, pk)
    state = decided(item)
    cases = {case.letter: case for case in item.cases.all()}
    form = CorrectionForm(
        request.POST if request.method == "POST" else None,
        cases=[cases[each.letter] for each in state],
        decisions={each.letter: each.decision for each in state},
        day=item.session.day,
        to_explain=_to_explain(item, [cases[each.letter] for each in state]),
    )
    if form.is_valid():
        terms = {each.decision: LineTerms(case=cases[each.letter], **form.terms_of(each.letter)) for each in state}
        changed = {decision: given for decision, given in terms.items() if form.changes(decision, given)}
        with refusals_on(form):
            correct_decisions(item=item, terms=changed, why=form.cleaned_data["why"], by=request.user)
            messages.success(request, "La décision rectificative est enregistrée. Les parties en sont informées.")
            return redirect("agenda-item", pk)
    context = {"item": item, "session": item.session, "form": form, "state": state, **shown(request, item)}
    return render(request, "households/decision_correct.html", context, status=422 if form.errors else 200)


def item_read(request: MemberRequest, pk: int) -> AgendaItem:
    """An item of a session that the person may read, with everything its pages show. Http404 otherwise."""
    holding = AgendaItem.objects.filter(pk=pk).values("session")
    session = get_object_or_404(sessions_of(member_of(request)), pk__in=holding)
    return next(each for each in agenda(session) if each.pk == pk)


def shown(request: MemberRequest, item: AgendaItem) -> dict[str, Any]:
    """The comparison for whoever may read it; the journal is written before it is shown."""
    member = member_of(request)
    held = seats_held(member, on=item.session.day).filter(committee=item.session.committee_id)
    seats, opened = at_once(read_whole(held), items_read.steps(member, item.session))
    cases, reads = list(item.cases.all()), item.pk in opened
    criteria: list[Criterion] = []
    if reads and cases:
        record_access(
            member=member,
            keeper=item.session.committee.landlord.organisation,
            what=AccessRecord.What.CASES,
            subject=f"{item.vacancy.unit.reference}, séance du {day(item.session.held_at)}",
            files=len(cases),
        )
        held_on = item.session.day
        ceilings = ceilings_for(item.vacancy.unit, on=held_on)
        criteria = comparison(cases, held_on=held_on, ceiling=ceilings.most if ceilings.rows else None)
    return {
        "unit": item.vacancy.unit,
        "reads": reads,
        "seats": seats,
        "cases": cases,
        "criteria": criteria,
        "compared": cases_table(cases, criteria).or_say("" if reads else not_open(item.session)),
    }


def _item_kept(request: MemberRequest, pk: int) -> AgendaItem:
    item = item_read(request, pk)
    refuse_unless(can_keep_minutes(request.member, item.session.committee))
    return item


def to_decide(item: AgendaItem) -> list[AgendaCase]:
    """The cases still in the running."""
    return [case for case in item.cases.all() if case.proposal.status == Proposal.Status.ON_AGENDA]


def _to_explain(item: AgendaItem, cases: Iterable[AgendaCase]) -> frozenset[str]:
    return to_say([(case.letter, case.proposal) for case in cases], item.routing)


def _item_form(item: AgendaItem, data: QueryDict | None = None) -> ItemForm:
    cases = to_decide(item)
    return ItemForm(
        data,
        cases=cases,
        voters=[] if item.session.is_remote else voters(item),
        day=item.session.day,
        to_explain=_to_explain(item, cases),
    )


def _may_leave(request: MemberRequest, item: AgendaItem) -> list[Any]:
    """Who may be noted as leaving the item: anybody by the secretary, oneself by a member."""
    left = {recusal.member_id for recusal in item.recusals.all()}
    sitting = composition(item.session.committee, item.session.day)
    members = [each for each in [*sitting.voting, *sitting.advisory] if each.pk not in left]
    if can_keep_minutes(request.member, item.session.committee):
        return members
    return [each for each in members if each.user_id == request.user.pk]


def _ways(request: MemberRequest, item: AgendaItem, forms_given: Mapping[str, forms.Form | None]) -> dict[str, Any]:
    """What this person may do of this item as it stands."""
    session = item.session
    found: dict[str, Any] = {}
    pending = item.is_pending and session.state in (State.CONVENED, State.OPEN)
    voting = any(ballot.closed_at is None for ballot in item.ballots.all())
    recusal: forms.Form | None = None
    postponing: forms.Form | None = None
    if pending and (may_leave := _may_leave(request, item)):
        recusal = forms_given["recusal"] or RecusalForm(members=may_leave)
    if pending and not voting and can_convene(request.member, session.committee):
        postponing = forms_given["postpone"] or PostponeForm(item=item.pk)
        found["joining"] = (
            Proposal.objects.live()
            .filter(vacancy=item.vacancy_id, routing=item.routing_id, status=Proposal.Status.READY)
            .count()
        )
    return found | {"acts": list(item_acts(item, recusal, postponing))}


def _left_to_others(session: CommitteeSession) -> str:
    secretaries = composition(session.committee, session.day).secretaries
    return secretariat_words("enregistre la décision", secretaries, session.committee_id)


def _render(
    request: MemberRequest,
    item: AgendaItem,
    *,
    form: ItemForm | None = None,
    postpone: PostponeForm | None = None,
    recusal: RecusalForm | None = None,
) -> HttpResponse:
    session = item.session
    found: list[Result]
    may_keep, found, stands, casting = at_once(
        can_keep_minutes.steps(request.member, session.committee),
        results.steps(item),
        decided.steps(item) if item.concluded_at else given([]),
        casting_member.steps(item),
    )
    voting = next((each for each in found if each.ballot.closed_at is None), None)
    every = agenda(session)
    lines = [line for line in item_rows(every) if line.item.postponed_at is None or line.item.pk == item.pk]
    may_convene = can_convene(request.member, session.committee)
    waits = item.is_pending and session.state == State.OPEN and not item.is_void and bool(to_decide(item))
    asked = may_keep and waits and voting is None
    seen = shown(request, item)
    refused = form or postpone or recusal
    result = ballot_result(voting) if voting else None
    item_form = (form or _item_form(item)) if asked and seen["reads"] else None
    effect = routing_effects(item.routing, Side.COMMITTEE) if item.routing else effects(None, Side.COMMITTEE)
    following = next((line.item for line in lines if line.item.is_pending and line.item.pk != item.pk), None)
    context: dict[str, Any] = {
        "item": item,
        "session": session,
        "links": agenda_links(lines, item, refused=refused is not None and bool(refused.errors)),
        "question": question(item),
        "answer": item_answer(item, len(seen["cases"]), tally_words(tally_of(every)), voting=voting is not None),
        "elsewhere": elsewhere(item) if may_convene else "",
        "recused_words": recused_words([each.member for each in item.recusals.all()]),
        "may_keep": may_keep,
        "secretariat": _left_to_others(session) if waits and may_convene and not may_keep else "",
        "votes_held": [] if voting else list(votes_held([ballot_result(each) for each in found])),
        "voting": result,
        "proposed": proposed_table(result, "Décisions proposées") if result else None,
        "decided": decided_table(stands) if item.concluded_at else None,
        "effect_words": effect_words(item, effect),
        "heading": item_heading(item.vacancy.unit),
        "unit_words": item_words(item, casting),
        "form": refused,
        "item_form": item_form,
        "votes": [(each, voter_words(each), field) for each, field in item_form.vote_rows] if item_form else [],
        "occupation": occupation_of(item.vacancy.unit, member_of(request)) if seen["reads"] else None,
        "recording": recording_words(session),
        "button": record_button(session, following),
        **seen,
        **_ways(request, item, {"postpone": postpone, "recusal": recusal}),
    }
    voter = next((each for each in voters(item) if each.pk in {s.pk for s in seen["seats"]}), None) if voting else None
    context["voter"] = voter
    status = 422 if refused is not None and refused.errors else 200
    return render(request, "households/agenda_item.html", context, status=status)
