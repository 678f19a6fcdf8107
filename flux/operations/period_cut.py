"""Cutting the years of construction into other periods, from a year that is not closed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from flux.models import PeriodCut
from reservations.models import HistoryEntry, Landlord, Territory, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak

#: A cut that nobody could read.
MOST = 12
FIRST_YEAR, LAST_YEAR = 1700, 2100


class PeriodCutRefused(Refusal):
    """A cut that cannot be; `field` is its column."""


@atomic
def cut_periods(
    *,
    bounds: Sequence[int],
    starts_on: date,
    source: str,
    landlord: Landlord | None = None,
    territory: Territory | None = None,
    by: User | None,
    today: date,
) -> PeriodCut:
    """From that day on, the balances of a landlord, of a région or département, or of everybody count by these periods;
    those of the years before go on counting by theirs.

    Raises PeriodCutRefused: years that do not grow, none or too many, a year that is closed, no source, another scale.
    """
    if not bounds or len(bounds) > MOST or any(one >= other for one, other in pairwise(bounds)):
        raise PeriodCutRefused(
            f"Donnez de 1 à {MOST} années croissantes : la dernière de chaque période, 1948, 1974 par exemple.",
            field="bounds",
        )
    if not FIRST_YEAR <= bounds[0] <= bounds[-1] <= LAST_YEAR:
        raise PeriodCutRefused(f"Une année va de {FIRST_YEAR} à {LAST_YEAR}.", field="bounds")
    if starts_on.year < today.year:
        raise PeriodCutRefused(
            f"Les bilans des années closes gardent leurs périodes : choisissez un jour de {today.year} ou d’après.",
            field="starts_on",
        )
    if not source.strip():
        raise PeriodCutRefused("Dites d’où vient ce découpage : une convention, un cadre régional.", field="source")
    if territory is not None and territory.kind not in (Territory.Kind.REGION, Territory.Kind.DEPARTEMENT):
        raise PeriodCutRefused("Choisissez une région ou un département.", field="territory")
    with constraints_speak(PeriodCut):
        cut = PeriodCut.objects.create(
            landlord=landlord, territory=territory, starts_on=starts_on, bounds=list(bounds), source=source.strip()
        )
    record(cut, HistoryEntry.Act.RECORDED, by=by, why=cut.source)
    return cut
