"""Why a share of the flow was given: the counterpart of each part of it, and until when it lasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models

from reservations.deadlines import months_after
from reservations.words import percent, yearly


class Ground(models.TextChoices):
    """Of a share of the flow (CCH, R441-5-3 and R441-5-4)."""

    LOAN_GUARANTEE = "LOAN_GUARANTEE", "garantie d’emprunt"
    LAND = "LAND", "apport de terrain"
    FUNDING = "FUNDING", "apport de financement"
    AGENTS = "AGENTS", "logement des agents"
    AGREEMENT = "AGREEMENT", "accord des parties"


@dataclass(frozen=True, slots=True)
class ShareGround:
    """A part of a share, in millionths of the flow, and its ground. A loan guarantee ends `years` after the last
    payment of its loan (CCH, R441-6), as the law stated when it was written; `reference`: the act that gave it.
    `units`: how many of the units a year that the share promises; None of a percentage."""

    ground: str
    share: int
    loan_ends_on: date | None = None
    years: int | None = None
    reference: str = ""
    units: int | None = None

    @property
    def ends_on(self) -> date | None:
        """The last day of the right; None when it lasts as the convention does."""
        if self.loan_ends_on is None:
            return None
        return months_after(self.loan_ends_on, 12 * (self.years or 0))

    @property
    def amount(self) -> str:
        """« 12 % », or « 8 logements par an »."""
        return percent(self.share) if self.units is None else yearly(self.units)

    def as_json(self) -> dict[str, Any]:
        """Plain data, for the column of the share."""
        return {
            "ground": self.ground,
            "share": self.share,
            "loan_ends_on": self.loan_ends_on.isoformat() if self.loan_ends_on else None,
            "years": self.years,
            "reference": self.reference,
        } | ({} if self.units is None else {"units": self.units})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ShareGround:
        """Read back what `as_json` wrote."""
        end = data["loan_ends_on"]
        return cls(**(dict(data) | {"loan_ends_on": date.fromisoformat(end) if end else None}))


def grounds_of(kept: Iterable[Mapping[str, Any]]) -> tuple[ShareGround, ...]:
    """Those of a share, as its column keeps them."""
    return tuple(ShareGround.from_json(each) for each in kept)
