"""Convening a session, opening it with its members present, closing it under seal; or cancelling it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from attributions.households.models import (
    AgendaItem,
    Attendance,
    Ballot,
    Committee,
    CommitteeMember,
    CommitteeRules,
    CommitteeSession,
    Proposal,
)
from attributions.households.operations.candidate_state import (
    SittingRefused,
    State,
    check_secretary,
    close_undecided,
    hold_ledgers,
    hold_open,
    hold_pending,
    move,
    set_aside,
    stand_item,
)
from attributions.households.queries.committees import rules_of
from attributions.households.queries.minutes import content
from reservations.canonical import seal_of
from reservations.models import HistoryEntry, User
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.words import day, hour, plural

Mode = CommitteeSession.Mode

#: Beyond, the year is mistyped: the candidates would wait for it.
LONGEST_AHEAD = timedelta(days=366)

#: A vote opened at an hour just over opens at once: who writes the hour of the clock is a few minutes late.
AT_ONCE = timedelta(minutes=15)

#: Why an item fell by itself.
GONE = "le logement n’est plus orienté"


@atomic_act
def convene_session(
    *,
    committee: Committee,
    held_at: datetime,
    place: str = "",
    mode: str = Mode.ROOM,
    vote_opens_at: datetime | None = None,
    vote_closes_at: datetime | None = None,
    short_notice: str = "",
    by: User,
    now: datetime | None = None,
) -> CommitteeSession:
    """Convene a committee, in a room or for a remote vote between two times. `short_notice`: why it is convened later
    than the delay of its rules.

    Raises SittingRefused: a past day or hour, or one too far, a room without place, no rules that day, remote when they
    do not allow it, a voting period that does not hold; sooner than the rules say, without a reason.
    """
    now = now or timezone.now()
    if timezone.localdate(held_at) < timezone.localdate(now):
        raise SittingRefused("Une séance se convoque pour aujourd’hui ou un jour à venir.", field="held_at")
    if mode == Mode.ROOM and held_at < now:
        raise SittingRefused("Cette heure est passée : une séance se convoque avant de se tenir.", field="held_at")
    if timezone.localdate(held_at) > timezone.localdate(now) + LONGEST_AHEAD:
        raise SittingRefused("Une séance se convoque au plus un an à l’avance : vérifiez l’année.", field="held_at")
    session = CommitteeSession(
        committee=committee,
        held_at=held_at,
        place=place.strip(),
        mode=mode,
        vote_opens_at=vote_opens_at if mode == Mode.REMOTE else None,
        vote_closes_at=vote_closes_at if mode == Mode.REMOTE else None,
        convened_at=now,
        convened_by=by,
    )
    if mode == Mode.ROOM and not session.place:
        raise SittingRefused("Indiquez le lieu de la séance.", field="place")
    if session.is_remote:
        if vote_opens_at is None or vote_closes_at is None or vote_closes_at <= vote_opens_at:
            raise SittingRefused(
                "Un vote à distance a une ouverture et une clôture, dans cet ordre.", field="vote_closes_at"
            )
        if timezone.localdate(vote_closes_at) > timezone.localdate(now) + LONGEST_AHEAD:
            raise SittingRefused(
                "Un vote à distance se clôt dans l’année qui vient : vérifiez l’année.", field="vote_closes_at"
            )
        if vote_closes_at <= now:
            raise SittingRefused("La clôture du vote est déjà passée.", field="vote_closes_at")
        if vote_opens_at < now - AT_ONCE:
            raise SittingRefused(
                "L’ouverture du vote est déjà passée : choisissez une heure à venir.", field="vote_opens_at"
            )
    rules = rules_of(committee, session.day)
    if rules is None:
        raise SittingRefused(
            f"Aucun règlement n’est en vigueur le {day(session.day)} : enregistrez-le d’abord.", field="held_at"
        )
    if session.is_remote and not rules.remote_allowed:
        raise SittingRefused(
            "Le règlement en vigueur ce jour-là ne permet pas le vote à distance : convoquez en salle.", field="mode"
        )
    session.short_notice = _short_notice(rules, session, short_notice, now)
    session.save()
    details = {"mode": [None, str(session.mode)]}
    record(session, HistoryEntry.Act.RECORDED, by=by, why=session.short_notice, details=details)
    return session


def _short_notice(rules: CommitteeRules, session: CommitteeSession, why: str, now: datetime) -> str:
    """Why a session, or its remote vote, begins before the delay of the rules; "" when it does not. Raises
    SittingRefused without a reason."""
    begins = session.vote_opens_at if session.vote_opens_at is not None else session.held_at
    days = rules.convening_days or 0
    soonest = timezone.localdate(now) + timedelta(days)
    if timezone.localdate(begins) >= soonest:
        return ""
    if text := " ".join(why.split()):
        return text
    raise SittingRefused(
        f"Le règlement ({rules.source}) demande {days} {plural(days, 'jour,jours')} entre la convocation et la "
        f"séance : choisissez un jour à partir du {day(soonest)}, ou écrivez pourquoi le délai est plus court.",
        field="short_notice",
    )


@atomic_act
def open_session(
    *,
    session: CommitteeSession,
    present: Iterable[CommitteeMember] = (),
    represented: Mapping[int, str] | None = None,
    by: User,
    now: datetime | None = None,
) -> CommitteeSession:
    """Open a session with the members who are there; `represented`: {member id: by whom}. The secretary's act.

    Remotely, those called to vote: every member who sits, unless some are named; each vote then states who took part.
    The quorum is that of the rules of the day, among appointed members, and is kept with the session.
    Raises SittingRefused: before its day or its vote, after the end of its vote, somebody who does not sit, no quorum.
    """
    now = now or timezone.now()
    Committee.objects.select_for_update(of=("self",), no_key=True).get(pk=session.committee_id)
    session = hold_pending(session)
    today = timezone.localdate(now)
    check_secretary(session, by, today)
    if session.state == State.OPEN:
        raise SittingRefused("Cette séance est déjà ouverte. Rechargez la page.")
    _check_time(session, now)
    rules = rules_of(session.committee, session.day)
    if rules is None:
        raise SittingRefused("Aucun règlement n’est en vigueur ce jour-là : enregistrez-le d’abord.")
    there = _there(session, list(present), represented or {})
    appointed = sum(each.member.capacity == CommitteeMember.Capacity.APPOINTED for each in there)
    if appointed < rules.quorum:
        missing = rules.quorum - appointed
        raise SittingRefused(
            f"Le quorum n’est pas atteint : {_members(appointed)} sur {rules.quorum} requis, il en manque {missing}. "
            "Notez d’autres présents, ou annulez la séance et convoquez-en une autre.",
            field="present",
        )
    session.opened_at, session.quorum = now, rules.quorum
    session.save(update_fields=["opened_at", "quorum"])
    Attendance.objects.bulk_create(there)
    record(session, HistoryEntry.Act.EDITED, by=by, details={"opened_at": [None, now.isoformat()]})
    return session


def _check_time(session: CommitteeSession, now: datetime) -> None:
    if session.vote_opens_at is not None and session.vote_closes_at is not None:
        if now < session.vote_opens_at:
            opens = f"{day(session.vote_opens_at)}, à {hour(session.vote_opens_at)}"
            raise SittingRefused(f"Le vote s’ouvre le {opens} : ouvrez la séance à partir de là.")
        if now >= session.vote_closes_at:
            raise SittingRefused("Le temps du vote est passé : annulez cette séance et convoquez-en une autre.")
    elif timezone.localdate(now) < session.day:
        raise SittingRefused(f"Cette séance se tient le {day(session.day)} : ouvrez-la ce jour-là.")


def _there(
    session: CommitteeSession, present: list[CommitteeMember], represented: Mapping[int, str]
) -> list[Attendance]:
    """Attendances to write. Raises SittingRefused: somebody does not sit on that day."""
    sitting = {
        member.pk: member
        for member in CommitteeMember.objects.filter(committee=session.committee).sitting(session.day).order_by("pk")
    }
    asked = {member.pk for member in present} | set(represented)
    if session.is_remote and not asked:
        asked = set(sitting)
    for pk in sorted(asked - set(sitting)):
        stranger = CommitteeMember.objects.get(pk=pk)
        raise SittingRefused(
            f"{stranger.full_name} ne siège pas dans cette commission le {day(session.day)}.", field="present"
        )
    return [
        Attendance(session=session, member=sitting[pk], represented_by=represented.get(pk, "").strip())
        for pk in sorted(asked)
    ]


def _members(count: int) -> str:
    return f"{count} membre désigné présent" if count < 2 else f"{count} membres désignés présents"


@atomic_act
def cancel_session(*, session: CommitteeSession, why: str, by: User, now: datetime | None = None) -> CommitteeSession:
    """Give a session up before anything is decided; its candidates are ready for another.

    Raises SittingRefused: no reason, already closed or cancelled, a decision taken, a ballot still open.
    """
    now = now or timezone.now()
    session = hold_pending(session)
    if session.state == State.OPEN:
        check_secretary(session, by, timezone.localdate(now))
    if not why.strip():
        raise SittingRefused("Dites pourquoi cette séance n’a pas lieu.", field="why")
    if session.items.filter(concluded_at__isnull=False).exists():
        raise SittingRefused(
            "La commission a déjà décidé d’un logement : reportez les autres, puis clôturez la séance."
        )
    pending = _pending(session)
    going_on = [item for item in pending if not item.is_void]
    _refuse_open_ballots(going_on)
    hold_ledgers(item.vacancy_id for item in going_on)
    for item in going_on:
        move(stand_item(item).among(Proposal.Status.ON_AGENDA), Proposal.Status.READY, now=now)
    for item in pending:
        set_aside(item, why=GONE if item.is_void else f"séance annulée : {why.strip()}", now=now)
    session.cancelled_at, session.cancelled_why = now, why.strip()
    session.save(update_fields=["cancelled_at", "cancelled_why"])
    record(session, HistoryEntry.Act.CANCELLED, by=by, why=why)
    return session


@atomic_act
def close_session(*, session: CommitteeSession, by: User, now: datetime | None = None) -> CommitteeSession:
    """Close a session and seal its minutes: from now on what was wrong is corrected by a new act. The secretary's act.

    An item whose unit went elsewhere meanwhile falls by itself. Raises SittingRefused: an item neither decided nor
    postponed, a ballot still open, not opened.
    """
    now = now or timezone.now()
    session = hold_open(session)
    check_secretary(session, by, timezone.localdate(now))
    pending = _pending(session)
    left = [item for item in pending if not item.is_void]
    _refuse_open_ballots(left)
    if left:
        which = ", ".join(f"{item.position} ({item.vacancy.unit})" for item in left)
        raise SittingRefused(f"Décidez ou reportez d’abord chaque point. Il reste : {which}.")
    for item in pending:
        set_aside(item, why=GONE, now=now)
    close_undecided(Ballot.objects.filter(item__session=session), now=now)
    session.closed_at, session.closed_by = now, by
    session.minutes = content(session)
    session.seal = seal_of(session.minutes)
    session.save(update_fields=["closed_at", "closed_by", "minutes", "seal"])
    record(session, HistoryEntry.Act.ENDED, by=by, details={"seal": [None, session.seal]})
    return session


def _pending(session: CommitteeSession) -> list[AgendaItem]:
    """What is neither decided nor postponed, by unit: the order in which units are held."""
    items = AgendaItem.objects.pending().filter(session=session)
    return list(items.select_related("vacancy__unit", "routing").order_by("vacancy_id"))


def _refuse_open_ballots(items: Iterable[AgendaItem]) -> None:
    open_ones = Ballot.objects.filter(item__in=[item.pk for item in items], closed_at=None).select_related("item")
    for ballot in open_ones.order_by("item__position")[:1]:
        raise SittingRefused(f"Un scrutin est ouvert au point {ballot.item.position} : clôturez-le d’abord.")
