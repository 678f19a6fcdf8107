"""The first page of each role: what awaits the person, and where things stand."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.pages.matrix import answer, matrix_table
from attributions.bilan.pages.overview import overview_table
from attributions.bilan.pages.score_tables import score_table
from attributions.bilan.queries.dates import followed_exercise
from attributions.bilan.queries.gaps import widest
from attributions.bilan.queries.home import balances_home
from attributions.bilan.queries.objectives import reading
from attributions.bilan.queries.overview import overview
from attributions.bilan.queries.reminders import reminders_of
from attributions.bilan.queries.scope import balances_of, territory_of
from attributions.bilan.queries.standing import standing
from attributions.bilan.queries.territory_board import score_tables, without_balance
from attributions.home import starting
from attributions.home.pages import mix_table, routed_table, waiting_table
from attributions.home.queries import administrator_home, holder_home, landlord_home
from attributions.home.sentences import (
    NEXT_UNIT,
    NO_LANDLORD_THERE,
    NO_VACANCY_THERE,
    NOTHING_TO_DO,
    awaited_said,
    none_routed,
    received_words,
    standing_words,
    to_do_words,
    until_the_lease,
)
from attributions.home.sittings import sittings
from attributions.home.to_do import News, ToDo, holder_to_do, landlord_to_do, overseer_to_do
from attributions.households.queries.file_list import to_do
from attributions.households.queries.labels import late_label_count
from attributions.households.queries.lapsing import NOTHING_LAPSES, lapsing
from attributions.notices.queries import unread_count
from flux.models import AuditAlert, WebhookEndpoint
from flux.pages.known import coming, may_come
from flux.pages.queue import destinations
from flux.pages.queue_table import queue_table
from flux.pages.starting import TO_DO, as_table
from flux.queries.opening import to_answer
from flux.queries.queue import queue
from flux.queries.stock_transfer import to_accept
from reservations.http import MemberRequest, member_of, next_look
from reservations.models import Membership
from reservations.permissions import can_manage_people, can_manage_tokens
from reservations.queries.pauses import to_agree
from reservations.queries.people_review import review_is_due
from reservations.queries.service_notice import service_notice
from reservations.queries.signatories import to_sign


@require_safe
def home(request: MemberRequest) -> HttpResponse:
    """A landlord decides, a holder reads what is for it, an overseer reads every landlord, an administrator counts."""
    member, today = request.member, timezone.localdate()
    context: dict[str, Any] = {"today": today}
    if member is None:
        return render(request, "home/nobody.html", context)
    context["alerts"] = AuditAlert.objects.visible_to(member).standing().count()
    if member.is_administrator:
        context["counts"] = administrator_home(today=today)
        context["review"] = review_is_due(member, today=today)
        context["unpublished"] = service_notice() is None
        return render(request, "home/administrator.html", context)
    news = _news(member, context["alerts"], today)
    context |= {"news": news, "balances": news.balances}
    if member.landlord is not None:
        context["stages"] = to_do(member)
        context["to_lease"] = until_the_lease(context["stages"])
        context["again"] = next_look(request)
        context["queue"] = queue(member.landlord, request.GET, today=today)
        context["destinations"] = destinations(context["queue"].destinations)
        context["queue_table"] = queue_table(context["queue"])
        context["landlord"] = landlord_home(member.landlord, today=today)
        context["reminders"] = reminders_of(member.landlord, news.balances.to_send, today=today)
        context["to_do"] = landlord_to_do(context["queue"], context["landlord"], context["stages"], news, today=today)
        context["to_do_said"] = to_do_words(context["to_do"], otherwise=NEXT_UNIT)
        return render(request, "home/landlord.html", context)
    if member.is_overseer:
        context |= _overview(member, today)
    if member.is_overseer and not member.is_holder:
        context |= _followed(member, context["year"], context["readable"], today)
    if member.is_holder:
        context["holder"] = holder_home(member, today=today, page=request.GET.get("page"))
        context["waiting"] = waiting_table(context["holder"].waiting, several=member.is_overseer)
        context["awaiting"] = [awaited_said(each, member) for each in context["holder"].awaiting]
        context["routed"] = routed_table(context["holder"].routed, member).or_say(none_routed(context["holder"]))
        context["mix"] = mix_table(context["holder"], today)
        context["may_come"] = may_come(context["holder"].foreseen_count)
        context["coming"] = coming(context["holder"].foreseen, several=member.is_overseer)
        context["to_do"] = holder_to_do(context["holder"], to_do(member), news, today=today)
        context["to_do_said"] = to_do_words(context["to_do"], otherwise=NOTHING_TO_DO)
        context["received"] = received_words(context["holder"], today)
        context["standing_said"] = standing_words(context["holder"], today)
        return render(request, "home/holder.html", context)
    context["to_do"] = overseer_to_do(news)
    context["to_do_said"] = to_do_words(context["to_do"])
    context["elsewhere"] = [
        (other, _as_holder(other, today).number) for other in request.memberships if other.is_holder
    ]
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


def _news(member: Membership, alerts: int, today: date) -> News:
    """What is awaited of the person, and what its organisation was told."""
    now = timezone.now()
    return News(
        sittings=sittings(member, now=now),
        late_labels=late_label_count(member, now=now),
        unread=unread_count(member),
        balances=balances_home(member, today=today),
        alerts=alerts,
        openings=to_answer(member),
        transfers=list(to_accept(member).values_list("pk", flat=True)),
        pauses=list(to_agree(member).values_list("convention", flat=True)),
        stopped=WebhookEndpoint.objects.failing_for(member).count() if can_manage_tokens(member) else 0,
        conventions=list(to_sign(member).order_by("pk").values_list("convention", flat=True)),
        lapsing=lapsing(member, today=today) if member.is_landlord or member.is_holder else NOTHING_LAPSES,
        today=today,
        review=int(can_manage_people(member) and review_is_due(member, today=today)),
    )


def _as_holder(member: Membership, today: date) -> ToDo:
    """What awaits the person in its other role, as its home would say it there."""
    alerts = AuditAlert.objects.visible_to(member).standing().count()
    return holder_to_do(
        holder_home(member, today=today, page=None), to_do(member), _news(member, alerts, today), today=today
    )


def _overview(member: Membership, today: date) -> dict[str, Any]:
    """Every landlord of the territory, for the exercise that one follows, or the latest that has a balance."""
    pairs = balances_of(member)
    followed = followed_exercise(today)
    lived = {year for _, year in pairs}
    year = followed if followed in lived or not lived else max(lived)
    place = territory_of(member)
    lines = sorted(
        overview([pair for pair in pairs if pair[1] == year], place, today, member=member),
        key=lambda row: -row.flow.vacated,
    )
    return {
        "rows": lines,
        "side_by_side": overview_table("t-bailleurs", lines, place, member, show_year=False).or_say(NO_VACANCY_THERE),
        "year": year,
        "territory": place,
        "widest": widest(line.widest for line in lines if line.widest),
        "readable": {landlord for landlord, lived in pairs if lived == year},
    }


def _followed(member: Membership, year: int, readable: Container[int], today: date) -> dict[str, Any]:
    """Who sent what on the territory, and how its first objective stands."""
    place = territory_of(member)
    if place is None:
        return {}
    stands = standing(place, year, today=today, reader=member.organisation_id, reader_signs=member.is_holder)
    landlords = {row.landlord.pk: row.landlord for row in stands.rows}.values()
    read = reading(year, member=member)
    tables = score_tables(read, place, landlords, lacking=without_balance(stands))
    first = tables[0]
    return {
        "standing": stands,
        "answer": answer(stands, first.whole),
        "matrix": matrix_table(stands, readable).or_say(NO_LANDLORD_THERE),
        "quartile": score_table(first, year, place) if first.is_worth_reading else None,
        "whole": read,
    }
