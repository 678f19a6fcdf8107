"""What stands beside the accounts in a balance: units kept in stock, and what was to be subtracted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Exists, Model, OuterRef, Q, Sum
from django.db.models.lookups import GreaterThan, LessThan

from attributions.bilan.moved import Seal
from attributions.bilan.queries.scope import sees_whole
from attributions.bilan.queries.since import place_of
from attributions.households.models import Lease
from flux.models import Forecast, Ledger, Routing, Vacancy
from flux.models.forecast import ForecastLine
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.together import Steps, given, stepwise, whole


@dataclass(frozen=True, slots=True)
class StockLine:
    """Units kept in stock that were offered to a holder, of their right or for one turn, outside every yearly account;
    those that were let through it among them."""

    holder: ReservationHolder
    offered: int
    leased: int


@stepwise
def stock_lines(
    landlord: Landlord,
    year: int,
    *,
    departement: Territory | None = None,
    communes: Collection[int] | None = None,
    seals: Collection[Seal] = (),
) -> Steps[list[StockLine]]:
    """By holder, what fell vacant in a year and was kept in stock, on some communes (ids) or all; in the départements
    of these seals, as it was sealed. Two queries."""
    offers = Routing.objects.filter(
        _as_sealed(Vacancy, "vacancy__cancelled_at", "vacancy__", seals, row=OuterRef("vacancy")),
        vacancy__kind=Vacancy.Kind.STOCK,
        vacancy__landlord=landlord,
        vacancy__registered_on__year=year,
    )
    for each in seals:
        there = Q(vacancy__description__commune__departement=each.key.departement)
        offers = offers.exclude(there & Q(GreaterThan(place_of(Routing), each.mark)))
    if departement is not None:
        offers = offers.filter(vacancy__description__commune__departement=departement)
    if communes is not None:
        offers = offers.filter(vacancy__description__commune__in=communes)
    # To whom it was really let through: another one may have had it for this turn.
    lease = _as_sealed(Lease, "cancelled_at", "routing__vacancy__", seals, row=OuterRef("pk"))
    leased = Exists(Lease.objects.filter(lease, routing=OuterRef("pk")))
    offered, let = Count("vacancy", distinct=True), Count("vacancy", filter=Q(leased), distinct=True)
    (rows,) = yield [offers.order_by().values_list("holder").annotate(offered=offered, leased=let)]
    found = {holder: counts for holder, *counts in rows}
    holders = yield from whole(ReservationHolder.objects.filter(pk__in=found).order_by("pk"), "organisation")
    lines = [StockLine(holder, *found[holder.pk]) for holder in holders]
    return sorted(lines, key=lambda line: (-line.offered, str(line.holder)))


def _as_sealed(model: type[Model], cancelled: str, vacancy: str, seals: Collection[Seal], *, row: OuterRef) -> Q:
    """Condition on rows: not cancelled today; in the départements of these seals, written then and not cancelled yet.
    `vacancy`: the path to it."""
    place = f"{vacancy}description__commune__departement"
    found = Q(**{cancelled: None}) & ~Q(**{f"{place}__in": [each.key.departement for each in seals]})
    for each in seals:
        written = Q(LessThan(place_of(model, row), each.mark), **{place: each.key.departement})
        found |= written & (Q(**{cancelled: None}) | Q(GreaterThan(place_of(model, row, last=True), each.mark)))
    return found


@dataclass(frozen=True, slots=True)
class Subtracted:
    """Units subtracted under one category of CCH, R441-5. None: no forecast sent says it."""

    code: str
    words: str
    forecast: int | None
    done: int
    next_forecast: int | None


@dataclass(frozen=True, slots=True)
class Planned:
    """What the forecasts sent for a year say of whole départements: units expected to fall vacant, and those expected
    to be subtracted, by category (all five)."""

    expected: int
    subtracted: dict[str, int]

    @property
    def net(self) -> int:
        """Units expected in the flow."""
        return self.expected - sum(self.subtracted.values())


@stepwise
def planned(landlord: Landlord, years: Collection[int], *, departements: Collection[int]) -> Steps[dict[int, Planned]]:
    """By year, what was sent for all of these départements (ids): a year that one of them lacks says nothing. One
    query."""
    sent = Forecast.objects.filter(landlord=landlord, exercise__in=years, departement__in=departements)
    sent = sent.exclude(sent_at=None)
    lines = ForecastLine.objects.filter(forecast__in=sent.order_by().values("pk")).order_by()
    read, categories = yield [
        sent.order_by("pk").values_list("exercise", "expected"),
        lines.values_list("forecast__exercise", "category").annotate(units=Sum("units")),
    ]
    expected: dict[int, list[int]] = {}
    for year, units in read:
        expected.setdefault(year, []).append(units)
    by_category: dict[int, dict[str, int]] = {year: dict.fromkeys(Vacancy.Exclusion.values, 0) for year in expected}
    for year, category, units in categories:
        by_category[year][category] += units
    whole = len(set(departements))
    return {year: Planned(sum(units), by_category[year]) for year, units in expected.items() if len(units) == whole}


@stepwise
def subtracted(
    landlord: Landlord, year: int, done: dict[str, int], *, departements: Collection[int]
) -> Steps[list[Subtracted]]:
    """The five categories: forecast for the year, done, forecast for the next. Forecasts bear on whole départements:
    without any (ids), as for a balance that bears on a part of one, they say nothing of it. One query at most."""
    asked = planned.steps(landlord, (year, year + 1), departements=departements) if departements else given({})
    forecasts: dict[int, Planned] = yield from asked

    def said(exercise: int, category: str) -> int | None:
        return forecasts[exercise].subtracted[category] if exercise in forecasts else None

    return [
        Subtracted(
            choice.value,
            str(choice.label),
            said(year, choice.value),
            done[choice.value],
            said(year + 1, choice.value),
        )
        for choice in Vacancy.Exclusion
    ]


def forecast_places(ledgers: Collection[Ledger], place: Territory | None, *, member: Membership | None) -> set[int]:
    """Départements (ids) that a balance bears on whole, as forecasts do; none when it bears on a part of one."""
    if place is not None:
        return {place.pk} if place.kind == Territory.Kind.DEPARTEMENT and _reads_all(place, member) else set()
    return {ledger.departement_id for ledger in ledgers} if sees_whole(member) else set()


def _reads_all(departement: Territory, member: Membership | None) -> bool:
    return sees_whole(member) or (member is not None and member.organisation.territory_id == departement.pk)
