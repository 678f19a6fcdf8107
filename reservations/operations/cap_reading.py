"""Choosing how the caps of the State are read, from a day on."""

from __future__ import annotations

from datetime import date

from reservations.models import CapReading, HistoryEntry, Landlord, Territory, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak


class CapReadingRefused(Refusal):
    """A choice that cannot be; `field` says which of its terms to change."""


@atomic
def choose_cap_reading(
    *,
    landlord: Landlord,
    departement: Territory,
    reading: str,
    starts_on: date,
    source: str,
    by: User,
    today: date,
) -> CapReading:
    """From that day on the caps are read over the years of the convention, or each year alone; the exercises whose last
    day is before keep the reading of theirs. Append-only: another choice is another row.

    Raises CapReadingRefused: not a département, a year that is over, no source, what is already in force.
    """
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    if departement.kind != Territory.Kind.DEPARTEMENT:
        raise CapReadingRefused("Un plafond se lit dans un département : choisissez-le.", field="departement")
    if reading not in CapReading.Reading.values:
        raise CapReadingRefused("Choisissez l’une des deux lectures.", field="reading")
    if starts_on.year < today.year:
        raise CapReadingRefused(
            f"Les exercices clos gardent leur lecture : choisissez un jour de {today.year} ou d’après.",
            field="starts_on",
        )
    if not source.strip():
        raise CapReadingRefused("Citez l’article de la convention, ou l’arrêté du préfet.", field="source")
    before = (
        CapReading.objects.filter(landlord=landlord, departement=departement, starts_on__lte=starts_on)
        .order_by("-starts_on", "-pk")
        .first()
    )
    current = before.reading if before else CapReading.Reading.OVER_YEARS
    if current == reading:
        since = f" depuis le {before.starts_on:%d/%m/%Y} ({before.source})" if before else ", faute d’un autre choix"
        raise CapReadingRefused(
            f"Le plafond y est déjà lu {CapReading.Reading(reading).label}{since} : il n’y a rien à changer.",
            field="reading",
        )
    with constraints_speak(CapReading):
        chosen = CapReading.objects.create(
            landlord=landlord,
            departement=departement,
            reading=reading,
            starts_on=starts_on,
            source=source.strip(),
        )
    record(chosen, HistoryEntry.Act.RECORDED, by=by, why=chosen.source, details={"reading": [str(current), reading]})
    return chosen
