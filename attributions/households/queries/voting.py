"""Whose votes a remote session waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from attributions.households.models import Attendance, Ballot, BallotVote, CommitteeMember, CommitteeSession, Recusal
from attributions.households.queries.committee import may_vote


def open_votes(*, now: datetime) -> QuerySet[CommitteeSession]:
    """The remote sessions whose vote is open now."""
    return CommitteeSession.objects.filter(
        opened_at__isnull=False,
        closed_at=None,
        cancelled_at=None,
        vote_opens_at__lte=now,
        vote_closes_at__gt=now,
    )


def awaited_votes(
    sessions: QuerySet[CommitteeSession] | Collection[CommitteeSession], *, now: datetime, whose: Q | None = None
) -> Counter[tuple[int, CommitteeMember]]:
    """By session and member (among those of `whose`), how many units wait for their vote now. Four queries."""
    ids = [each.pk for each in sessions]
    seats = CommitteeMember.objects.filter(whose or Q())
    there = Attendance.objects.filter(session__in=ids, member__in=seats.order_by().values("pk"))
    read = there.select_related("member__organisation", "member__user", "member__committee__landlord__organisation")
    present = [(each.session_id, each.member) for each in read]
    ballots = list(
        Ballot.objects.filter(closed_at=None, item__session__in=open_votes(now=now).filter(pk__in=ids).order_by())
        .select_related("item__vacancy__unit__commune")
        .order_by("pk")
    )
    voted = BallotVote.objects.filter(ballot__in=[each.pk for each in ballots]).order_by()
    left = Recusal.objects.filter(item__in=[each.item_id for each in ballots]).order_by()
    cast, gone = set(voted.values_list("ballot", "member")), set(left.values_list("item", "member"))
    found: Counter[tuple[int, CommitteeMember]] = Counter()
    for session, member in present:
        for ballot in ballots:
            if (
                ballot.item.session_id == session
                and may_vote(member, ballot.item.vacancy.unit)
                and (ballot.pk, member.pk) not in cast
                and (ballot.item_id, member.pk) not in gone
            ):
                found[session, member] += 1
    return found
