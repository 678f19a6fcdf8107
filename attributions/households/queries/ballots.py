"""What was put to the vote on an item, who has voted, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch

from attributions.households.models import AgendaItem, Ballot, BallotLine, BallotVote, CaseDecision, CommitteeMember

Capacity = CommitteeMember.Capacity


@dataclass(frozen=True, slots=True)
class Result:
    """A ballot with its lines, its votes, and the mayor whose vote decided, when one did."""

    ballot: Ballot
    lines: list[BallotLine]
    votes: list[BallotVote]
    casting: CommitteeMember | None


def results(item: AgendaItem) -> list[Result]:
    """The ballots of an item, the first one first. Three queries."""
    ballots = Ballot.objects.filter(item=item).prefetch_related(
        Prefetch("lines", BallotLine.objects.select_related("case").order_by("case")),
        Prefetch("votes", BallotVote.objects.select_related("member__territory").order_by("pk")),
    )
    found = []
    for ballot in ballots.order_by("ordinal"):
        votes = list(ballot.votes.all())
        mayors = [vote.member for vote in votes if vote.member.capacity == Capacity.MAYOR]
        casting = mayors[0] if ballot.by_casting_vote and mayors else None
        found.append(Result(ballot, list(ballot.lines.all()), votes, casting))
    return found


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision that stands for a case, and those it corrected, the latest first."""

    letter: str
    decision: CaseDecision
    before: list[CaseDecision]


def decided(item: AgendaItem) -> list[Decided]:
    """What the committee decided, by letter. `item` has its cases fetched; one query."""
    letters = {case.proposal_id: case.letter for case in item.cases.all()}
    rows = list(CaseDecision.objects.filter(item=item).select_related("recorded_by").order_by("-pk"))
    stands = [row for row in rows if row.superseded_at is None]
    found = [
        Decided(
            letters[row.proposal_id],
            row,
            [old for old in rows if old.proposal_id == row.proposal_id and old.pk != row.pk],
        )
        for row in stands
    ]
    return sorted(found, key=lambda each: (len(each.letter), each.letter))
