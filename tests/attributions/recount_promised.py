"""What signed conventions give of a unit, read from their rows alone: shares, tables of rates, units a year, pauses."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache

from django.db.models import Q

from flux.models import Vacancy
from reservations.models import Pause, Quota, Rate, ReservationHolder, Territory
from reservations.models.categories import code_of
from reservations.models.convention import UNIT
from reservations.models.territory import within

Kind = Vacancy.Kind
BINDING = ("SIGNED", "AMENDED", "ENDED", "TERMINATED")


class Promised:
    """What signed conventions give on a day, read from their rows."""

    def __init__(self) -> None:
        self.quotas = list(
            Quota.objects.filter(convention__status__in=BINDING)
            .select_related("convention__perimeter", "holder")
            .prefetch_related("rates__territory")
            .order_by("pk")
        )
        self.pauses: dict[int, list[tuple[date, date]]] = {}
        for pause in Pause.objects.filter(status="AGREED", ends_on__isnull=False).order_by("pk"):
            self.pauses.setdefault(pause.convention_id, []).append((pause.starts_on, pause.ends_on))

    def quotas_at(self, vacancy: Vacancy) -> list[Quota]:
        """Those in force for this unit, on the day of its rights, and not suspended."""
        on, commune = vacancy.covered_on or vacancy.registered_on, vacancy.unit.commune_id
        return [
            quota
            for quota in self.quotas
            if quota.convention.landlord_id == vacancy.landlord_id
            and quota.convention.starts_on <= on <= quota.convention.ends_on
            and commune in communes_of(quota.convention.perimeter_id)
            and not any(start <= on <= end for start, end in self.pauses.get(quota.convention_id, ()))
        ]

    def shares(
        self,
        vacancy: Vacancy,
        so_far: Counter[int],
        *,
        counting: bool = False,
        one_turn: bool = False,
        but: frozenset[int] = frozenset(),
    ) -> Counter[int]:
        """Millionths of this unit, by holder: each share of a convention, the rest to the landlord. `so_far`: what was
        due in its year already, for who has N units a year; `counting`: of the conventions that count first lettings
        alone; `one_turn`: of those who may take it, which is not `but` these, nor who declines what it is."""
        found: Counter[int] = Counter()
        for quota in self.quotas_at(vacancy):
            if counting and not quota.convention.first_letting_counts:
                continue
            share = share_of(quota, vacancy)
            if quota.yearly_units is not None:
                share = max(0, min(share, UNIT * quota.yearly_units - so_far[quota.holder_id]))
            declines = one_turn and set(quota.declined) & _codes(vacancy)
            if quota.holder_id not in but and not declines:
                found[quota.holder_id] += share
        found[own_of(vacancy.landlord_id)] += UNIT - sum(found.values())
        return found


def share_of(quota: Quota, vacancy: Vacancy) -> int:
    """That of the row of its table that holds for this unit and is within the others that do; its own without any."""
    rows = [row for row in quota.rates.all() if _holds(row, vacancy)]
    closest = [row for row in rows if all(_within(row, other) for other in rows)]
    assert bool(closest) == bool(rows), "a signed table gives each unit one share"
    return closest[0].share if closest else quota.share


def _codes(vacancy: Vacancy) -> set[str]:
    return {code_of(dimension, category) for dimension, category in (vacancy.entered_as or {}).items()}


def _holds(row: Rate, vacancy: Vacancy) -> bool:
    year, dimensions = (vacancy.covered_on or vacancy.registered_on).year, _dimensions(row)
    return (
        (row.territory_id is None or vacancy.unit.commune_id in communes_of(row.territory_id))
        and (row.first_letting is None or row.first_letting == (vacancy.kind == Kind.FIRST_LETTING))
        and (row.since_year is None or row.since_year <= year)
        and all(_codes(vacancy) & wanted for wanted in dimensions.values())
    )


def _dimensions(row: Rate) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for code in row.categories:
        found.setdefault(code.partition(":")[0], set()).add(code)
    return found


def _within(row: Rate, other: Rate) -> bool:
    """Is whatever meets one met by the other?"""
    mine, theirs = _dimensions(row), _dimensions(other)
    return (
        (
            other.territory_id is None
            or (row.territory_id is not None and communes_of(row.territory_id) <= communes_of(other.territory_id))
        )
        and (other.first_letting is None or row.first_letting == other.first_letting)
        and (row.since_year or 0) >= (other.since_year or 0)
        and all(dimension in mine and mine[dimension] <= theirs[dimension] for dimension in theirs)
    )


@cache
def communes_of(territory: int) -> frozenset[int]:
    """The communes (ids) of a perimeter (id)."""
    inside = Q(within(territory, commune="pk"))
    return frozenset(Territory.objects.filter(inside, kind__in=Territory.COMMUNAL).values_list("pk", flat=True))


def own_of(landlord: int) -> int:
    """The landlord’s own row (ids)."""
    own = ReservationHolder.Contingent.NOT_RESERVED
    return ReservationHolder.objects.get(organisation__landlord=landlord, contingent=own).pk
