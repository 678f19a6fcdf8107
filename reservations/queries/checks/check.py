"""A finding: what, where, by which article, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models

from reservations.models.convention import percent_of


class Level(models.TextChoices):
    """How grave a finding is. A refusal keeps a draft from being signed; a warning leaves people to judge."""

    REFUSAL = "REFUSAL", "contraire au droit"
    WARNING = "WARNING", "à surveiller"


class Code(models.TextChoices):
    """The stable name of each check, for files and commands; its label heads the finding on a page."""

    NO_QUOTA = "NO_QUOTA", "Aucune part"
    PERIOD_PAST = "PERIOD_PAST", "Période passée"
    PERIOD_OVERLAP = "PERIOD_OVERLAP", "Deux conventions à la fois"
    PERIOD_GAP = "PERIOD_GAP", "Interruption entre deux conventions"
    RANK_TAKEN = "RANK_TAKEN", "Rang déjà pris"
    PARAMETER_MISSING = "PARAMETER_MISSING", "Valeur de droit absente"
    STATE_SHARE = "STATE_SHARE", "Plafond de la part de l’État"
    STATE_AGENTS_SHARE = "STATE_AGENTS_SHARE", "Plafond de la part des agents de l’État"
    STATE_RECEIVED = "STATE_RECEIVED", "Logements orientés vers l’État"
    STATE_UNIFORM = "STATE_UNIFORM", "Part de l’État selon les communes"
    STATE_OUTSIDE_QPV = "STATE_OUTSIDE_QPV", "Part de l’État hors QPV"
    DEROGATION_ENDING = "DEROGATION_ENDING", "Dérogation bientôt finie"
    GUARANTEE_SHARE = "GUARANTEE_SHARE", "Plafond des droits pour garantie d’emprunt"
    OVER_COMMITTED = "OVER_COMMITTED", "Plus que tout le flux"
    NOT_FEASIBLE = "NOT_FEASIBLE", "Plus que ce qui peut aller"
    UNITS_MIXED = "UNITS_MIXED", "Part en logements par an"
    OWN_TERRITORY = "OWN_TERRITORY", "Territoire du réservataire"
    ONE_CONVENTION = "ONE_CONVENTION", "Une seule convention par réservataire"
    RIGHT_ENDING = "RIGHT_ENDING", "Droits en stock bientôt finis"
    CONVENTION_ENDING = "CONVENTION_ENDING", "Convention bientôt finie"


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


def refusals(found: Iterable[Check]) -> list[Check]:
    """Those that the law does not leave open."""
    return [check for check in found if check.is_refusal]


def warnings(found: Iterable[Check]) -> list[Check]:
    """Those that people judge."""
    return [check for check in found if not check.is_refusal]


def french_percent(share: int) -> str:
    """« 104 % », « 12,5 % »: a share in millionths as a percentage, exact."""
    return f"{percent_of(share).normalize():f} %".replace(".", ",")
