"""The stable names of the checks."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """How grave a finding is. A refusal keeps a draft from being signed; a warning leaves people to judge."""

    REFUSAL = "REFUSAL"
    WARNING = "WARNING"


class Code(StrEnum):
    """The stable name of each check, for files and commands."""

    NO_QUOTA = "NO_QUOTA"
    PERIOD_PAST = "PERIOD_PAST"
    PERIOD_OVERLAP = "PERIOD_OVERLAP"
    PERIOD_GAP = "PERIOD_GAP"
    RANK_TAKEN = "RANK_TAKEN"
    PARAMETER_MISSING = "PARAMETER_MISSING"
    STATE_SHARE = "STATE_SHARE"
    STATE_AGENTS_SHARE = "STATE_AGENTS_SHARE"
    STATE_RECEIVED = "STATE_RECEIVED"
    STATE_UNIFORM = "STATE_UNIFORM"
    STATE_OUTSIDE_QPV = "STATE_OUTSIDE_QPV"
    DEROGATION_ENDING = "DEROGATION_ENDING"
    GUARANTEE_SHARE = "GUARANTEE_SHARE"
    OVER_COMMITTED = "OVER_COMMITTED"
    NOT_FEASIBLE = "NOT_FEASIBLE"
    UNITS_MIXED = "UNITS_MIXED"
    OWN_TERRITORY = "OWN_TERRITORY"
    ONE_CONVENTION = "ONE_CONVENTION"
    RIGHT_ENDING = "RIGHT_ENDING"
    CONVENTION_ENDING = "CONVENTION_ENDING"
    GUARANTEE_ENDING = "GUARANTEE_ENDING"
