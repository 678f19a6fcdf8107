"""Where a person is expected: the sessions it reads that are not over, and the votes it has still to cast there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from attributions.households.models import Attendance, Ballot, BallotVote, CommitteeMember, CommitteeSession, Recusal
from attributions.households.queries.committee import may_vote
from attributions.households.queries.sessions import sessions_of
from reservations.models import Membership

#: Sessions that a home page shows; their list has them all.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session in progress or to come. `votes`: units on which the person may vote now, and has not."""

    session: CommitteeSession
    votes: int


def sittings(member: Membership, *, now: datetime) -> list[Sitting]:
    """The nearest sessions first. One query, four more when there is a session."""
    standing = sessions_of(member).filter(closed_at=None, cancelled_at=None)
    sessions = list(standing.order_by("held_at", "pk")[:SHOWN])
    awaited = _awaited(member, sessions, now) if sessions else Counter()
    return [Sitting(session, awaited[session.pk]) for session in sessions]


def _awaited(member: Membership, sessions: Sequence[CommitteeSession], now: datetime) -> Counter[int]:
    """By session, the remote ballots open now that await a vote of this person under this organisation."""
    mine = Q(member__user=member.user_id) & (
        Q(member__organisation=None) | Q(member__organisation=member.organisation_id)
    )
    seats: dict[int, list[CommitteeMember]] = defaultdict(list)
    there = Attendance.objects.filter(mine, session__in=[each.pk for each in sessions])
    for attendance in there.select_related("member").order_by("pk"):
        seats[attendance.session_id].append(attendance.member)
    ballots = list(
        Ballot.objects.filter(
            closed_at=None,
            item__session__in=[each.pk for each in sessions],
            item__session__vote_opens_at__lte=now,
            item__session__vote_closes_at__gt=now,
        )
        .select_related("item__vacancy__unit__commune")
        .order_by("pk")
    )
    voted = BallotVote.objects.filter(mine, ballot__in=[each.pk for each in ballots]).order_by()
    left = Recusal.objects.filter(mine, item__in=[each.item_id for each in ballots]).order_by()
    cast, gone = set(voted.values_list("ballot", "member")), set(left.values_list("item", "member"))
    found: Counter[int] = Counter()
    for ballot in ballots:
        session = ballot.item.session_id
        found[session] += any(
            may_vote(seat, ballot.item.vacancy.unit)
            and (ballot.pk, seat.pk) not in cast
            and (ballot.item_id, seat.pk) not in gone
            for seat in seats[session]
        )
    return found
