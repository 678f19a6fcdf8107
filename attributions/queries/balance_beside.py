"""What stands beside the accounts in a balance: units kept in stock, and what was to be subtracted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from attributions.models import Lease
from flux.models import Forecast, Routing, Vacancy
from flux.models.forecast import ForecastLine
from reservations.models import Landlord, Membership, ReservationHolder, Territory


@dataclass(frozen=True, slots=True)
class StockLine:
    """Units kept in stock that went to the holder of their right, outside every account; leased among them."""

    holder: ReservationHolder
    offered: int
    leased: int


def stock_lines(
    landlord: Landlord,
    year: int,
    *,
    departement: Territory | None = None,
    communes: Collection[int] | None = None,
) -> list[StockLine]:
    """By holder, what fell vacant in a year and was kept in stock, on some communes (ids) or all. Two queries."""
    offers = Routing.objects.filter(
        vacancy__kind=Vacancy.Kind.STOCK,
        vacancy__unit__landlord=landlord,
        vacancy__registered_on__year=year,
        vacancy__cancelled_at=None,
    )
    if departement is not None:
        offers = offers.filter(vacancy__unit__commune__departement=departement)
    if communes is not None:
        offers = offers.filter(vacancy__unit__commune__in=communes)
    leased = Exists(Lease.objects.filter(vacancy=OuterRef("vacancy"), cancelled_at=None))
    found = {
        row["holder"]: row
        for row in offers.order_by()
        .values("holder")
        .annotate(offered=Count("vacancy", distinct=True), leased=Count("vacancy", filter=Q(leased), distinct=True))
    }
    holders = ReservationHolder.objects.filter(pk__in=found).select_related("organisation")
    return sorted(
        (
            StockLine(holder, found[holder.pk]["offered"], found[holder.pk]["leased"])
            for holder in holders.order_by("pk")
        ),
        key=lambda line: (-line.offered, str(line.holder)),
    )


@dataclass(frozen=True, slots=True)
class Subtracted:
    """Units subtracted under one category of CCH, R441-5. None: no forecast that the reader may read says it."""

    code: str
    words: str
    forecast: int | None
    done: int
    next_forecast: int | None


def subtracted(
    landlord: Landlord,
    year: int,
    done: dict[str, int],
    *,
    departements: Collection[int],
    whole: bool = True,
    member: Membership | None = None,
) -> list[Subtracted]:
    """The five categories: forecast for the year, done, forecast for the next. Forecasts bear on whole départements:
    when the balance does not (`whole`), they say nothing of it. One query, none then."""
    told = _forecasts(landlord, (year, year + 1), departements, member) if whole else {}
    return [
        Subtracted(
            choice.value,
            str(choice.label),
            _of(told, year, choice.value),
            done[choice.value],
            _of(told, year + 1, choice.value),
        )
        for choice in Vacancy.Exclusion
    ]


def _of(told: dict[int, dict[str, int]], year: int, category: str) -> int | None:
    """A forecast without a line for a category says none of it."""
    return told[year].get(category, 0) if year in told else None


def _forecasts(
    landlord: Landlord, years: tuple[int, int], departements: Collection[int], member: Membership | None
) -> dict[int, dict[str, int]]:
    """{year: {category: units}} of what was sent, and of the landlord's own draft."""
    forecasts = Forecast.objects.filter(landlord=landlord, exercise__in=years, departement__in=departements)
    if member is not None:
        forecasts = forecasts.visible_to(member)
    read: dict[int, dict[str, int]] = {}
    rows = ForecastLine.objects.filter(forecast__in=forecasts).order_by("forecast", "category")
    for year, category, units in rows.values_list("forecast__exercise", "category", "units"):
        of = read.setdefault(year, {})
        of[category] = of.get(category, 0) + units
    return read
