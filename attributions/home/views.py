"""The first page of each role: what awaits the person, and where things stand."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.pages.overview import overview_table
from attributions.bilan.pages.scores import score_table
from attributions.bilan.pages.territory_board import answer, matrix_table
from attributions.bilan.queries.content import widest
from attributions.bilan.queries.deadlines import followed_exercise
from attributions.bilan.queries.home import reminders_of
from attributions.bilan.queries.objectives import reading
from attributions.bilan.queries.overview import overview
from attributions.bilan.queries.scope import balances_of, territory_of
from attributions.bilan.queries.states import matrix_state
from attributions.bilan.queries.territory_board import score_tables, without_balance
from attributions.home import starting
from attributions.home.pages import mix_table, routed_table, waiting_table, year_table
from attributions.home.queries import administrator_home, holder_home, landlord_home
from attributions.home.sentences import (
    NEXT_UNIT,
    NO_LANDLORD_THERE,
    NO_VACANCY_THERE,
    NOTHING_TO_DO,
    awaited_sentences,
    none_routed,
    received_words,
    state_words,
    to_do_words,
    until_the_lease,
)
from attributions.home.to_do import (
    balances_beside,
    holder_waits,
    hurries_of_anybody,
    kept,
    landlord_waits,
    lapse_before_units,
    nearest_delay,
    since_when,
    tasks,
)
from attributions.households.queries.deadlines import accepted_lapsing
from attributions.households.queries.file import to_do
from attributions.households.queries.stage import Stage
from attributions.inbox.entries import Counted, Entry, Filters
from attributions.inbox.of_units import CANDIDATES_AWAITED, DOCUMENT_LAPSES, OFFER_LAPSES, TO_CONFIRM
from attributions.inbox.pages import first_rows
from attributions.inbox.queries import Inbox, put_off
from attributions.inbox.reader import Reader
from flux.models import AuditAlert
from flux.pages.departures import coming, may_come
from flux.pages.queue import destinations, queue_table
from flux.pages.starting import TO_DO, as_table
from flux.queries.queue import blocked_of, queue, undecided
from reservations.http import MemberRequest, member_of, next_look
from reservations.models import Membership
from reservations.models.together import Steps, at_once, given, together
from reservations.models.wall import of_one_moment
from reservations.queries.imprints import service_notice
from reservations.queries.people import review_is_due

#: Rows of « À faire » that a home page shows, beside the units that it has whole: to confirm, or to propose for.
FIRST = 2


@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """A landlord decides, a holder reads what is for it, an overseer reads every landlord, an administrator counts."""
    member, today = request.member, timezone.localdate()
    context: dict[str, Any] = {"today": today}
    if member is None:
        return render(request, "home/nobody.html", context)
    if member.is_administrator:
        context["alerts"] = AuditAlert.objects.visible_to(member).active().count()
        context["counts"] = administrator_home(today=today)
        context["review"] = review_is_due(member, today=today)
        context["unpublished"] = service_notice() is None
        return render(request, "home/administrator.html", context)
    reader = Reader(member, now=timezone.now())
    undecided_now = undecided(member.landlord, today=today) if member.landlord is not None else ()
    reader.blocked = blocked_of(undecided_now)
    oversees = member.is_overseer and not member.is_holder
    others = [Reader(each, now=reader.now) for each in request.memberships if oversees and each.is_holder]
    (inbox, counted, found), stages, beside, *elsewhere = of_one_moment(at_once)(
        _awaiting(reader),
        given({}) if oversees else to_do.steps(member),
        _beside(member, today, page=request.GET.get("page")),
        *(_awaiting(each) for each in others),
    )
    shown = inbox.described(found)
    numbers = {each.kind.code: each.number for each in counted}
    context |= {
        "reader": reader,
        "alerts": numbers.get("alerte", 0),
        "unread": numbers.get("avis", 0),
        "late_labels": numbers.get("labelliser", 0),
        "balances": balances_beside(reader.balances, shown),
        "first_rows": first_rows(shown, today=today),
        "awaiting": sum(numbers.values()),
    }
    later = put_off(reader)
    hurries = hurries_of_anybody(counted, reader)
    lapsing = {
        Stage.OFFERED: numbers.get(OFFER_LAPSES.code, 0),
        Stage.DOCUMENT: accepted_lapsing(member, today=today) if DOCUMENT_LAPSES.code in numbers else 0,
    }
    if member.landlord is not None:
        context["to_lease"] = until_the_lease(stages)
        context["again"] = next_look(request)
        waiting = queue(member.landlord, request.GET, today=today, keys=undecided_now, brief=True)
        context["queue"] = waiting
        context["destinations"] = destinations(waiting.destinations)
        context["queue_table"] = queue_table(waiting)
        context |= beside
        context["reminders"] = reminders_of(member.landlord, reader.balances.to_send, today=today)
        nearest = next((each.first for each in counted if each.kind is TO_CONFIRM), None)
        hurries[TO_CONFIRM.code] = since_when(waiting, late=nearest is not None and nearest < today)
        context["to_do"] = kept(tasks(counted, shown, hurries), landlord_waits(waiting, stages, lapsing))
        context["to_do_words"] = to_do_words(context["to_do"], put_off=later, otherwise=NEXT_UNIT)
        return render(request, "home/landlord.html", context)
    context |= beside
    if member.is_holder:
        holder = context["holder"]
        hurries[CANDIDATES_AWAITED.code] = nearest_delay(holder)
        waits = holder_waits(holder, stages, lapsing, reader.balances.held)
        context["to_do"] = kept(tasks(counted, shown, hurries), waits)
        context["to_do_words"] = to_do_words(context["to_do"], put_off=later, otherwise=NOTHING_TO_DO)
        context["rows_first"] = lapse_before_units(shown, counted)
        context["unfolded"] = "page" in request.GET or not context["to_do"].tasks
        return render(request, "home/holder.html", context)
    context["to_do"] = kept(tasks(counted, shown, hurries))
    context["to_do_words"] = to_do_words(context["to_do"], put_off=later)
    waiting_there = (sum(each.number for each in counts) for _, counts, _ in elsewhere)
    context["elsewhere"] = [(each.member, number) for each, number in zip(others, waiting_there, strict=True)]
    return render(request, "home/overseer.html", context)


@require_safe
def first_steps(request: MemberRequest) -> HttpResponse:
    """What one does first, and where it stands. A landlord has a page of its own, with a trial and a day."""
    member, today = member_of(request), timezone.localdate()
    if member.landlord is not None:
        return redirect("starting")
    steps = starting.first_steps(member, today=today)
    left = sum(state == TO_DO for _, state, *_ in steps)
    context = {"table": as_table("Premiers pas", steps), "left": left, "today": today}
    return render(request, "home/first_steps.html", context)


def _held(member: Membership, today: date, page: str | None) -> Steps[dict[str, Any]]:
    """What a holder has, what is to come, and where it stands."""
    holder = yield from holder_home.steps(member, today=today, page=page)
    return {
        "holder": holder,
        "waiting": waiting_table(holder.waiting, several=member.is_overseer),
        "awaiting_units": [awaited_sentences(each, member) for each in holder.awaiting],
        "routed": routed_table(holder.routed, member).or_say(none_routed(holder)),
        "mix": mix_table(holder, today),
        "year_table": year_table(holder.months),
        "may_come": may_come(holder.foreseen_count),
        "coming": coming(holder.foreseen, several=member.is_overseer),
        "received": received_words(holder, today),
        "state_words": state_words(holder, today),
    }


def _awaiting(reader: Reader) -> Steps[tuple[Inbox, list[Counted], list[Entry]]]:
    """What awaits a person, by kind, and the first rows of it that its home shows."""
    yield from reader.ahead()
    inbox, without = Inbox(reader), (TO_CONFIRM, CANDIDATES_AWAITED)
    counted, found = yield from together(
        inbox.counting(), inbox.listing(Filters(), start=0, stop=FIRST, without=without)
    )
    return inbox, counted, found


def _beside(member: Membership, today: date, *, page: str | None) -> Steps[dict[str, Any]]:
    """What the page of a role has, beside what awaits the reader."""
    if member.landlord is not None:
        return {"landlord": (yield from landlord_home.steps(member.landlord, today=today))}
    parts = []
    if member.is_overseer:
        pairs = yield from balances_of.steps(member)
        followed, lived = followed_exercise(today), {year for _, year in pairs}
        year = followed if followed in lived or not lived else max(lived)
        balances = [pair for pair in pairs if pair[1] == year]
        parts.append(_overview(member, balances, year, today))
        if not member.is_holder:
            parts.append(_followed(member, year, {landlord for landlord, _ in balances}, today))
    if member.is_holder:
        parts.append(_held(member, today, page))
    context: dict[str, Any] = {}
    for part in (yield from together(*parts)):
        context |= part
    return context


def _overview(member: Membership, pairs: Sequence[tuple[int, int]], year: int, today: date) -> Steps[dict[str, Any]]:
    """Every landlord of the territory, for the exercise that one follows, or the latest that has a balance."""
    place = territory_of(member)
    found = yield from overview.steps(pairs, place, today, member=member)
    lines = sorted(found, key=lambda row: -row.flow.vacated)
    return {
        "rows": lines,
        "side_by_side": overview_table("t-bailleurs", lines, place, member, show_year=False).or_say(NO_VACANCY_THERE),
        "year": year,
        "territory": place,
        "widest": widest(line.widest for line in lines if line.widest),
    }


def _followed(member: Membership, year: int, readable: Container[int], today: date) -> Steps[dict[str, Any]]:
    """Who sent what on the territory, and how its first objective stands."""
    place = territory_of(member)
    if place is None:
        return {}
    stands, read = yield from together(
        matrix_state.steps(place, year, today=today, reader=member.organisation_id, reader_signs=member.is_holder),
        reading.steps(year, member=member),
    )
    landlords = {row.landlord.pk: row.landlord for row in stands.rows}.values()
    tables = score_tables(read, place, landlords, lacking=without_balance(stands))
    first = tables[0]
    return {
        "state": stands,
        "answer": answer(stands, first.whole),
        "matrix": matrix_table(stands, readable).or_say(NO_LANDLORD_THERE),
        "quartile": score_table(first, year, place) if first.is_worth_reading else None,
        "whole": read,
    }
