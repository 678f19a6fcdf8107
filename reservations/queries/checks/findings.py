"""What may be found of conventions: codes, figures and rows; `pages.checks` has their words.

Shares are in millionths of a unit, days are included. Groups of communes come with the most populated first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from reservations.models import Convention, Derogation, LegalParameter, ReservationHolder
from reservations.queries.checks.caps import Cap, Capped
from reservations.queries.checks.quotas import Code, Level, Promised
from reservations.queries.rights import OverCommitment, Promise, Right


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One departure from the law, or one thing to watch. `measured` and `limit`, when it compares two shares.
    `convention`: the one to open, when one is to be changed."""

    level: ClassVar[Level] = Level.REFUSAL
    name: ClassVar[Code]

    convention: Convention | None = None
    measured: int | None = None
    limit: int | None = None

    @property
    def code(self) -> Code:
        """The stable name of the check."""
        return self.name

    @property
    def is_refusal(self) -> bool:
        return self.level == Level.REFUSAL


@dataclass(frozen=True, slots=True, kw_only=True)
class OfDraft(Finding):
    """Of a convention that is still negotiated, named `convention`."""

    convention: Convention


@dataclass(frozen=True, slots=True, kw_only=True)
class NoQuota(OfDraft):
    """It gives no share."""

    name: ClassVar[Code] = Code.NO_QUOTA


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPast(OfDraft):
    """It ends before it is signed."""

    name: ClassVar[Code] = Code.PERIOD_PAST


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOwnTerritory(OfDraft):
    """Its organisation has rights on its own territory, and it bears on another."""

    name: ClassVar[Code] = Code.OWN_TERRITORY


@dataclass(frozen=True, slots=True, kw_only=True)
class NotDepartement(OfDraft):
    """With its organisation, a convention bears on a département, and it does not."""

    name: ClassVar[Code] = Code.OWN_TERRITORY


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUnrecorded(OfDraft):
    """No cap of the State's share is recorded for a day of its period."""

    name: ClassVar[Code] = Code.PARAMETER_MISSING

    capped: Capped
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OverCap(OfDraft):
    """The State's share passes its cap, with what is promised beside. `others`: the conventions that promise it."""

    capped: Capped
    cap: Cap
    promise: Promise
    total: int
    others: tuple[Convention, ...]

    @property
    def code(self) -> Code:
        return self.capped.code


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTaken(OfDraft):
    """A rank that it gives is another holder's in the same exercise."""

    name: ClassVar[Code] = Code.RANK_TAKEN

    rank: int
    holder: ReservationHolder


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodOverlap(OfDraft):
    """Another is signed with this organisation on this perimeter, on some of its days."""

    name: ClassVar[Code] = Code.PERIOD_OVERLAP

    other: Convention


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondConvention(OfDraft):
    """Another of this organisation bears on some of its communes."""

    name: ClassVar[Code] = Code.ONE_CONVENTION

    other: Convention


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsMixed(OfDraft):
    """A holder would have units a year in a ledger, and another share (of `other`) beside."""

    name: ClassVar[Code] = Code.UNITS_MIXED

    holder: ReservationHolder
    other: Convention


@dataclass(frozen=True, slots=True, kw_only=True)
class TooMuchPromised(OfDraft):
    """With what is promised beside, more than the whole flow."""

    name: ClassVar[Code] = Code.OVER_COMMITTED

    excess: OverCommitment


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodGap(OfDraft):
    """Days without a convention with this organisation, before it or after it."""

    name: ClassVar[Code] = Code.PERIOD_GAP
    level: ClassVar[Level] = Level.WARNING

    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OverCapNow(Finding):
    """The State's share passes its cap in these communes; `most`: where it is the highest."""

    capped: Capped
    cap: Cap
    most: Promised
    total: int
    over: tuple[Promised, ...]

    @property
    def code(self) -> Code:
        return self.capped.code


@dataclass(frozen=True, slots=True, kw_only=True)
class DerogationEnding(Finding):
    """An order of the préfet lifts a cap until a day."""

    name: ClassVar[Code] = Code.DEROGATION_ENDING
    level: ClassVar[Level] = Level.WARNING

    capped: Capped
    share: int
    order: Derogation


@dataclass(frozen=True, slots=True, kw_only=True)
class OverCommitted(Finding):
    """More than the whole flow is promised in these communes."""

    name: ClassVar[Code] = Code.OVER_COMMITTED

    most: Promised
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfPlace(Finding):
    """A convention in force bears elsewhere than on the own territory of its organisation."""

    name: ClassVar[Code] = Code.OWN_TERRITORY

    convention: Convention


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoConventions(Finding):
    """Several of one organisation are in force on these communes; `convention` is the first of them."""

    name: ClassVar[Code] = Code.ONE_CONVENTION

    convention: Convention
    group: Promised
    several: tuple[Convention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted(Finding):
    """Days without a convention, between one and the next (`convention`)."""

    name: ClassVar[Code] = Code.PERIOD_GAP
    level: ClassVar[Level] = Level.WARNING

    convention: Convention
    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ConventionEnding(Finding):
    """It ends in some days, and nothing is signed for the day after."""

    name: ClassVar[Code] = Code.CONVENTION_ENDING
    level: ClassVar[Level] = Level.WARNING

    convention: Convention
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeEnding(Finding):
    """What a loan guarantee gave ends in some days; `right`: as it is until then."""

    name: ClassVar[Code] = Code.GUARANTEE_ENDING
    level: ClassVar[Level] = Level.WARNING

    right: Right
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecorded(Finding):
    """A check that cannot be done, because nobody recorded the figure that it compares with."""

    name: ClassVar[Code] = Code.PARAMETER_MISSING
    level: ClassVar[Level] = Level.WARNING

    parameter: LegalParameter.Code


@dataclass(frozen=True, slots=True, kw_only=True)
class StateNotUniform(Finding):
    """The State's share is not the same in all the communes of a département: the highest, and the lowest."""

    name: ClassVar[Code] = Code.STATE_UNIFORM
    level: ClassVar[Level] = Level.WARNING

    high: tuple[Promised, ...]
    low: tuple[Promised, ...]
    highest: int
    lowest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateOutsideQpv(Finding):
    """The State's share is under its floor out of QPV."""

    name: ClassVar[Code] = Code.STATE_OUTSIDE_QPV
    level: ClassVar[Level] = Level.WARNING

    under: tuple[Promised, ...]
    share: int
    floor: int
    tabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeShare(Finding):
    """Local authorities have together more than what loan guarantees may give; `held`: theirs, where it is most, and
    `shares`, what makes `total` there, holder by holder."""

    name: ClassVar[Code] = Code.GUARANTEE_SHARE
    level: ClassVar[Level] = Level.WARNING

    over: tuple[Promised, ...]
    most: Promised
    held: tuple[Right, ...]
    shares: tuple[tuple[ReservationHolder, int], ...]
    total: int
    ceiling: int
