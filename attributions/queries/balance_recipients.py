"""To whom a balance goes, and whose signature is asked (CCH, R441-5-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flux.queries import forecast
from reservations.models import Landlord, Organisation, Territory

#: Why an organisation signs: it holds a right. The others read for their territory.
RIGHTS = frozenset(["convention", "droit en stock"])
#: Why the landlord is among the signatories.
LANDLORD = "bailleur"


@dataclass(frozen=True, slots=True)
class Recipient:
    """An organisation that a balance goes to, why, and whether it is asked to sign."""

    organisation: Organisation
    reasons: tuple[str, ...]
    signs: bool


def recipients(landlord: Landlord, departement: Territory, exercise: int, *, on: date) -> list[Recipient]:
    """Those the forecast goes to, and the landlord first. A holder with a right that year is asked to sign; the EPCI
    and the préfecture are informed, unless they are holders too. Five queries."""
    others = forecast.recipients(landlord, departement, exercise, on=on)
    return [
        Recipient(landlord.organisation, (LANDLORD,), signs=True),
        *(Recipient(each.organisation, each.reasons, signs=not RIGHTS.isdisjoint(each.reasons)) for each in others),
    ]
