"""Everything that is checked of a landlord on a day: its conventions, its rights in stock, what the State received."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flux.queries.state_cap import CapAccount, cap_checks, state_caps
from flux.queries.stock_checks import stock_checks
from reservations.models import Landlord, Territory
from reservations.pages.checks.check import Check, refusals, warnings
from reservations.pages.checks.said import checks_of


@dataclass(frozen=True, slots=True)
class Reading:
    """The findings of one landlord, and the account of each cap of the State."""

    landlord: Landlord
    refusals: tuple[Check, ...]
    warnings: tuple[Check, ...]
    caps: tuple[CapAccount, ...]

    @property
    def caps_kept(self) -> bool:
        """Is no cap of the State passed, even by what a whole unit explains?"""
        return all(account.verdict.is_kept for account in self.caps)

    @property
    def checks(self) -> tuple[Check, ...]:
        """Refusals first."""
        return self.refusals + self.warnings


def read_checks(
    landlords: Sequence[Landlord],
    *,
    on: date,
    territory: Territory | None = None,
    departements: Collection[int] | None = None,
) -> list[Reading]:
    """The checks of several landlords, in their order. A fixed number of queries.

    `territory` keeps what bears on its communes, `departements` (ids) the State's caps to its départements.
    """
    signed = checks_of(landlords, on=on, territory=territory)
    stock = stock_checks(landlords, on=on, territory=territory)
    caps = state_caps(landlords, on=on, departements=departements)
    readings = []
    for landlord in landlords:
        found = [*signed[landlord.pk], *cap_checks(caps[landlord.pk]), *stock[landlord.pk]]
        readings.append(Reading(landlord, tuple(refusals(found)), tuple(warnings(found)), tuple(caps[landlord.pk])))
    return readings
