"""To whom a balance goes, and whose signature is asked (CCH, R441-5-1)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from attributions.bilan.models.balance import counted_in
from flux.queries import forecast
from flux.queries.forecast import WhyReads
from reservations.models import Landlord, Organisation, Territory

#: Why an organisation signs: it holds a right. The others read for their territory.
RIGHTS = frozenset([WhyReads.CONVENTION, WhyReads.STOCK_RIGHT])
#: Why one without a right that year signs: units of the balance are its own.
COUNTED = "compte"
SIGNING = RIGHTS | {COUNTED}
#: Why the landlord is among the signatories.
LANDLORD = "bailleur"


@dataclass(frozen=True, slots=True)
class Recipient:
    """An organisation that a balance goes to, why, and whether it is asked to sign."""

    organisation: Organisation
    reasons: tuple[str, ...]
    signs: bool


def recipients(landlord: Landlord, departement: Territory, exercise: int) -> list[Recipient]:
    """The landlord first, then by name: every holder with a right at some moment of the year, or that the balance
    counts without one, as by the allotment of a programme, all asked to sign; the EPCI and the préfecture, informed
    unless they are holders too. Six queries."""
    reading = forecast.recipients(landlord, departement, exercise, on=None)
    others: dict[Organisation, tuple[str, ...]] = {each.organisation: each.reasons for each in reading}
    for organisation in _counted(landlord, departement, exercise):
        reasons = others.get(organisation, ())
        if organisation != landlord.organisation and RIGHTS.isdisjoint(reasons):
            others[organisation] = (COUNTED, *reasons)
    return [
        Recipient(landlord.organisation, (LANDLORD,), signs=True),
        *(
            Recipient(organisation, reasons, signs=not SIGNING.isdisjoint(reasons))
            for organisation, reasons in sorted(others.items(), key=lambda pair: (pair[0].search_name, pair[0].siren))
        ),
    ]


def _counted(landlord: Landlord, departement: Territory, exercise: int) -> list[Organisation]:
    """Those of whom the balance counts something. One query."""
    counted = Q(pk__in=[])
    for rows in counted_in(landlord, departement, exercise):
        counted |= Q(pk__in=rows.values("holder__organisation"))
    return list(Organisation.objects.filter(counted).order_by("name", "siren"))
