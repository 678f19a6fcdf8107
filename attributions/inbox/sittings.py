"""Where a person is expected: the sessions it reads that are not over, and the votes it has still to cast there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from attributions.households.models import CommitteeSession
from attributions.households.queries.committees import awaited_votes
from attributions.households.queries.sessions import READ_WITH, sessions_of
from reservations.models import Membership
from reservations.models.together import Steps, stepwise, whole

#: Sessions that a home page shows; their list has them all.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session in progress or to come. `awaited`: the items on which the person may vote now, and has not."""

    session: CommitteeSession
    awaited: Sequence[int]

    @property
    def votes(self) -> int:
        """How many units await a vote."""
        return len(self.awaited)

    def closes_by(self, day: date) -> bool:
        """Whether its remote vote closes on that day or before."""
        closes_at = self.session.vote_closes_at
        return closes_at is not None and timezone.localdate(closes_at) <= day

    @property
    def address(self) -> str:
        """The page of the first vote, or of the session when none is awaited."""
        if self.awaited:
            return reverse("vote", args=[self.awaited[0]])
        return reverse("session-detail", args=[self.session.pk])


@stepwise
def sittings(member: Membership, *, now: datetime) -> Steps[list[Sitting]]:
    """The nearest sessions first. One query, four more when the vote of one is open."""
    current = sessions_of(member).filter(closed_at=None, cancelled_at=None)
    sessions = yield from whole(current.order_by("held_at", "pk")[:SHOWN], *READ_WITH)
    voting = [each for each in sessions if each.votes_at(now)]
    awaited = awaited_votes(member, voting, now=now) if voting else defaultdict(list)
    return [Sitting(session, awaited[session.pk]) for session in sessions]
