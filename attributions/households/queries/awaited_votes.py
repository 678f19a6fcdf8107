"""Which units await the vote of a person, of the sessions that vote remotely now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from attributions.households.models import Attendance, Ballot, BallotVote, CommitteeMember, CommitteeSession, Recusal
from attributions.households.queries.committee import may_vote
from reservations.models import Membership


def awaited_votes(
    member: Membership, sessions: Iterable[CommitteeSession], *, now: datetime
) -> defaultdict[int, list[int]]:
    """By session, the items whose ballot is open now and awaits a vote of this person under this organisation, in the
    order of the agenda. Four queries."""
    mine = Q(member__user=member.user_id) & (
        Q(member__organisation=None) | Q(member__organisation=member.organisation_id)
    )
    asked = [each.pk for each in sessions]
    seats: dict[int, list[CommitteeMember]] = defaultdict(list)
    for attendance in Attendance.objects.filter(mine, session__in=asked).select_related("member").order_by("pk"):
        seats[attendance.session_id].append(attendance.member)
    ballots = list(
        Ballot.objects.filter(
            closed_at=None,
            item__session__in=asked,
            item__session__vote_opens_at__lte=now,
            item__session__vote_closes_at__gt=now,
        )
        .select_related("item__vacancy__unit__commune")
        .order_by("item__position", "pk")
    )
    voted = BallotVote.objects.filter(mine, ballot__in=[each.pk for each in ballots]).order_by()
    left = Recusal.objects.filter(mine, item__in=[each.item_id for each in ballots]).order_by()
    cast, gone = set(voted.values_list("ballot", "member")), set(left.values_list("item", "member"))
    found: defaultdict[int, list[int]] = defaultdict(list)
    for ballot in ballots:
        session = ballot.item.session_id
        if any(
            may_vote(seat, ballot.item.vacancy.unit)
            and (ballot.pk, seat.pk) not in cast
            and (ballot.item_id, seat.pk) not in gone
            for seat in seats[session]
        ):
            found[session].append(ballot.item_id)
    return found
