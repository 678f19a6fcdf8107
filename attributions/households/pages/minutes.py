"""What pages say of minutes.

* What came of a vote, in a sentence.
* The minutes of a session, the same on their page and on paper: what was sealed, in sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import format_html

from attributions.households.models import Ballot, BallotLine, BallotVote, CaseDecision
from attributions.households.pages.sessions import tally_words
from attributions.households.queries.minutes import CaseName, Decided, Result
from attributions.households.queries.sessions import Correction, MinuteItem, Minutes
from reservations.pages.pieces import below, beside, muted, small
from reservations.pages.table import Head, Rows, Shown, Table
from reservations.words import day, of, upper_first

Choice = BallotVote.Choice

OUTCOMES = {
    Ballot.Outcome.ADOPTED: "Proposition adoptée",
    Ballot.Outcome.REJECTED: "Proposition rejetée",
    Ballot.Outcome.NO_DECISION: "Sans décision",
}


@dataclass(frozen=True, slots=True)
class BallotWords:
    """A ballot on a page: what was put to the vote, and what came of it."""

    ballot: Ballot
    lines: list[BallotLine]
    sentence: str


def ballot_result(result: Result) -> BallotWords:
    """A ballot with its sentence."""
    return BallotWords(result.ballot, result.lines, sentence(result))


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


def terms(given: BallotLine | CaseDecision) -> str:
    """A decision, proposed or taken: « Attribution, avec un rang, 1er rang », its condition, its reason, its text."""
    words = upper_first(given.get_kind_display())
    if given.rank:
        words += f", {'1er' if given.rank == 1 else f'{given.rank}e'} rang"
    if given.document:
        words += f" : {given.get_document_display()} au plus tard le {day(given.document_due_on)}"
    if given.reason:
        words += f" : {given.get_reason_display()}"
    return below(words, muted(given.text, "small") if given.text else "")


def proposed_table(ballot: BallotWords, title: str, *, quiet: bool = False) -> Table:
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


@dataclass(frozen=True, slots=True)
class CaseWords:
    """A case: its letter, who it is when the reader may know, and what was decided, in words."""

    letter: str
    who: CaseName | None
    decisions: list[str]


@dataclass(frozen=True, slots=True)
class ItemWords:
    """A unit as it was sealed, each ballot in a sentence."""

    sealed: Mapping[str, Any]
    cases: list[CaseWords]
    votes: list[str]
    table: Table | None


@dataclass(frozen=True, slots=True)
class MinutesPage:
    """What is stated of the minutes: their title, what they count, each unit."""

    title: str
    tally: str
    items: list[ItemWords]
    members: Table
    corrections: Table | None


def title(minutes: Minutes) -> str:
    """« Procès-verbal de la CALEOL du 26 novembre 2026 »."""
    return f"Procès-verbal de la CALEOL du {day(minutes.session.day)}"


def minutes_page(minutes: Minutes) -> MinutesPage:
    """Everything that the page and the paper say. No query."""
    return MinutesPage(
        title(minutes),
        tally_words(minutes.tally),
        [_item_words(item) for item in minutes.items],
        _members_table(minutes.members),
        _corrections_table(minutes.corrections) if minutes.corrections else None,
    )


def _item_words(item: MinuteItem) -> ItemWords:
    cases = [CaseWords(case.letter, case.who, [decision_words(each) for each in case.decisions]) for case in item.cases]
    votes = [ballot_words(each) for each in item.sealed["ballots"]]
    return ItemWords(item.sealed, cases, votes, _cases_table(item, cases) if cases else None)


def decision_words(decision: Mapping[str, Any]) -> str:
    """« Attribution, avec un rang : 1er. »"""
    words = decision["kind"]["words"]
    text = f"{words[0].upper()}{words[1:]}"
    if rank := decision["rank"]:
        text += f", {'1er' if rank == 1 else f'{rank}e'} rang"
    if decision["document"]:
        text += (
            f" : {decision['document']['words']} au plus tard le {day(date.fromisoformat(decision['document_due_on']))}"
        )
    if decision["reason"]:
        text += f" : {decision['reason']['words']}"
    text += f". {decision['text']}" if decision["text"] else "."
    if not decision["stands"]:
        text += " (rectifiée depuis, dans la séance)"
    elif decision["correction_why"]:
        text += f" Décision rectificative : {decision['correction_why']}"
    return text


def ballot_words(ballot: Mapping[str, Any]) -> str:
    """« Tour 1 : 3 pour, 3 contre, 0 abstention, adoptée, par la voix prépondérante du maire. »"""
    held = ballot["abstain"]
    count = f"{ballot['for']} pour, {ballot['against']} contre, {held} abstention{'s' * (held > 1)}"
    cast = ", par la voix prépondérante du maire" if ballot["by_casting_vote"] else ""
    return f"Tour {ballot['ordinal']} : {count} ; {ballot['outcome']['words']}{cast}."


def _members_table(members: Iterable[Mapping[str, Any]]) -> Table:
    """Who votes, who advises, and who was there."""
    return Rows(
        members,
        Shown("Membre", lambda each: f"{each['name']}{', préside' if each['presides'] else ''}"),
        Shown(Head("Qualité", ""), _capacity),
        Shown(Head("Présence", ""), _presence),
    ).titled("", "Qui vote, qui conseille")


def _capacity(member: Mapping[str, Any]) -> str:
    tenants = "représente les locataires" if member["represents_tenants"] else ""
    return ", ".join(word for word in (member["capacity"]["words"], member["territory"], tenants) if word)


def _presence(member: Mapping[str, Any]) -> str:
    if member["presence"] == "REPRESENTED":
        return f"représenté par {member['represented_by']}"
    return "présent" if member["presence"] == "PRESENT" else "absent"


def _cases_table(item: MinuteItem, cases: Iterable[CaseWords]) -> Table:
    """The cases of a unit: who they are, for who may know, and what was decided."""
    note = "" if item.named else "Leurs noms ne vous sont pas ouverts."
    return Rows(
        cases,
        Shown(Head("Dossier", ""), lambda each: f"Dossier {each.letter}"),
        Shown(Head("Demandeur", ""), lambda each: (each.who.name or "identité effacée") if each.who else "–"),
        Shown(Head("Numéro unique", ""), lambda each: _number(each.who) if each.who else "–"),
        Shown("Décision", lambda each: below(*each.decisions) or "Aucune décision."),
    ).titled("", f"Dossiers du logement {item.sealed['position']}", note)


def _number(who: CaseName) -> str:
    """Its number, and whether it is another than the one that was sealed."""
    changed = bool(who.number) and not who.sealed
    return f"{who.number or 'effacé'}{' (n’est plus celui qui a été scellé)' if changed else ''}"


def _corrections_table(corrections: Iterable[Correction]) -> Table:
    """What was corrected after the session was closed."""
    title = "Ces actes s’ajoutent au procès-verbal scellé, qui ne change pas"
    return Rows(
        corrections,
        Shown(Head("Dossier", ""), lambda each: f"Logement {each.item.position}, dossier {each.letter}"),
        Shown(
            "Décision qui vaut",
            lambda each: beside(terms(each.decision), "(rectifiée depuis)" if each.decision.superseded_at else ""),
        ),
        Shown("Pourquoi", lambda each: each.decision.why),
        Shown(
            Head("Enregistrée", ""),
            lambda each: f"le {day(each.decision.recorded_at)}, par {each.decision.recorded_by.full_name}",
        ),
    ).titled("", title)
