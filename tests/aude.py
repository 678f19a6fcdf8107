"""The territories of the Aude, and the demonstration reported there: for tests of the story itself."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from attributions.demonstration import cast as casting
from attributions.demonstration.mixed import tell_mixed
from reservations.imports.parties import read_territories
from reservations.operations.territory import load_territories

REGION, DEPARTEMENT = "76", "11"


def load_the_aude() -> None:
    """Its région, itself, its communes and their intercommunalities: 500 places of the 36,000."""
    every = read_territories()
    communes = [place for place in every if place.departement == DEPARTEMENT]
    beside = {(place.kind, place.code) for place in communes}
    around = {("REGION", REGION), ("DEPARTEMENT", DEPARTEMENT), *(("EPCI", place.epci) for place in communes)}
    load_territories(
        places=[place for place in every if (place.kind, place.code) in around or (place.kind, place.code) in beside]
    )


def tell_of_orbieu(now: datetime) -> casting.Cast:
    """Everybody, and the landlord in the mixed system, on a morning."""
    today = timezone.localdate(now)
    load_the_aude()
    cast = casting.gather(since=date(today.year - 1, 1, 1), until=date(today.year + 1, 12, 31))
    tell_mixed(cast, now=now, today=today, say=lambda _: None)
    return cast
