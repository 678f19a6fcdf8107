"""A session and the units of its agenda, as their pages say them: states, counts, quorum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from attributions.households.models import AgendaCase, AgendaItem, CommitteeSession
from attributions.households.queries.quorum import Quorum
from attributions.households.queries.sessions import ItemState, SessionLine, Tally, item_state

State = CommitteeSession.State

#: The pill of each state of a session (visual language, « état »).
PILLS = {State.CONVENED: "wait", State.OPEN: "todo", State.CLOSED: "ok", State.CANCELLED: "no"}

#: The state of a unit of an agenda in two words, and its pill.
ITEM_STATES = {
    ItemState.POSTPONED: ("Reporté", "no"),
    ItemState.DECIDED: ("Décidé", "ok"),
    ItemState.VOTING: ("Vote en cours", "todo"),
    ItemState.REJECTED: ("Proposition rejetée", "late"),
    ItemState.UNDECIDED: ("Sans décision", "late"),
    ItemState.TO_EXAMINE: ("À examiner", "wait"),
}


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in a list, with the pill of its state."""

    line: SessionLine
    pill: str


def session_rows(lines: Iterable[SessionLine]) -> list[SessionRow]:
    """Sessions as a table lists them."""
    return [SessionRow(line, PILLS[line.session.state]) for line in lines]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A unit of the agenda: for whom, how many cases, and where it stands."""

    item: AgendaItem
    holder: str
    cases: list[AgendaCase]
    words: str
    pill: str

    @property
    def has_dalo(self) -> bool:
        """Is a household designated by the préfet under the enforceable right among the cases?"""
        return any(case.proposal.dalo_designated for case in self.cases)


def item_rows(items: Iterable[AgendaItem]) -> list[ItemRow]:
    """Items fetched by `agenda_items`, with their state in two words. No query."""
    rows = []
    for item in items:
        holder = str(item.routing.holder) if item.routing else "Soustrait du flux"
        rows.append(ItemRow(item, holder, list(item.cases.all()), *ITEM_STATES[item_state(item)]))
    return rows


def tally_words(tally: Tally) -> str:
    """« 8 logements, 19 dossiers, et 1 logement reporté »"""
    said = f"{_counted(tally.units, 'logement')}, {_counted(tally.cases, 'dossier')}"
    return f"{said}, et {_counted(tally.postponed, 'logement', 'reporté')}" if tally.postponed else said


def _counted(number: int, *words: str) -> str:
    return f"{number} {' '.join(f'{word}{"s" * (number > 1)}' for word in words)}"


def quorum_words(quorum: Quorum) -> str:
    """« Quorum atteint : 5 membres désignés présents sur 6, il en faut 3. »"""
    if quorum.needed is None:
        return "Quorum inconnu : enregistrez d’abord le règlement de la commission."
    some = quorum.there > 1
    return (
        f"Quorum {'atteint' if quorum.is_met else 'non atteint'} : {quorum.there} membre{'s' * some} "
        f"désigné{'s' * some} présent{'s' * some} sur {quorum.appointed}, il en faut {quorum.needed}."
    )
