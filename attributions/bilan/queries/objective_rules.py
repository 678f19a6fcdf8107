"""What each objective counts, and among which leases: numerator and denominator (CCH, L441-1; docs/decisions/0023)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Sum, Value
from django.db.models.expressions import Combinable

from attributions.bilan.models import Objective
from flux.models import Vacancy
from reservations.models import ReservationHolder

Code = Objective.Code
Contingent = ReservationHolder.Contingent


@dataclass(frozen=True, slots=True)
class Folded:
    """Where counts of leases keep what a rule counts, in the words of `Counts`; each with a condition on the holder, if
    it asks for one. A test holds both to each other, lease by lease."""

    numerator: str
    denominator: str = "leases"
    unknown: str = ""
    unplaced: str | Combinable = ""
    among: Q | None = None
    counted: Q | None = None
    not_said: Q | None = None

    def sums(self) -> dict[str, Sum | Value]:
        """Its four counts, as annotations of grouped counts of leases."""
        found = {
            "numerator": (self.numerator, self.counted or self.among),
            "denominator": (self.denominator, self.among),
            "unknown": (self.unknown, self.not_said or self.among),
            "unplaced": (self.unplaced, None),
        }
        return {
            name: Sum(column, filter=where, default=0) if column else Value(0)
            for name, (column, where) in found.items()
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """What an objective counts: `counted` leases `among` others. `unknown`: among them, not given whether counted.
    `unplaced`: not given whether among them; None when it always is. `folded`: the same of `LeaseCount`."""

    among: Q
    counted: Q
    unknown: Q
    folded: Folded
    unplaced: Q | None = None


#: The objectives that are asked in a priority district, or outside it.
DISTRICT = {Code.FIRST_QUARTILE_OUTSIDE_QPV: False, Code.OTHERS_IN_QPV: True}

_NO_QUARTILE = Q(income_quartile=None)
_NO_DISTRICT = F("leases") - F("outside_qpv") - F("in_qpv")


def _priority(among: Q) -> Rule:
    folded = Folded("priority", unknown="priority_unknown", among=among)
    return Rule(among=among, counted=Q(has_priority=True), unknown=Q(has_priority=None), folded=folded)


RULES = {
    Code.FIRST_QUARTILE_OUTSIDE_QPV: Rule(
        among=Q(in_qpv=DISTRICT[Code.FIRST_QUARTILE_OUTSIDE_QPV]),
        # A household rehoused for urban renewal counts as one of the first quartile does.
        counted=Q(income_quartile=1) | Q(urban_renewal=True),
        unknown=_NO_QUARTILE & Q(urban_renewal=False)
        | Q(urban_renewal=None) & (_NO_QUARTILE | Q(income_quartile__gt=1)),
        folded=Folded("first_quartile", "outside_qpv", "first_unknown", _NO_DISTRICT),
        unplaced=Q(in_qpv=None),
    ),
    Code.OTHERS_IN_QPV: Rule(
        among=Q(in_qpv=DISTRICT[Code.OTHERS_IN_QPV]),
        counted=Q(income_quartile__in=(2, 3, 4)),
        unknown=_NO_QUARTILE,
        folded=Folded("others", "in_qpv", "others_unknown", _NO_DISTRICT),
        unplaced=Q(in_qpv=None),
    ),
    Code.PRIORITY_AUTHORITY: _priority(Q(holder__contingent=Contingent.AUTHORITY)),
    Code.PRIORITY_ACTION_LOGEMENT: _priority(Q(holder__contingent=Contingent.ACTION_LOGEMENT)),
    # Its own units, those subtracted from the flow, and those whose holder proposed nobody and that came back to it:
    # the last routing of each is the landlord's.
    Code.PRIORITY_LANDLORD: _priority(Q(holder=None) | Q(holder__contingent=Contingent.NOT_RESERVED)),
    # Trades that a CIA calls essential (CCH, L441-1-6; loi n° 2022-217): the rate, if any, is the CIA's.
    Code.ESSENTIAL_WORKERS: Rule(
        among=Q(pk__isnull=False),
        counted=Q(essential_worker=True),
        unknown=Q(essential_worker=None),
        folded=Folded("essential", unknown="essential_unknown"),
    ),
    # Tenants of the landlord who move inside its stock: their units are subtracted from the flow (CCH, R441-5 I).
    Code.MOBILITY: Rule(
        among=Q(pk__isnull=False),
        counted=Q(vacancy__exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER),
        unknown=Q(pk=None),
        folded=Folded("mobility"),
    ),
    # Residences that a landlord lists, annexed to the CIA (CCH, L441-1-6, 3° bis): what they count is to be confirmed
    # (docs/decisions/0077).
    Code.MIX_RESIDENCES: Rule(
        among=Q(in_mix_residence=True),
        counted=Q(income_quartile__in=(2, 3, 4)),
        unknown=_NO_QUARTILE,
        folded=Folded("mix_others", "in_mix", "mix_unknown", "mix_unplaced"),
        unplaced=Q(in_mix_residence=None),
    ),
    Code.STATE_AGENTS: Rule(
        among=Q(vacancy__kind=Vacancy.Kind.IN_FLOW),
        counted=Q(holder__contingent=Contingent.STATE_AGENTS),
        unknown=Q(holder=None),
        folded=Folded(
            *("in_flow", "in_flow", "in_flow"),
            counted=Q(holder__contingent=Contingent.STATE_AGENTS),
            not_said=Q(holder=None),
        ),
    ),
}

#: What is counted there is the unit's holder or its subtraction, which accounts already show to everybody: never
#: grouped.
OF_UNITS = (Code.MOBILITY, Code.STATE_AGENTS)

#: Counts the same fact of the same households as other objectives do: told beside them, a subtraction would tell of the
#: few that are in one and not in the other. Only who may read every count reads it.
WITHHELD = (Code.MIX_RESIDENCES,)


COUNTED = ("numerator", "denominator", "unknown", "unplaced")


@dataclass(frozen=True, slots=True)
class Counts:
    """Leases: `numerator` of `denominator`, `unknown` of them not said. `unplaced`: perhaps among them, not said."""

    numerator: int = 0
    denominator: int = 0
    unknown: int = 0
    unplaced: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.unknown + other.unknown,
            self.unplaced + other.unplaced,
        )

    def __neg__(self) -> Counts:
        return Counts(-self.numerator, -self.denominator, -self.unknown, -self.unplaced)

    @property
    def rest(self) -> int:
        """Known not to be counted."""
        return self.denominator - self.numerator - self.unknown


def sums() -> dict[str, Sum | Value]:
    """The counts of every objective, for `.annotate(**sums())` on grouped counts of leases; `counts_of` reads them
    back."""
    return {f"{code}_{name}": each for code, rule in RULES.items() for name, each in rule.folded.sums().items()}


def counts_of(row: Mapping[str, Any]) -> dict[Objective.Code, Counts]:
    """Those of a row annotated with `sums`."""
    return {code: Counts(**{name: row[f"{code}_{name}"] for name in COUNTED}) for code in RULES}
