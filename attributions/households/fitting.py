"""How many persons a dwelling is for, by law (CCH, L442-3-1 and R822-25), and why a household does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from flux.models import Unit
from flux.queries.income_ceilings import Ceilings
from reservations.models import LegalParameter

Code = LegalParameter.Code

#: The dated figures of both articles.
FIGURES = (Code.SPARE_ROOMS_MAX, Code.AREA_ALONE_MIN, Code.AREA_OF_TWO_MIN, Code.AREA_OF_EACH_MIN, Code.AREA_MIN_MOST)

#: Persons beyond which the law asks no more area (CCH, R822-25), whatever its figures are.
MANY = 40


class Misfit(StrEnum):
    """Why a household does not fit a unit, in the order in which reasons are said."""

    UNKNOWN = "composition"
    TOO_SMALL = "trop-petit"
    TOO_LARGE = "trop-grand"
    OVER_CEILING = "plafond"
    NO_PRIORITY = "priorite"
    NOT_AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Fitting:
    """What a unit asks of a household: `least` and `most` persons (None: no bound), the income `ceilings`, and whether
    its holder takes State priority households or State agents alone."""

    unit: Unit
    least: int
    most: int | None
    ceilings: Ceilings
    priority: bool
    agents: bool


def least_persons(rooms: int, figures: Mapping[str, Decimal]) -> int:
    """How many persons are not too few for so many rooms: one where the law gives no figure that day."""
    spare = figures.get(Code.SPARE_ROOMS_MAX)
    return 1 if spare is None else max(1, int(rooms - spare))


def most_persons(surface: Decimal | None, figures: Mapping[str, Decimal]) -> int | None:
    """How many persons an area may hold; None when it holds as many as one likes, when nobody knows it, or where the
    law lacks a figure that day."""
    if surface is None or any(code not in figures for code in FIGURES) or surface >= figures[Code.AREA_MIN_MOST]:
        return None
    return max((persons for persons in range(MANY) if area_for(persons, figures) <= surface), default=0)


def area_for(persons: int, figures: Mapping[str, Decimal]) -> Decimal:
    """The least area, in square metres, for so many persons (CCH, R822-25)."""
    if persons < 2:
        return persons * figures[Code.AREA_ALONE_MIN]
    asked = figures[Code.AREA_OF_TWO_MIN] + (persons - 2) * figures[Code.AREA_OF_EACH_MIN]
    return min(asked, figures[Code.AREA_MIN_MOST])
