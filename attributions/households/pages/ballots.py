"""What came of a vote, in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html

from attributions.households.models import Ballot, BallotLine, BallotVote, CaseDecision
from attributions.households.queries.ballots import Decided, Result
from reservations.pages.pieces import below, muted, small
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, of, upper_first

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


def terms(said: BallotLine | CaseDecision) -> str:
    """A decision, proposed or taken: « Attribution, avec un rang, 1er rang », its condition, its reason, its text."""
    words = upper_first(said.get_kind_display())
    if said.rank:
        words += f", {'1er' if said.rank == 1 else f'{said.rank}e'} rang"
    if said.document:
        words += f" : {said.get_document_display()} au plus tard le {day(said.document_due_on)}"
    if said.reason:
        words += f" : {said.get_reason_display()}"
    return below(words, muted(said.text, "small") if said.text else "")


def proposed_table(ballot: SaidBallot, title: str, *, quiet: bool = False) -> Table:
    """What is put to the vote, case by case."""
    return Rows(
        ballot.lines,
        Shown(Head("Dossier", ""), lambda each: f"Dossier {each.case.letter}"),
        Shown("Décision proposée", terms),
    ).titled("proposees", title, quiet=quiet)


def decided_table(found: Iterable[Decided]) -> Table:
    """What the committee decided of each case, and what that corrects."""
    title = "Décision de la commission pour chaque dossier"
    return Rows(
        found,
        Shown(Head("Dossier", ""), lambda each: f"Dossier {each.letter}"),
        Shown(
            "Décision",
            lambda each: below(
                terms(each.decision),
                *(muted(format_html("Rectifie : {}", terms(old)), "small") for old in each.before),
                small(f"Rectifiée le {day(each.decision.recorded_at)} : {each.decision.why}")
                if each.decision.why
                else "",
            ),
        ),
        Shown(Head("Prise le", ""), lambda each: day(each.decision.decided_on)),
    ).titled("decisions-prises", title, quiet=True)
