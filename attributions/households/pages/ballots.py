"""What came of a vote, in a sentence."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from attributions.households.models import Ballot, BallotLine, BallotVote
from attributions.households.queries.ballots import Result
from reservations.words import of

Choice = BallotVote.Choice

OUTCOMES = {
    Ballot.Outcome.ADOPTED: "Proposition adoptée",
    Ballot.Outcome.REJECTED: "Proposition rejetée",
    Ballot.Outcome.NO_DECISION: "Sans décision",
}


@dataclass(frozen=True, slots=True)
class SaidBallot:
    """A ballot on a page: what was put to the vote, and what came of it."""

    ballot: Ballot
    lines: list[BallotLine]
    sentence: str


def said_ballot(result: Result) -> SaidBallot:
    """A ballot with its sentence."""
    return SaidBallot(result.ballot, result.lines, sentence(result))


def count(result: Result) -> str:
    """« 3 pour, 3 contre, 1 abstention »."""
    cast = Counter(vote.choice for vote in result.votes)
    held = cast[Choice.ABSTAIN]
    return f"{cast[Choice.FOR]} pour, {cast[Choice.AGAINST]} contre, {held} abstention{'s' * (held > 1)}"


def sentence(result: Result) -> str:
    """What came of it, with whose vote decided when it was a tie."""
    if result.ballot.closed_at is None:
        some = len(result.votes) > 1
        return f"Vote en cours : {len(result.votes)} vote{'s' * some} reçu{'s' * some}."
    words = f"{OUTCOMES[Ballot.Outcome(result.ballot.outcome)]} : {count(result)}."
    if result.casting is not None:
        where = result.casting.territory.name if result.casting.territory else ""
        return f"{words} Voix prépondérante : {result.casting.full_name}, maire {of(where)}."
    if result.ballot.outcome == Ballot.Outcome.NO_DECISION:
        return f"{words} Égalité sans voix prépondérante, ou trop peu de votants : rien n’est décidé."
    return words
