"""The minutes of a session, the same on their page and on paper: what was sealed, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from attributions.households.pages.session import tally_words
from attributions.households.queries.minutes import CaseName
from attributions.households.queries.minutes_read import MinuteItem, Minutes
from reservations.words import day


@dataclass(frozen=True, slots=True)
class SaidCase:
    """A case: its letter, who it is when the reader may know, and what was decided, in words."""

    letter: str
    who: CaseName | None
    decisions: list[str]


@dataclass(frozen=True, slots=True)
class SaidItem:
    """A unit as it was sealed, each ballot in a sentence."""

    sealed: Mapping[str, Any]
    cases: list[SaidCase]
    votes: list[str]
    named: bool


@dataclass(frozen=True, slots=True)
class MinutesPage:
    """What is said of the minutes: their title, what they count, each unit."""

    title: str
    tally: str
    items: list[SaidItem]


def title(minutes: Minutes) -> str:
    """« Procès-verbal de la CALEOL du 26 novembre 2026 »."""
    return f"Procès-verbal de la CALEOL du {day(minutes.session.day)}"


def minutes_page(minutes: Minutes) -> MinutesPage:
    """Everything that the page and the paper say. No query."""
    return MinutesPage(title(minutes), tally_words(minutes.tally), [_said(item) for item in minutes.items])


def _said(item: MinuteItem) -> SaidItem:
    cases = [SaidCase(case.letter, case.who, [decision_words(each) for each in case.decisions]) for case in item.cases]
    return SaidItem(item.sealed, cases, [ballot_words(each) for each in item.sealed["ballots"]], item.named)


def decision_words(decision: Mapping[str, Any]) -> str:
    """« Attribution, avec un rang : 1er. »"""
    words = decision["kind"]["words"]
    said = f"{words[0].upper()}{words[1:]}"
    if rank := decision["rank"]:
        said += f", {'1er' if rank == 1 else f'{rank}e'} rang"
    if decision["document"]:
        said += (
            f" : {decision['document']['words']} au plus tard le {day(date.fromisoformat(decision['document_due_on']))}"
        )
    if decision["reason"]:
        said += f" : {decision['reason']['words']}"
    said += f". {decision['text']}" if decision["text"] else "."
    if not decision["stands"]:
        said += " (rectifiée depuis, dans la séance)"
    elif decision["correction_why"]:
        said += f" Décision rectificative : {decision['correction_why']}"
    return said


def ballot_words(ballot: Mapping[str, Any]) -> str:
    """« Tour 1 : 3 pour, 3 contre, 0 abstention, adoptée, par la voix prépondérante du maire. »"""
    held = ballot["abstain"]
    count = f"{ballot['for']} pour, {ballot['against']} contre, {held} abstention{'s' * (held > 1)}"
    cast = ", par la voix prépondérante du maire" if ballot["by_casting_vote"] else ""
    return f"Tour {ballot['ordinal']} : {count} ; {ballot['outcome']['words']}{cast}."
