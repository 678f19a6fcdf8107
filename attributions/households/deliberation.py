"""What a committee may decide of the cases of one unit, and what its votes come to (CCH, R441-3, R441-9 II).

Pure: no Django, no clock. Cases go by their letter; codes are those of the tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

ALLOCATED, RANKED, CONDITIONAL = "ALLOCATED", "RANKED", "CONDITIONAL"
NOT_ALLOCATED, INELIGIBLE = "NOT_ALLOCATED", "INELIGIBLE"

#: The candidate is kept.
KEPT = (ALLOCATED, RANKED, CONDITIONAL)

#: Why a candidate is not kept: the lists are closed. That a household has no link with the commune is no reason.
REASONS = {
    NOT_ALLOCATED: ("SIZE", "EFFORT", "BUILDING_BALANCE", "OTHER_CANDIDATE"),
    INELIGIBLE: ("OVER_CEILING", "NOT_REGULAR"),
}
OTHER_CANDIDATE = "OTHER_CANDIDATE"

#: A home is not kept empty longer for a document: beyond, the year is mistyped.
LONGEST_WAIT = timedelta(days=183)

FOR, AGAINST, ABSTAIN = "FOR", "AGAINST", "ABSTAIN"
ADOPTED, REJECTED, NO_DECISION = "ADOPTED", "REJECTED", "NO_DECISION"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """What is proposed for one case: one of the five decisions, with what it needs."""

    letter: str
    kind: str
    rank: int | None = None
    document: str = ""
    document_due_on: date | None = None
    reason: str = ""

    @property
    def keeps(self) -> bool:
        """Does it keep the candidate?"""
        return self.kind in KEPT


def faults(lines: Iterable[CaseLine], *, letters: Collection[str], day: date) -> dict[str, str]:
    """What prevents these decisions, a French sentence by letter; empty when they can be put to the vote.

    `letters`: the cases still in the running, that must have one line each; `day`: after which a document is awaited.
    """
    given = list(lines)
    found: dict[str, str] = {}
    times = Counter(line.letter for line in given)
    for letter in letters:
        if not times[letter]:
            found[letter] = f"Dossier {letter} : choisissez une des cinq décisions."
    for letter, count in times.items():
        if letter not in letters:
            found[letter] = f"Dossier {letter} : il n’est plus à décider. Rechargez la page."
        elif count > 1:
            found[letter] = f"Dossier {letter} : une seule décision par dossier."
    for line in given:
        sentence = _own_fault(line, day) or _joint_fault(line, given)
        if sentence:
            found.setdefault(line.letter, f"Dossier {line.letter} : {sentence}")
    return {letter: found[letter] for letter in sorted(found, key=lambda each: (len(each), each))}


def _own_fault(line: CaseLine, day: date) -> str:
    """What a line lacks by itself, the first only."""
    conditional = line.kind == CONDITIONAL
    due = line.document_due_on
    checks = (
        (line.kind not in (*KEPT, *REASONS), "choisissez une des cinq décisions."),
        (line.kind == RANKED and line.rank is None, "donnez-lui un rang, ou choisissez une autre décision."),
        (line.rank is not None and line.kind not in (RANKED, CONDITIONAL), "cette décision ne porte pas de rang."),
        (
            conditional and not (line.document and due),
            "nommez la pièce manquante, et le jour où elle est attendue.",
        ),
        (
            conditional and due is not None and due <= day,
            f"la pièce est attendue après le {day:%d/%m/%Y}.",
        ),
        (
            conditional and due is not None and due > day + LONGEST_WAIT,
            f"la pièce serait attendue le {due:%d/%m/%Y}, plus de six mois après : vérifiez l’année." if due else "",
        ),
        (
            not conditional and bool(line.document or due),
            "seule une attribution sous condition suspensive attend une pièce.",
        ),
        (line.keeps and bool(line.reason), "un candidat retenu ne porte pas de motif."),
        (
            not line.keeps and line.reason not in REASONS.get(line.kind, ()),
            "choisissez le motif : il sera notifié par écrit au demandeur.",
        ),
    )
    return next((sentence for broken, sentence in checks if broken), "")


def _joint_fault(line: CaseLine, lines: list[CaseLine]) -> str:
    """What a line cannot be beside the others."""
    others = [each for each in lines if each is not line]
    kept = [each for each in others if each.keeps]
    if line.kind == ALLOCATED and kept:
        return "un logement s’attribue à un seul ménage ; pour en retenir plusieurs, donnez-leur un rang."
    if line.kind == CONDITIONAL and line.rank is None and kept:
        return "donnez-lui un rang, puisqu’un autre dossier est retenu."
    if line.rank is not None:
        if any(each.rank == line.rank for each in others):
            return f"le rang {line.rank} est déjà donné à un autre dossier."
        ranks = sum(each.rank is not None for each in lines)
        if not 1 <= line.rank <= ranks:
            return "les rangs se suivent à partir de 1, sans trou." if ranks > 1 else "seul classé, il a le rang 1."
    if line.reason == OTHER_CANDIDATE and not kept:
        return "aucun autre candidat n’est retenu : choisissez un autre motif."
    return ""


def without_gaps(lines: Iterable[CaseLine]) -> list[CaseLine]:
    """The same, ranks closed up in their order: a candidate ranked before has withdrawn since the vote opened."""
    given = list(lines)
    ranks = sorted(line.rank for line in given if line.rank is not None)
    return [line if line.rank is None else replace(line, rank=ranks.index(line.rank) + 1) for line in given]


def letter_of(position: int) -> str:
    """Letter of the nth case of an item, from 1: A to Z, then AA, AB…"""
    first, last = divmod(position - 1, 26)
    return ("" if not first else chr(64 + first)) + chr(65 + last)


@dataclass(frozen=True, slots=True)
class Count:
    """What the votes come to. Abstentions decide nothing; `cast` breaks a tie: the vote of the mayor."""

    outcome: str
    by_casting_vote: bool = False


def count(votes: Mapping[str, int], *, casting: str = "") -> Count:
    """The majority of the votes for or against. `votes`: {choice: how many}; `casting`: the choice of the mayor of the
    commune of the unit, "" when it cast none. A tie without it decides nothing, and another ballot may open."""
    ahead = votes.get(FOR, 0) - votes.get(AGAINST, 0)
    if ahead:
        return Count(ADOPTED if ahead > 0 else REJECTED)
    if casting in (FOR, AGAINST):
        return Count(ADOPTED if casting == FOR else REJECTED, by_casting_vote=True)
    return Count(NO_DECISION)
