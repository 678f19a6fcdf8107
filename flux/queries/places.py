"""Where and when fell vacant what a person sees listed, and how many there are: from the counts of each place.

The rule is that of `VacancyQuerySet.visible_to`, said of places: what lists count, and let one choose, costs as many
rows as there are places, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import ExtractYear

from flux.models import LedgerLine, PlaceCount, Routing, RoutingCount, UnitReader, Vacancy
from flux.models.vacancy import in_promised_place, promised_to
from reservations.models import Convention, Membership, ReservationHolder, StockRight, TerritoryLink
from reservations.models.territory import within
from reservations.queries.ids_first import ids_first

#: What a count is made by.
KEY = ("landlord", "commune", "year", "ledger")


@dataclass(frozen=True, slots=True)
class SeenPlace:
    """So many units of a landlord that fell vacant in a year in a commune, of one account or of none: all by id."""

    landlord: int
    commune: int
    year: int
    ledger: int | None
    units: int


def seen_places(member: Membership) -> list[SeenPlace]:
    """All that a person sees listed. One query, six at most for whoever oversees a territory; one, or two, for a holder
    that oversees none."""
    kept = PlaceCount.objects.filter(units__gt=0).order_by()
    territory = member.organisation.territory_id
    if member.is_administrator:
        return _counted(kept)
    if member.landlord is not None:
        return _counted(kept.filter(landlord=member.landlord))
    if not (member.is_overseer and territory):
        return _promised(member) if member.is_holder else []
    here = within(territory, commune="commune")
    elsewhere = _elsewhere(member, kept.exclude(here), territory)
    return _counted(kept.filter(here)) + _read(Vacancy.objects.visible_to(member).filter(~here & elsewhere))


def _promised(member: Membership) -> list[SeenPlace]:
    """What a holder sees listed: all that its conventions promise it a part of, as it is counted; and what came to it
    elsewhere, looked for where those with whom it has dealings have anything else."""
    own, kept = member.organisation_id, PlaceCount.objects.filter(units__gt=0).order_by()
    held = ReservationHolder.objects.filter(organisation=own).order_by().values("pk")
    came = RoutingCount.objects.filter(units__gt=0).order_by().values("landlord")
    conventions = Convention.objects.binding().filter(organisation=own).order_by().values("landlord")
    dealing = conventions.union(came.filter(holder__in=held), came.filter(acting=own))
    places = kept.filter(landlord__in=dealing).annotate(promised=promised_to(own, year="year"))
    told = places.filter(promised=True).values_list(*KEY).annotate(sum=Sum("units"))
    communes = places.filter(promised=False).values("commune")
    opened = UnitReader.objects.filter(organisation=own, commune__in=communes).order_by().values("unit")
    there = Vacancy.objects.filter(~in_promised_place(own), unit__in=ids_first(opened)).order_by().values("pk")
    came_there = Vacancy.objects.filter(pk__in=ids_first(there)).file_open_to(member)
    return [SeenPlace(*row) for row in told.union(_by_place(came_there), all=True).order_by()]


def _elsewhere(member: Membership, out: QuerySet[PlaceCount], territory: int) -> Q:
    """Condition on vacancies out of a territory: those that may be seen all the same are among these. What was once
    there, what one acts for, and the places of the landlords with whom one has dealings: few, or none."""
    own = member.organisation_id
    dealing = (
        Q(landlord__in=Convention.objects.filter(organisation=own).order_by().values("landlord"))
        | Q(landlord__in=LedgerLine.objects.filter(holder__organisation=own).order_by().values("ledger__landlord"))
        | Q(landlord__in=StockRight.objects.filter(holder__organisation=own).order_by().values("landlord"))
    )
    ids = set[int]()
    if TerritoryLink.objects.filter(container=territory, until__isnull=False).exists():
        ids |= set(Vacancy.objects.once_in(territory).order_by().values_list("pk", flat=True))
    places: set[tuple[int, int]] = set()
    if member.is_holder:
        places |= set(out.filter(dealing).values_list("landlord", "commune"))
        ids |= set(Routing.objects.filter(acting=own, closed_at=None).order_by().values_list("vacancy", flat=True))
    landlords, communes = {landlord for landlord, _ in places}, {commune for _, commune in places}
    return Q(pk__in=ids) | Q(landlord__in=landlords, commune__in=communes)


def _counted(kept: QuerySet[PlaceCount]) -> list[SeenPlace]:
    return [SeenPlace(*row) for row in kept.values_list(*KEY).annotate(sum=Sum("units"))]


def _read(seen: QuerySet[Vacancy]) -> list[SeenPlace]:
    return [SeenPlace(*row) for row in _by_place(seen)]


def _by_place(seen: QuerySet[Vacancy]) -> QuerySet[Vacancy, tuple[int, ...]]:
    return seen.order_by().annotate(year=ExtractYear("registered_on")).values_list(*KEY).annotate(count=Count("pk"))


def units_in(places: Iterable[SeenPlace]) -> int:
    """How many units they hold."""
    return sum(place.units for place in places)
