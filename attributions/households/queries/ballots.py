"""What was put to the vote on an item, who has voted, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Prefetch

from attributions.households.models import AgendaItem, Ballot, BallotLine, BallotVote, CaseDecision, CommitteeMember
from reservations.words import of

Choice, Capacity = BallotVote.Choice, CommitteeMember.Capacity


@dataclass(frozen=True, slots=True)
class Result:
    """A ballot with its lines, its votes, and the mayor's when it decided."""

    ballot: Ballot
    lines: list[BallotLine]
    votes: list[BallotVote]
    casting: CommitteeMember | None

    @property
    def count(self) -> str:
        """« 3 pour, 3 contre, 1 abstention »."""
        cast = Counter(vote.choice for vote in self.votes)
        held = cast[Choice.ABSTAIN]
        return f"{cast[Choice.FOR]} pour, {cast[Choice.AGAINST]} contre, {held} abstention{'s' * (held > 1)}"

    @property
    def sentence(self) -> str:
        """What came of it, with whose vote decided when it was a tie."""
        if self.ballot.closed_at is None:
            some = len(self.votes) > 1
            return f"Vote en cours : {len(self.votes)} vote{'s' * some} reçu{'s' * some}."
        words = {
            Ballot.Outcome.ADOPTED: "Proposition adoptée",
            Ballot.Outcome.REJECTED: "Proposition rejetée",
            Ballot.Outcome.NO_DECISION: "Sans décision",
        }[Ballot.Outcome(self.ballot.outcome)]
        if self.casting is not None:
            where = self.casting.territory.name if self.casting.territory else ""
            return f"{words} : {self.count}. Voix prépondérante : {self.casting.full_name}, maire {of(where)}."
        if self.ballot.outcome == Ballot.Outcome.NO_DECISION:
            return (
                f"{words} : {self.count}. Égalité sans voix prépondérante, ou trop peu de votants : rien n’est décidé."
            )
        return f"{words} : {self.count}."


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
