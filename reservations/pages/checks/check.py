"""What pages say of check.

* A finding in words: what, where, by which article, and what to do.
* Communes together, in a few words.
* The caps of the State's share, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reservations.models.convention import percent_of
from reservations.queries.checks.caps import Cap, Capped
from reservations.queries.checks.findings import Finding
from reservations.queries.checks.quotas import Code, Level, Promised
from reservations.queries.rights import Right
from reservations.words import yearly

LEVELS = {Level.REFUSAL: "contraire au droit", Level.WARNING: "à surveiller"}

CODES = {
    Code.NO_QUOTA: "Aucune part",
    Code.PERIOD_PAST: "Période passée",
    Code.PERIOD_OVERLAP: "Deux conventions à la fois",
    Code.PERIOD_GAP: "Interruption entre deux conventions",
    Code.RANK_TAKEN: "Rang déjà pris",
    Code.PARAMETER_MISSING: "Valeur de droit absente",
    Code.STATE_SHARE: "Plafond de la part de l’État",
    Code.STATE_AGENTS_SHARE: "Plafond de la part des agents de l’État",
    Code.STATE_RECEIVED: "Logements orientés vers l’État",
    Code.STATE_UNIFORM: "Part de l’État selon les communes",
    Code.STATE_OUTSIDE_QPV: "Part de l’État hors QPV",
    Code.DEROGATION_ENDING: "Dérogation bientôt finie",
    Code.GUARANTEE_SHARE: "Plafond des droits pour garantie d’emprunt",
    Code.OVER_COMMITTED: "Plus que tout le flux",
    Code.NOT_FEASIBLE: "Plus que ce qui peut aller",
    Code.UNITS_MIXED: "Part en logements par an",
    Code.OWN_TERRITORY: "Territoire du réservataire",
    Code.ONE_CONVENTION: "Une seule convention par réservataire",
    Code.RIGHT_ENDING: "Droits en stock bientôt finis",
    Code.CONVENTION_ENDING: "Convention bientôt finie",
    Code.GUARANTEE_ENDING: "Garantie d’emprunt bientôt finie",
    Code.MATTERS_MISSING: "Ce que la convention de l’État doit dire",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `what` is a sentence without its full stop, `todo` one with it.

    `measured` and `limit`, when the finding compares two shares, are in millionths of a unit. `convention` is the id
    of the convention to open, when one is to be changed.
    """

    code: Code
    level: Level
    where: str
    what: str
    todo: str
    article: str = ""
    measured: int | None = None
    limit: int | None = None
    convention: int | None = None

    @property
    def heading(self) -> str:
        """What was checked, in three words: heads the finding on a page."""
        return CODES[self.code]

    @property
    def sentence(self) -> str:
        """Everything in one paragraph: what a refused signature says."""
        article = f" ({self.article})" if self.article else ""
        return f"{self.what}{article}. {self.todo}"

    @property
    def is_refusal(self) -> bool:
        return self.level == Level.REFUSAL

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.code.value,
            "level": self.level.value,
            "article": self.article or None,
            "where": self.where,
            "what": f"{self.what}.",
            "todo": self.todo,
            "measured": self.measured,
            "limit": self.limit,
            "convention": self.convention,
        }


@dataclass(frozen=True, slots=True)
class Words:
    """What is stated of a finding; the fields of `Check`."""

    where: str
    what: str
    todo: str
    article: str = ""


#: How each kind of finding is stated.
type WordsOf = Mapping[type[Finding], Callable[[Any], Words]]


def check_of(words_of: WordsOf, finding: Finding) -> Check:
    """A finding with the words that its kind has there."""
    words, convention = words_of[type(finding)](finding), finding.convention
    return Check(
        finding.code,
        finding.level,
        words.where,
        words.what,
        words.todo,
        words.article,
        measured=finding.measured,
        limit=finding.limit,
        convention=convention.pk if convention is not None else None,
    )


def refusals(found: Iterable[Check]) -> list[Check]:
    """Those that the law does not leave open."""
    return [check for check in found if check.is_refusal]


def warnings(found: Iterable[Check]) -> list[Check]:
    """Those that people judge."""
    return [check for check in found if not check.is_refusal]


def french_percent(share: int) -> str:
    """« 104 % », « 12,5 % »: a share in millionths as a percentage, exact."""
    return f"{percent_of(share).normalize():f} %".replace(".", ",")


def french_percents(shares: Collection[int]) -> str:
    """The same, or « de 8 % à 10 % » where a table of rates says which."""
    lowest, highest = min(shares), max(shares)
    return french_percent(highest) if lowest == highest else f"de {french_percent(lowest)} à {french_percent(highest)}"


def lost_words(right: Right) -> str:
    """« 9 % du flux », « 8 logements par an »: what ends with the guarantee of a right."""
    return yearly(right.lost_units) if right.lost_units else f"{french_percents(right.lost)} du flux"


def left_words(right: Right) -> str:
    """« 11,5 % », « 4 logements par an »: what goes on after it; empty where nothing does."""
    if right.left_units:
        return yearly(right.left_units)
    return french_percents(right.left) if any(right.left) else ""


def where(groups: Sequence[Promised]) -> str:
    """« Narbonne », « Narbonne et 12 autres communes »: the most populated first."""
    name, others = groups[0].commune.name, sum(group.communes for group in groups) - 1
    return f"{name} et {others} autre{'s' * (others > 1)} commune{'s' * (others > 1)}" if others > 0 else name


SHARES = {Code.STATE_SHARE: "part de l’État", Code.STATE_AGENTS_SHARE: "part des agents de l’État"}
HOLDERS = {Code.STATE_SHARE: "à l’État", Code.STATE_AGENTS_SHARE: "aux agents de l’État"}


def whose(capped: Capped) -> str:
    """« part de l’État »: the share that a cap bounds."""
    return SHARES[capped.code]


def to_whom(capped: Capped) -> str:
    """« à l’État »: where the units that it bounds go."""
    return HOLDERS[capped.code]


def by_order(cap: Cap) -> str:
    """« , par dérogation (arrêté …) »; nothing when it is the law's own."""
    return f", par dérogation ({cap.derogation.order})" if cap.derogation else ""
