"""Where and when fell vacant what a person sees listed, and how many there are: from the counts of each place.

The rule is that of `VacancyQuerySet.visible_to`, said of places: what lists count, and let one choose, costs as many
rows as there are places, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import ExtractYear

from flux.models import LedgerLine, PlaceCount, Routing, RoutingCount, UnitReader, Vacancy
from flux.models.promised import promised_to
from reservations.models import Convention, Membership, ReservationHolder, StockRight, Territory, TerritoryLink
from reservations.models.territory import OneOf, within
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
    # Its communes are found first, and their places by an index.
    communes = Territory.objects.filter(within(territory)).order_by().values("pk")
    there = _counted(kept.filter(OneOf(F("commune"), ArraySubquery(communes))))
    return there + _read(Vacancy.objects.visible_to(member).filter(~here & elsewhere))


def _promised(member: Membership) -> list[SeenPlace]:
    """What a holder sees listed: all that its conventions promise it a part of, as it is counted; and what came to it
    elsewhere, looked for where those with whom it has dealings have anything else."""
    own, kept = member.organisation_id, PlaceCount.objects.filter(units__gt=0).order_by()
    held = ReservationHolder.objects.filter(organisation=own).order_by().values("pk")
    routed = RoutingCount.objects.filter(units__gt=0).order_by().values("landlord")
    conventions = Convention.objects.binding().filter(organisation=own).order_by().values("landlord")
    dealing = conventions.union(routed.filter(holder__in=held), routed.filter(acting=own))
    # Found first: of the places of all the others, none is asked for a convention.
    theirs = kept.filter(OneOf(F("landlord"), ArraySubquery(dealing.order_by())))
    places = theirs.annotate(promised=promised_to(own, year="year"))
    told = places.filter(promised=True).annotate(came=Value(0)).values_list("came", *KEY).annotate(sum=Sum("units"))
    communes = places.filter(promised=False).values("commune")
    opened = UnitReader.objects.filter(organisation=own, commune__in=communes).order_by().values("unit")
    there = Vacancy.objects.filter(unit__in=ids_first(opened)).order_by().values("pk")
    came = Vacancy.objects.filter(pk__in=ids_first(there)).file_open_to(member)
    rows = list(told.union(_by_place(came.annotate(came=Value(1)), "came"), all=True).order_by())
    # Of what came there, that which is promised is counted already.
    known = {row[1:4] for row in rows if not row[0]}
    return [SeenPlace(*row[1:]) for row in rows if not row[0] or row[1:4] not in known]


def _elsewhere(member: Membership, out: QuerySet[PlaceCount], territory: int) -> Q:
    """Condition on vacancies out of a territory: those that may be seen all the same are among these. What was once
    there, what one acts for, and the places of the landlords with whom one has dealings: few, or none."""
    own = member.organisation_id
    dealing = Convention.objects.landlords_of(own).union(
        LedgerLine.objects.filter(holder__organisation=own).order_by().values("ledger__landlord"),
        StockRight.objects.filter(holder__organisation=own).order_by().values("landlord"),
    )
    ids = set[int]()
    if TerritoryLink.objects.filter(container=territory, until__isnull=False).exists():
        ids |= set(Vacancy.objects.once_in(territory).order_by().values_list("pk", flat=True))
    places: set[tuple[int, int]] = set()
    if member.is_holder:
        theirs = out.filter(OneOf(F("landlord"), ArraySubquery(dealing.order_by())))
        places |= set(theirs.values_list("landlord", "commune"))
        ids |= set(Routing.objects.filter(acting=own, closed_at=None).order_by().values_list("vacancy", flat=True))
    landlords, communes = {landlord for landlord, _ in places}, {commune for _, commune in places}
    return Q(pk__in=ids) | Q(landlord__in=landlords, commune__in=communes)


def _counted(kept: QuerySet[PlaceCount]) -> list[SeenPlace]:
    return [SeenPlace(*row) for row in kept.values_list(*KEY).annotate(sum=Sum("units"))]


def _read(seen: QuerySet[Vacancy]) -> list[SeenPlace]:
    return [SeenPlace(*row) for row in _by_place(seen)]


def _by_place(seen: QuerySet[Vacancy], *more: str) -> QuerySet[Vacancy, tuple[int, ...]]:
    dated = seen.order_by().annotate(year=ExtractYear("registered_on"))
    return dated.values_list(*more, *KEY).annotate(count=Count("pk"))


def units_in(places: Iterable[SeenPlace]) -> int:
    """How many units they hold."""
    return sum(place.units for place in places)
