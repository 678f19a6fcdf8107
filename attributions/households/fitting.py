"""What a unit asks of a household, and whether one fits it: exact rules, of what is known alone.

How many persons a dwelling is for is the law's (CCH, L442-3-1 and R822-25). What nobody knows is to be checked, and
sets nobody aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from flux.models import Unit
from flux.queries.needs import Ceilings
from reservations.models import LegalParameter
from reservations.rounding import rounded

Code = LegalParameter.Code

#: The dated figures of both articles.
FIGURES = (Code.SPARE_ROOMS_MAX, Code.AREA_ALONE_MIN, Code.AREA_OF_TWO_MIN, Code.AREA_OF_EACH_MIN, Code.AREA_MIN_MOST)

#: Persons beyond which the law asks no more area (CCH, R822-25), whatever its figures are.
MANY = 40

MONTHS = 12


class Misfit(StrEnum):
    """Why a household does not fit a unit, in the order in which reasons are stated."""

    TOO_SMALL = "trop-petit"
    TOO_LARGE = "trop-grand"
    FEW_ROOMS = "pieces"
    OVER_CEILING = "plafond"
    NOT_WANTED = "commune"
    NOT_ACCESSIBLE = "accessibilite"
    NO_PRIORITY = "priorite"
    LABEL_OVER = "label"
    NOT_AGENT = "agent"


class Unknown(StrEnum):
    """What is to be checked before one knows whether a household fits: it is not recorded."""

    PERSONS = "composition"
    SURFACE = "surface"
    INCOME = "revenu"
    CEILING = "plafond"
    COMMUNES = "communes"
    ACCESSIBLE = "accessibilite"
    PRIORITY = "priorite"
    RENT = "loyer"
    EFFORT = "effort"


class Known(Protocol):
    """What is known of a household, whatever it is kept in; None: unknown."""

    @property
    def adults(self) -> int | None: ...
    @property
    def children(self) -> int | None: ...
    @property
    def income(self) -> int | None: ...


class Household(Known, Protocol):
    """The same, with what it looks for. No commune wanted: unknown."""

    @property
    def persons(self) -> int | None: ...
    @property
    def has_priority(self) -> bool | None: ...
    @property
    def state_agent(self) -> bool: ...
    @property
    def wanted_communes(self) -> list[str]: ...
    @property
    def least_rooms(self) -> int | None: ...
    @property
    def needs_accessible(self) -> bool | None: ...
    @property
    def labelled_until(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Fitting:
    """What a unit asks of a household on a day: `least` and `most` persons (None: no bound), the income `ceilings`, and
    whether its holder takes State priority households or State agents alone; `effort`: the share of the income, in
    percent, beyond which a rent is worth a look."""

    unit: Unit
    least: int
    most: int | None
    ceilings: Ceilings
    priority: bool
    agents: bool
    effort: int

    @property
    def on(self) -> date:
        return self.ceilings.on


@dataclass(frozen=True, slots=True)
class Judgement:
    """A household and a unit: every reason why it does not fit, and what is to be checked. It fits without any."""

    misfits: tuple[Misfit, ...]
    unknown: tuple[Unknown, ...]

    @property
    def fits(self) -> bool:
        return not self.misfits


def judged(household: Household, asked: Fitting) -> Judgement:
    """Does it fit? No query, when the commune of the unit was fetched."""
    return Judgement(tuple(_misfits(household, asked)), tuple(_unknown(household, asked)))


def _misfits(household: Household, asked: Fitting) -> Iterator[Misfit]:
    persons, most = household.persons, ceiling_of(household, asked)
    if persons is not None and asked.most is not None and persons > asked.most:
        yield Misfit.TOO_SMALL
    if persons is not None and persons < asked.least:
        yield Misfit.TOO_LARGE
    if household.least_rooms is not None and household.least_rooms > asked.unit.rooms:
        yield Misfit.FEW_ROOMS
    if household.income is not None and most is not None and household.income > most:
        yield Misfit.OVER_CEILING
    if household.wanted_communes and asked.unit.commune.code not in household.wanted_communes:
        yield Misfit.NOT_WANTED
    if household.needs_accessible and asked.unit.is_accessible is False:
        yield Misfit.NOT_ACCESSIBLE
    if asked.priority and household.has_priority is False:
        yield Misfit.NO_PRIORITY
    if asked.priority and household.labelled_until is not None and household.labelled_until < asked.on:
        yield Misfit.LABEL_OVER
    if asked.agents and not household.state_agent:
        yield Misfit.NOT_AGENT


def _unknown(household: Household, asked: Fitting) -> Iterator[Unknown]:
    unit, effort = asked.unit, effort_rate(household, asked.unit)
    if household.persons is None:
        yield Unknown.PERSONS
    elif unit.surface is None:
        yield Unknown.SURFACE
    if household.income is None:
        yield Unknown.INCOME
    elif household.persons is not None and ceiling_of(household, asked) is None:
        yield Unknown.CEILING
    if not household.wanted_communes:
        yield Unknown.COMMUNES
    if household.needs_accessible and unit.is_accessible is None:
        yield Unknown.ACCESSIBLE
    if asked.priority and household.has_priority is None:
        yield Unknown.PRIORITY
    if unit.rent is None:
        yield Unknown.RENT
    elif household.income == 0 or (effort is not None and effort > asked.effort):
        yield Unknown.EFFORT


def effort_rate(household: Known, unit: Unit) -> Decimal | None:
    """The rent and the charges that are known, for a hundred euros of the income that is, before any aid: it decides of
    nothing, since the aid does. None without a rent or an income."""
    if unit.rent is None or not household.income:
        return None
    return rounded((unit.rent + (unit.charges or 0)) * MONTHS * 100 / household.income, 1)


def category_of(household: Known) -> int | None:
    """The category of a household in the order (arrêté of 29 July 1987, annex I): a lone parent counts one more.

    Not capped. None when nobody stated how many they are.
    """
    if household.adults is None:
        return None
    children = household.children or 0
    return children + 2 if household.adults == 1 and children else household.adults + children


def ceiling_of(household: Known, asked: Fitting) -> int | None:
    """The most that this household may earn there; None when it is not known."""
    category = category_of(household)
    return asked.ceilings.most(category) if category else None


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
