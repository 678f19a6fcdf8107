"""What waited because no convention was in force where it is: taken up on the first day that one is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from flux.models import Vacancy
from flux.queries.known import first_covered
from flux.queries.rates import bearing
from reservations.queries.rights import Right
from reservations.words import to


def nowhere(vacancy: Vacancy) -> str:
    """« Aucune convention n’est en vigueur à Sigean. », of a vacancy that waits for one."""
    return f"Aucune convention de réservation n’est en vigueur {to(vacancy.unit.commune)}."


def take_up(waiting: Collection[Vacancy], held: Collection[Right], *, today: date) -> None:
    """Write on each of these that wait, where no right bore on the day it was registered, the first day of one of
    `held` there; nothing where there is none yet. One statement, none when nothing is taken up.

    A vacancy is decided by the rights of its day; without any, by those of the first day that had some: it keeps its
    place, and nobody who had no right there that day is served by chance of the date of a signature.
    """
    found = []
    for vacancy in waiting:
        if not bearing(held, vacancy) and (day := first_covered(vacancy, held, today=today)) is not None:
            vacancy.covered_on = day
            found.append(vacancy)
    if found:
        Vacancy.objects.bulk_update(found, ["covered_on"])
