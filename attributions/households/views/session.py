"""Sessions of the committee: the list, one session, and what its secretary does of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.households.exports.lists import SESSIONS
from attributions.households.forms.sessions import AgendaHoursForm, AttendanceForm, CancelForm, ConveneForm, UnitsForm
from attributions.households.models import CommitteeSession
from attributions.households.operations.agenda import add_to_agenda
from attributions.households.operations.session import cancel_session, close_session, convene_session, open_session
from attributions.households.pages.agenda import (
    prevented_lines,
    ready_boxes,
    ready_lines,
    ready_words,
    secretariat_words,
    sessions_answer,
    sessions_question,
)
from attributions.households.pages.procedure import to_label
from attributions.households.pages.requests import no_session
from attributions.households.pages.sessions import (
    agenda_table,
    attendance_words,
    cancelling_acts,
    closing_acts,
    item_rows,
    items_table,
    left_before_closing,
    mode_words,
    nothing_examined,
    papers,
    quorum_words,
    seat_words,
    session_answer,
    session_notes,
    sessions_table,
    tally_words,
)
from attributions.households.permissions import can_convene, can_keep_minutes
from attributions.households.queries.applications import late_labels
from attributions.households.queries.candidates import minutes_elsewhere
from attributions.households.queries.committees import (
    Composition,
    committees_of,
    composition,
    quorum_of,
    rules_of,
    seats_held,
)
from attributions.households.queries.minimum import ReadyUnit, ready_units
from attributions.households.queries.sessions import agenda, session_lines, sessions_of, still_to_come, tally_of
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, in_a_file, member_of, refuse_unless
from reservations.models.together import at_once
from reservations.refusals import Refusal
from reservations.words import day, hour

PAGE = 25
State = CommitteeSession.State


@require_safe
def session_list(request: MemberRequest) -> HttpResponseBase:
    """Sessions in progress, to come and past; what is ready for one; and the form to convene the next."""
    return _render_list(request)


@acts_from("session-list")
def session_convene(request: MemberRequest) -> HttpResponseBase:
    """Convene a session."""
    member = member_of(request)
    refuse_unless(member.is_landlord)
    form = ConveneForm(
        request.POST, committees=committees_of(member).filter(landlord__organisation=member.organisation)
    )
    if form.is_valid():
        with refusals_on(form):
            session = convene_session(by=request.user, **form.terms)
            messages.success(
                request, f"La séance du {day(session.held_at)} est convoquée. Mettez des logements à son ordre du jour."
            )
            return redirect("session-detail", session.pk)
    return _render_list(request, form)


def _render_list(request: MemberRequest, form: ConveneForm | None = None) -> HttpResponseBase:
    member = member_of(request)
    now = timezone.now()
    found = sessions_of(member)
    if asks_file(request):
        return in_a_file(request, SESSIONS, found, session_lines)
    past = Q(closed_at__isnull=False) | Q(cancelled_at__isnull=False)
    page = Paginator(found.filter(past), PAGE).get_page(request.GET.get("page"))
    current = session_lines(found.exclude(past).order_by("held_at", "pk"))
    in_progress = [each for each in current if each.session.state == State.OPEN]
    to_come = [each for each in current if each.session.state == State.CONVENED]
    past_lines = session_lines(page)
    landlord, sits = member.landlord if member.is_landlord else None, bool(seats_held(member))
    context: dict[str, Any] = {
        "question": sessions_question(by_landlord=landlord is not None),
        "in_progress": in_progress,
        "running": sessions_table("en-cours", "Séances en cours", in_progress),
        "to_come": to_come,
        "coming": sessions_table("a-venir", "Séances à venir", to_come).or_say(
            no_session(by_landlord=landlord is not None, sits=sits)
        ),
        "past": past_lines,
        "over": sessions_table("passees", "Séances closes ou annulées", past_lines).or_say("Aucune séance passée."),
        "page": page,
        "form": form,
        "sits": sits,
        "by_landlord": landlord is not None,
        "today": timezone.localdate(now),
    }
    if landlord is not None:
        committees = committees_of(member).filter(landlord=landlord)
        found_units = _waiting(ready_units(landlord, on=timezone.localdate(now)))
        context |= {
            **found_units,
            "ready_lines": ready_lines(found_units["ready"]),
            "ready_words": ready_words(len(found_units["ready"]), len(to_come)),
            "has_committee": committees.exists(),
            "convene_form": form or ConveneForm(committees=committees),
            "elsewhere_count": minutes_elsewhere(member).count(),
        }
    ready = len(context["ready"]) if landlord is not None else None
    context["answer"] = sessions_answer(len(in_progress), len(to_come), ready)
    return render(request, "households/session_list.html", context, status=422 if form is not None else 200)


@require_safe
def session_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """The agenda of a session, who is there, and what comes next."""
    return _render(request, _session(request, pk))


@require_safe
def session_agenda(request: MemberRequest, pk: int) -> HttpResponse:
    """The agenda to print and to send: units and numbers of cases, no name."""
    session = _session(request, pk)
    lines = item_rows(item for item in agenda(session) if item.postponed_at is None)
    form = AgendaHoursForm(request.GET or None)
    minutes = form.cleaned_data["minutes"] if form.is_valid() else None
    context = {
        "session": session,
        "lines": lines,
        "table": agenda_table(lines, minutes=minutes),
        "hours": None if session.is_remote else form,
    }
    return render(request, "households/session_agenda.html", context)


@acts_from("session-detail", "pk")
def session_add(request: MemberRequest, pk: int) -> HttpResponse:
    """Put ready units on the agenda."""
    session = _session(request, pk)
    refuse_unless(can_convene(request.member, session.committee))
    form = UnitsForm(request.POST, ready=[unit.vacancy.pk for unit in _units(session)["ready"]])
    if form.is_valid():
        with refusals_on(form):
            added = add_to_agenda(session=session, vacancies=list(form.cleaned_data["vacancies"]), by=request.user)
            some = len(added) > 1
            messages.success(
                request,
                f"{len(added)} logement{'s' * some} {'sont' if some else 'est'} à l’ordre du jour.",
            )
            return redirect("session-detail", pk)
    return _render(request, session, units=form)


@acts_from("session-detail", "pk")
def session_open(request: MemberRequest, pk: int) -> HttpResponse:
    """Note who is there, and open the session."""
    session = _kept(request, pk)
    form = AttendanceForm(request.POST, members=composition(session.committee, session.day).everybody)
    if form.is_valid():
        with refusals_on(form):
            open_session(session=session, present=form.present, represented=form.represented, by=request.user)
            messages.success(request, "La séance est ouverte. Examinez les logements dans l’ordre du jour.")
            return redirect("session-detail", pk)
    return _render(request, session, attendance=form)


@acts_from("session-detail", "pk")
def session_close(request: MemberRequest, pk: int) -> HttpResponse:
    """Close the session and seal its minutes."""
    session = _kept(request, pk)
    try:
        close_session(session=session, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("session-detail", pk)
    messages.success(request, "La séance est close. Le procès-verbal est scellé : plus rien n’y change.")
    return redirect("minutes", pk)


@acts_from("session-detail", "pk")
def session_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Say that a session is not held."""
    session = _session(request, pk)
    refuse_unless(can_convene(request.member, session.committee))
    form = CancelForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            cancel_session(session=session, by=request.user, **form.cleaned_data)
            messages.success(request, "La séance est annulée : ses logements sont de nouveau prêts pour une autre.")
            return redirect("session-list")
    return _render(request, session, cancel=form)


def _session(request: MemberRequest, pk: int) -> CommitteeSession:
    found: CommitteeSession = get_object_or_404(sessions_of(member_of(request)), pk=pk)
    return found


def _kept(request: MemberRequest, pk: int) -> CommitteeSession:
    session = _session(request, pk)
    refuse_unless(can_keep_minutes(request.member, session.committee))
    return session


def _units(session: CommitteeSession) -> dict[str, list[Any]]:
    committee = session.committee
    return _waiting(ready_units(committee.landlord, on=session.day, committee=committee))


def _waiting(units: list[ReadyUnit]) -> dict[str, list[Any]]:
    """Those that can be called, and those that something prevents, with why; what is on an agenda is in neither."""
    free = [unit for unit in units if unit.item is None]
    return {
        "ready": [unit for unit in free if not unit.blocked],
        "prevented": prevented_lines(free),
    }


def _render(
    request: MemberRequest,
    session: CommitteeSession,
    *,
    units: UnitsForm | None = None,
    attendance: AttendanceForm | None = None,
    cancel: CancelForm | None = None,
) -> HttpResponse:
    member = member_of(request)
    refused = units or attendance or cancel
    items, quorum, sitting, rules, may_keep = at_once(
        agenda.steps(session),
        quorum_of.steps(session),
        composition.steps(session.committee, session.day),
        rules_of.steps(session.committee, session.day),
        can_keep_minutes.steps(member, session.committee),
    )
    may_convene, lines = can_convene(member, session.committee), item_rows(items)
    examined = [line for line in lines if line.item.postponed_at is None]
    context: dict[str, Any] = {
        "session": session,
        "mode": mode_words(session),
        "notes": session_notes(session),
        "papers": papers(session),
        "table": items_table(examined, may_convene=may_convene).or_say(nothing_examined(session)),
        "lines": examined,
        "postponed": [line for line in lines if line.item.postponed_at is not None],
        "answer": session_answer(session, tally_words(tally_of(items)), quorum_words(quorum)),
        "quorum": quorum_words(quorum),
        "present": [(each.member.full_name, attendance_words(each)) for each in quorum.present],
        "everybody": [(each.full_name, seat_words(each)) for each in sitting.everybody],
        "rules": rules,
        "secretariat": _left_to_others(session, sitting, may_keep=may_keep) if may_convene else "",
        "left": left_before_closing(lines) if session.state == State.OPEN else [],
        "closing": closing_acts(session) if may_keep and session.state == State.OPEN else (),
        "late": [to_label(each) for each in late_labels(session)] if may_convene or member.is_state else [],
        "form": refused,
        "title": f"CALEOL du {day(session.held_at)}, {hour(session.held_at)}",
    }
    if may_convene and session.state in (State.CONVENED, State.OPEN):
        found = _units(session)
        form_shown = units or UnitsForm(ready=[unit.vacancy.pk for unit in found["ready"]])
        context |= {
            **found,
            "units_form": form_shown,
            "boxes": ready_boxes(found["ready"], form_shown["vacancies"].value() or () if units else ()),
            "cancelling": cancelling_acts(session, cancel or CancelForm()),
        }
    if may_keep and session.state == State.CONVENED:
        context["opens_on"] = opens_on = still_to_come(session, today=timezone.localdate())
        if opens_on is None:
            form = attendance or AttendanceForm(members=sitting.everybody, user=request.user.pk)
            rows = [(each, seat_words(each), present, by) for each, present, by in form.rows]
            context |= {"attendance_form": form, "attending": rows}
    return render(request, "households/session_detail.html", context, status=422 if refused else 200)


def _left_to_others(session: CommitteeSession, sitting: Composition, *, may_keep: bool) -> str:
    """What who convenes leaves to the secretariat at this stage; empty where nothing is."""
    act = ""
    if session.state == State.CONVENED:
        act = "ouvre la séance"
    elif session.state == State.OPEN and not may_keep:
        act = "enregistre les décisions et clôt la séance"
    return secretariat_words(act, sitting.secretaries, session.committee_id) if act else ""
