"""Who is at a session, and whether they are enough."""

from __future__ import annotations

from dataclasses import dataclass

from attributions.households.models import Attendance, CommitteeMember, CommitteeSession
from attributions.households.queries.committee import rules_of

Capacity = CommitteeMember.Capacity


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many of the appointed members are there, and how many the committee's rules ask for (None: no rules)."""

    needed: int | None
    appointed: int
    present: list[Attendance]

    @property
    def there(self) -> int:
        return sum(each.member.capacity == Capacity.APPOINTED for each in self.present)

    @property
    def is_met(self) -> bool:
        return self.needed is not None and self.there >= self.needed


def quorum_of(session: CommitteeSession) -> Quorum:
    """Read the attendance of a session. At most three queries."""
    needed = session.quorum
    if needed is None:
        rules = rules_of(session.committee, session.day)
        needed = rules.quorum if rules else None
    present = Attendance.objects.filter(session=session).select_related("member__organisation", "member__territory")
    appointed = CommitteeMember.objects.filter(committee=session.committee, capacity=Capacity.APPOINTED)
    return Quorum(needed, appointed.sitting(session.day).count(), list(present.order_by("member__capacity", "pk")))
