"""What nobody does, and that time brings: delays that run out, votes that open, remarks that wait, papers that are due.

Safe to run twice: a thing is sent once to each person (`mail_item_once`).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from attributions.bilan.queries.home import Waiting, late_remarks
from attributions.households.models import CommitteeMember, CommitteeSession
from attributions.households.queries.candidates import expected_routings
from attributions.households.queries.committees import open_votes, votes_awaited_of
from attributions.mails import words
from attributions.mails.posting import people, tell, tell_user
from attributions.mails.telling import EVERYBODY, HOLDERS, LANDLORDS, organisation_of
from flux.models import Routing, Vacancy
from flux.queries.forecasts import to_remind
from flux.queries.returns import clock
from flux.queries.vacancies import signalled_late, with_signal_due
from reservations.models import Convention, Landlord, Membership
from reservations.operations.apart import each_apart, named, write_failure
from reservations.queries.conventions import ending_guarantees, ends_notice, renewal_near, renewed_tacitly
from reservations.queries.rights import Right
from reservations.queries.signatories import SIGNING, with_parties

logger = logging.getLogger(__name__)

#: Days left, as its convention counts them, at which a delay is notified again.
FEW = 5
#: No delay of a convention is longer, in days: what ends later has not lost half of it.
FAR = timedelta(days=366)
#: How long before its last day a unit to notify is reminded, and how old what was notified late may be to be news.
BEFORE_SIGNAL, NEWS = timedelta(days=3), timedelta(days=7)
#: Days before a forecast is due on which its landlord is notified.
BEFORE_FORECAST = (30, 7)


def watch_days(*, now: datetime | None = None) -> None:
    """Every morning: delays to propose and to state, remarks, forecasts, conventions that will be renewed, guarantees
    that end."""
    now = now or timezone.now()
    for name, watch in WATCHES.items():
        try:
            watch(now=now)
        except Exception as error:  # what it reads is at fault, and no row of it: the others are sent all the same
            logger.exception("mails.days: %s failed", name)
            write_failure(task="mails.days", row=name, error=error, now=now)


def watch_delays(*, now: datetime) -> None:
    """State of each delay that is half gone, or nearly all: the shortest word that is still true."""
    today = timezone.localdate(now)
    waiting = expected_routings(today=today).filter(Q(due__gte=today, due__lte=today + FAR))
    read = waiting.select_related(
        "vacancy__unit__commune", "vacancy__unit__landlord__organisation", "holder__organisation", "convention"
    )
    readers: dict[int, list[Membership]] = {}

    def notify(routing: Routing) -> None:
        asked = clock(routing, routing.vacancy.kind, today=today)
        code = _of_delay(routing, asked.left, asked.days) if asked and asked.until else ""
        if not code or asked is None or asked.until is None:
            return
        to = routing.acting_id or routing.holder.organisation_id
        if to not in readers:
            readers[to] = people([to], HOLDERS)
        since: date = vars(routing)["since"]
        for member in readers[to]:
            tell(code, f"routing:{routing.pk}:{since}", member, words.delay(routing, asked, asked.until), now=now)

    each_apart("mails.delays", read.iterator(chunk_size=500), notify, now=now)


def _of_delay(routing: Routing, left: int, days: int | None) -> str:
    if left <= FEW:
        return "unit.days"
    return "unit.half" if 2 * left <= (days or 0) + routing.clock_held else ""


def watch_votes(*, now: datetime | None = None) -> None:
    """Every five minutes: votes that opened; at half of their time, who has not voted, and the secretary. Nothing is
    read but the votes that are open."""
    now = now or timezone.now()
    sessions = {each.pk: each for each in open_votes(now=now).select_related("committee__landlord__organisation")}
    if not sessions:
        return
    left: dict[int, list[tuple[CommitteeMember, int]]] = defaultdict(list)
    for (session, member), votes in votes_awaited_of(list(sessions.values()), now=now).items():
        left[session].append((member, votes))

    def notify(pk: int) -> None:
        opened, members = sessions[pk], left[pk]
        half = _half_gone(opened, now)
        for seat, votes in members:
            reads = organisation_of(seat) if seat.user is not None and seat.user.is_active else None
            if reads is not None and seat.user is not None:
                result = words.vote(opened, votes)
                tell_user(
                    "vote.half" if half else "vote", f"session:{pk}", seat.user, result, organisation=reads, now=now
                )
        if half:
            _tell_secretary(opened, [seat for seat, _ in members], now)

    each_apart("mails.votes", left, notify, name="session:{}".format, now=now)


def _half_gone(session: CommitteeSession, now: datetime) -> bool:
    opens, closes = session.vote_opens_at, session.vote_closes_at
    return opens is not None and closes is not None and now >= opens + (closes - opens) / 2


def _tell_secretary(session: CommitteeSession, who: list[CommitteeMember], now: datetime) -> None:
    kept = CommitteeMember.objects.filter(
        committee=session.committee_id, capacity=CommitteeMember.Capacity.SECRETARY, user__is_active=True
    ).sitting(timezone.localdate(now))
    for seat in kept.select_related("user", "organisation", "committee__landlord__organisation"):
        reads = organisation_of(seat)
        if reads is not None and seat.user is not None:
            result = words.missing(session, who)
            tell_user("vote.missing", f"session:{session.pk}", seat.user, result, organisation=reads, now=now)


def watch_signals(*, now: datetime) -> None:
    """State a landlord of each unit that it has to state soon, and a holder of each that it was notified of late: once
    each."""
    today = timezone.localdate(now)
    waiting = with_signal_due(Vacancy.objects.to_decide().filter(source=Vacancy.Source.HERE), today=today)
    soon = waiting.filter(Q(signal_due__gte=today, signal_due__lte=today + BEFORE_SIGNAL))

    def to_tell(vacancy: Vacancy) -> None:
        text = words.to_signal(vacancy, vars(vacancy)["signal_due"])
        for member in people([vacancy.unit.landlord.organisation_id], LANDLORDS):
            tell("signal.days", f"vacancy:{vacancy.pk}", member, text, now=now)

    def too_late(routing: Routing) -> None:
        result = words.signalled_late(routing, vars(routing)["due"], vars(routing)["told_on"])
        for member in people([routing.acting_id or routing.holder.organisation_id], HOLDERS):
            tell("signal.late", f"routing:{routing.pk}", member, result, now=now)

    near = soon.select_related("unit__commune", "unit__landlord__organisation")
    each_apart("mails.signals", near, to_tell, now=now)
    late = signalled_late(today=today).filter(routed_at__gt=now - NEWS, closed_at=None)
    past = late.select_related("vacancy__unit__commune", "vacancy__unit__landlord__organisation", "holder")
    each_apart("mails.signals", past, too_late, now=now)


def watch_remarks(*, now: datetime) -> None:
    """State of each remark, or line stated corrected, that waits for longer than its term."""

    def notify(waits: Waiting) -> None:
        remark = waits.remark
        about = f"remark:{remark.pk}:{remark.answer}"
        ours = words.late(remark, waits.since, waits.days, ours=True)
        for member in people([remark.version.balance.landlord.organisation_id], LANDLORDS):
            tell("remark.late", about, member, ours, now=now)
        theirs = words.late(remark, waits.since, waits.days, ours=False)
        for member in people([remark.organisation_id], EVERYBODY):
            tell("remark.waits", about, member, theirs, now=now)

    late = late_remarks(today=timezone.localdate(now))
    each_apart("mails.remarks", late, notify, name=lambda waits: named(waits.remark), now=now)


def watch_forecasts(*, now: datetime) -> None:
    """State each landlord, thirty then seven days before, of the forecasts that it has not sent."""
    today = timezone.localdate(now)

    def notify(landlord: Landlord) -> None:
        owed = to_remind(landlord, today=today)
        near = [days for days in BEFORE_FORECAST if owed and owed.due - today <= timedelta(days=days)]
        if owed and near:
            result = words.forecast(owed, today.year)
            for member in people([landlord.organisation_id], LANDLORDS):
                tell("forecast", f"landlord:{landlord.pk}:{today.year}:{near[-1]}", member, result, now=now)

    each_apart("mails.forecasts", Landlord.objects.select_related("organisation").order_by("pk"), notify, now=now)


def watch_renewals(*, now: datetime) -> None:
    """State each party, once before each term, until when it may say that its convention is not renewed."""
    today = timezone.localdate(now)
    running = renewed_tacitly(today).select_related("landlord__organisation", "organisation", "perimeter")

    def notify(convention: Convention) -> None:
        if term := renewal_near(convention, today):
            text = words.renewal(convention, today)
            for member in people([party.organisation_id for party in convention.signatories.all()], SIGNING):
                tell("convention.renewal", f"renewal:{convention.pk}:{term}", member, text, now=now)

    rows = running.prefetch_related(with_parties()).order_by("pk").iterator(chunk_size=500)
    each_apart("mails.renewals", rows, notify, now=now)


def watch_guarantees(*, now: datetime) -> None:
    """Notify the landlord and the holder of what a loan guarantee gave, within the notice of ends then on its last day
    (CCH, R441-6), once each."""
    today = timezone.localdate(now)
    found = ending_guarantees(today - NEWS, today + ends_notice(today))

    def notify(right: Right) -> None:
        landlord = right.convention.landlord.organisation
        when = "before" if right.ends_on > today else "last"
        about = f"guarantee:{right.convention.pk}:{right.holder.pk}:{right.ends_on}:{when}"
        text = words.guarantee(right, landlord, today)
        for member in (*people([landlord.pk], LANDLORDS), *people([right.holder.organisation_id], HOLDERS)):
            tell("guarantee", about, member, text, now=now)

    each_apart("mails.guarantees", found, notify, name=lambda right: f"convention:{right.convention.pk}", now=now)


#: What is watched every morning, each whatever becomes of the others.
WATCHES: dict[str, Callable[..., None]] = {
    "delays": watch_delays,
    "signals": watch_signals,
    "remarks": watch_remarks,
    "forecasts": watch_forecasts,
    "renewals": watch_renewals,
    "guarantees": watch_guarantees,
}
