"""What is read of units.

* Rows chosen by their ids, given to the database as one array: in a list each id is a value that is written, sent and
  read apart, and a set may be looked for among all the rows.
* The stock: finding a unit by what a clerk types of it, and listing units with what they bear.
* The descriptions of a unit, each with what it counts and what became of it.
* Units of a balance whose description lacks an axis of the law: counted as « non renseigné », and to complete.
* Where and when fell vacant what a person sees listed, and how many there are: from the counts of each place.
* The rule is that of `VacancyQuerySet.visible_to`, stated of places: what lists count, and let one choose, costs as
  many rows as there are places, whatever they hold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import ExtractYear

from flux.models import (
    FlowEntry,
    Ledger,
    LedgerLine,
    OutsideFlow,
    PlaceCount,
    Routing,
    RoutingCount,
    StockAssignment,
    Unit,
    UnitDescription,
    UnitReader,
    Vacancy,
)
from flux.models.sight import promised_to
from flux.queries.cells import Axis, Cells
from reservations.models import Convention, Membership, ReservationHolder, StockRight, Territory
from reservations.models.searched import holds
from reservations.models.territory import OneOf, search_key, within
from reservations.models.together import Row, Steps, queried, stepwise, together
from reservations.queries.rows import ids_first


def among(ids: Iterable[int] | ArraySubquery) -> Func:
    """Condition on rows: their id is one of these, given or found first."""
    given = ids if isinstance(ids, ArraySubquery) else Value(f"{{{','.join(map(str, ids))}}}")
    return Func(
        F("pk"),
        given,
        template="%(expressions)s::bigint[])",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


#: Kinds of street, spelt out by people and abridged by RPLS: they state no unit from another.
STREETS = re.compile(
    "all(ee)?|av(e|enue)?|bl?d|boulevard|ch(e|emin)?|cours|crs|imp(asse)?|pl(ace)?|q(uai)?|r(ue|te|oute)?|sq(uare)?"
)


def matching(units: QuerySet[Unit], text: str) -> QuerySet[Unit]:
    """The units whose reference, RPLS identifier, address, programme or commune hold every word of `text`.

    Accents, case and punctuation do not matter, nor the kind of street. A figure is a street number, an RPLS identifier
    or one of the figures of a reference, whole: « 12 » is not in « 012 ». Units of no word: none.
    """
    words = search_key(text).split()
    words = [word for word in words if not STREETS.fullmatch(word)] or words
    if not words:
        return units.none()
    condition = Q()
    for word in words:
        condition &= Q(words__contains=f"={word}=") if word.isdecimal() else holds("words", word)
    return units.filter(condition)


def written_alike(landlord: int, references: Iterable[str], *, but: int | None = None) -> dict[str, str]:
    """By reference that differs from that of another unit of the landlord (id) by its capitals alone: the other one.
    One query, by the index of references, for all of them."""
    asked = {each: {each.upper(), each.lower(), each.capitalize()} - {each} for each in references}
    found = Unit.objects.filter(landlord=landlord, reference__in=set().union(*asked.values()))
    others = set(found.exclude(pk=but or 0).values_list("reference", flat=True))
    return {each: min(met) for each, written in asked.items() if (met := written & others)}


def opened_by(member: Membership) -> QuerySet[UnitReader, int]:
    """The ids of the units that a holder opens, in the order of their references: by an index, and without what they
    say."""
    seen = UnitReader.objects.filter(organisation=member.organisation_id)
    return (seen if member.is_holder else seen.none()).order_by("reference", "unit_id").values_list("unit", flat=True)


def with_stock(units: QuerySet[Unit], *, on: date) -> QuerySet[Unit]:
    """Annotate `in_stock`: does the unit bear a living stock right on that day?"""
    living = StockAssignment.objects.living(on).filter(unit=OuterRef("pk"))
    return units.annotate(in_stock=Exists(living))


def stock_of(unit: Unit, *, on: date) -> StockAssignment | None:
    """The living stock right that the unit bears on that day, with its holder."""
    return (
        StockAssignment.objects.living(on)
        .filter(unit=unit)
        .select_related("right__holder__organisation")
        .order_by(F("starts_on").desc())
        .first()
    )


def class_of(unit: Unit, *, on: date, stock: StockAssignment | None) -> str:
    """How a unit falls vacant whatever is stated: kept in stock (`stock_of`), outside what shares bear on; else ""."""
    if stock is not None:
        return Vacancy.Kind.STOCK
    return Vacancy.Kind.OUTSIDE if OutsideFlow.objects.in_force(on).filter(unit=unit).exists() else ""


@dataclass(frozen=True, slots=True)
class ProgrammePlace:
    """A right on so many units of a programme that one of them may use, and how many it may still take."""

    assignment: StockAssignment
    left: int


def programme_places(unit: Unit, *, on: date) -> list[ProgrammePlace]:
    """The living rights of its programme that this unit may use on that day: the oldest title first. Two queries.

    A recurring right follows the units that it took once, and takes others only up to its number; a single right is
    used up by as many lettings. A unit that bears a right itself uses no other: ask `stock_of` first.
    """
    living = list(
        StockAssignment.objects.living(on)
        .filter(programme=unit.programme_id)
        .with_taken(on)
        .select_related("right__holder__organisation")
        .order_by("right__starts_on", "right", "pk")
    )
    if not living:
        return []
    followed = set(
        unit.vacancies.filter(stock_right__in=[assignment.right_id for assignment in living])
        .order_by()
        .values_list("stock_right", flat=True)
    )
    places = [ProgrammePlace(assignment, assignment.units - assignment.taken) for assignment in living]
    recurring = StockRight.Use.RECURRING
    return [
        place
        for place in places
        if place.left > 0 or (place.assignment.right.use == recurring and place.assignment.right_id in followed)
    ]


Stage = FlowEntry.Stage
COUNTED = {"offered": Stage.OFFERED, "allocated": Stage.ALLOCATED, "leased": Stage.LEASED}


@dataclass(frozen=True, slots=True)
class Described:
    """A description, the acts that count under it, and the one that took its place when it was false."""

    description: UnitDescription
    replaced_by: UnitDescription | None
    offered: int = 0
    allocated: int = 0
    leased: int = 0


def descriptions_of(unit: Unit) -> list[Described]:
    """From the first day to the last; what was false comes before what took its place. Two queries."""
    rows = list(unit.descriptions.select_related("commune", "recorded_by").order_by("since", "pk"))
    begins = {row.pk: row.since for row in rows}
    replaced = {row.corrects_id: row for row in rows if row.corrects_id and begins[row.corrects_id] == row.since}
    sums = {name: Sum("quantity", filter=Q(stage=stage), default=0) for name, stage in COUNTED.items()}
    rows_of: Iterable[Any] = (
        FlowEntry.objects.filter(vacancy__unit=unit, stage__in=COUNTED.values())
        .order_by()
        .values("description")
        .annotate(**sums)
    )
    found = {row["description"]: {name: row[name] for name in COUNTED} for row in rows_of}
    return [Described(row, replaced.get(row.pk), **found.get(row.pk, {})) for row in rows]


#: The axes that a description may lack: typology and commune are always there.
LACKING = {
    Axis.FINANCING: "financing_code",
    Axis.QPV: "in_qpv",
    Axis.PERIOD: "construction_year",
}


def lacks(axis: Axis) -> Q:
    """Condition on units, or on their descriptions: they lack this axis."""
    name = LACKING[axis]
    return Q(**{name: ""}) if axis == Axis.FINANCING else Q(**{f"{name}__isnull": True})


def lacks_any() -> Q:
    """Condition: they lack one axis at least."""
    return lacks(Axis.FINANCING) | lacks(Axis.QPV) | lacks(Axis.PERIOD)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Units offered, first lettings too, a unit as many times as it was: how many have every axis, and how many lack
    each one."""

    offered: int
    incomplete: int
    by_axis: dict[Axis, int]

    @property
    def complete(self) -> int:
        return self.offered - self.incomplete


def completeness(cells: Cells) -> Completeness:
    """How complete what some cells count as offered is described."""
    counted = cells.total()
    return Completeness(
        counted.offered + counted.first_lettings,
        cells.lacking.get(None, 0),
        {axis: cells.lacking.get(axis, 0) for axis in LACKING},
    )


#: How many times a unit was offered, among the offers that `_offered` joins.
OFFERS = Sum("vacancies__entries__quantity")
ORDER = ("commune__search_name", "reference", "pk")


def lacking_units(
    ledgers: Collection[Ledger],
    vacancies: QuerySet[Vacancy],
    communes: Collection[int] | None = None,
    *,
    year: int,
) -> QuerySet[Unit]:
    """Units that fell vacant, among `vacancies`, were offered in a year in these accounts and lack an axis; with
    `offers`: how many times each was offered."""
    among_them = Q(vacancies__in=vacancies.order_by().values("pk"))
    offered = _offered(ledgers, communes, year, among_them).annotate(offers=OFFERS).filter(offers__gt=0)
    return offered.select_related("commune", "programme").order_by(*ORDER)


def lacking_offers(
    ledgers: Collection[Ledger],
    vacancies: QuerySet[Vacancy],
    communes: Collection[int] | None = None,
    *,
    year: int,
) -> list[tuple[int, int]]:
    """The same units, in the same order: (id, how many times it was offered). Two queries: of those that lack an axis
    alone is it asked whether they are among `vacancies`."""
    offered = _offered(ledgers, communes, year).order_by(*ORDER)
    rows = list(offered.values_list("pk", "vacancies").annotate(offers=OFFERS))
    among_them = vacancies.filter(among(vacancy for _, vacancy, _ in rows))
    seen = set(among_them.order_by().values_list("pk", flat=True))
    found = Counter[int]()
    for unit, vacancy, offers in rows:
        if vacancy in seen:
            found[unit] += offers
    return [(unit, offers) for unit, offers in found.items() if offers > 0]


def _offered(
    ledgers: Collection[Ledger], communes: Collection[int] | None, year: int, also: Q | None = None
) -> QuerySet[Unit]:
    """Units, joined to what was offered of them in a year under a description that lacks an axis; `also`: a condition
    on the same vacancies."""
    described = UnitDescription.objects.filter(lacks_any()).order_by()
    if communes is not None:
        described = described.filter(commune__in=communes)
    return Unit.objects.filter(
        also or Q(),
        vacancies__ledger__in=ledgers,
        vacancies__entries__ledger__in=ledgers,
        vacancies__entries__ledger=F("vacancies__ledger"),
        vacancies__entries__description__in=described.values("pk"),
        vacancies__entries__stage=FlowEntry.Stage.OFFERED,
        vacancies__entries__acted_on__year=year,
    )


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


@stepwise
def seen_places(member: Membership) -> Steps[list[SeenPlace]]:
    """All that a person sees listed. One query, two for whoever oversees a territory."""
    kept = PlaceCount.objects.filter(units__gt=0).order_by()
    territory = member.organisation.territory_id
    if member.is_administrator:
        return _places((yield [_counted(kept)]))
    if member.landlord is not None:
        return _places((yield [_counted(kept.filter(landlord=member.landlord))]))
    if not (member.is_overseer and territory):
        return (yield from _promised(member)) if member.is_holder else []
    here = within(territory, commune="commune")
    # Its communes are found first, and their places by an index.
    communes = Territory.objects.filter(within(territory)).order_by().values("pk")
    there = kept.filter(OneOf(F("commune"), ArraySubquery(communes)))
    elsewhere, (counted,) = yield from together(
        _elsewhere(member, kept.exclude(here), territory), queried(_counted(there))
    )
    beyond = Vacancy.objects.visible_to(member).filter(~here & elsewhere)
    return _places([counted, *(yield [_by_place(beyond)])])


def _promised(member: Membership) -> Steps[list[SeenPlace]]:
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
    counted = places.filter(promised=True).annotate(came=Value(0)).values_list("came", *KEY).annotate(sum=Sum("units"))
    communes = places.filter(promised=False).values("commune")
    opened = UnitReader.objects.filter(organisation=own, commune__in=communes).order_by().values("unit")
    there = Vacancy.objects.filter(unit__in=ids_first(opened)).order_by().values("pk")
    came = Vacancy.objects.filter(pk__in=ids_first(there)).file_open_to(member)
    (rows,) = yield [counted.union(_by_place(came.annotate(came=Value(1)), "came"), all=True).order_by()]
    # Of what came there, that which is promised is counted already.
    known = {row[1:4] for row in rows if not row[0]}
    return [SeenPlace(*row[1:]) for row in rows if not row[0] or row[1:4] not in known]


def _elsewhere(member: Membership, out: QuerySet[PlaceCount], territory: int) -> Steps[Q]:
    """Condition on vacancies out of a territory: those that may be seen all the same are among these. What was once
    there, what one acts for, and the places of the landlords with whom one has dealings: few, or none. One step."""
    own = member.organisation_id
    dealing = Convention.objects.landlords_of(own).union(
        LedgerLine.objects.filter(holder__organisation=own).order_by().values("ledger__landlord"),
        StockRight.objects.filter(holder__organisation=own).order_by().values("landlord"),
    )
    ids: list[QuerySet[Any, Any]] = [Vacancy.objects.once_in(territory).order_by().values_list("pk")]
    theirs: list[QuerySet[Any, Any]] = []
    if member.is_holder:
        ids.append(Routing.objects.filter(acting=own, closed_at=None).order_by().values_list("vacancy"))
        near = out.filter(OneOf(F("landlord"), ArraySubquery(dealing.order_by())))
        theirs.append(near.values_list("landlord", "commune"))
    read = yield [*ids, *theirs]
    places = {place for rows in read[len(ids) :] for place in rows}
    landlords, communes = {landlord for landlord, _ in places}, {commune for _, commune in places}
    found = {pk for rows in read[: len(ids)] for (pk,) in rows}
    return Q(pk__in=found) | Q(landlord__in=landlords, commune__in=communes)


def _counted(kept: QuerySet[PlaceCount]) -> QuerySet[PlaceCount, Any]:
    return kept.values_list(*KEY).annotate(sum=Sum("units"))


def _places(read: Iterable[Sequence[Row]]) -> list[SeenPlace]:
    return [SeenPlace(*row) for rows in read for row in rows]


def _by_place(seen: QuerySet[Vacancy], *more: str) -> QuerySet[Vacancy, tuple[int, ...]]:
    dated = seen.order_by().annotate(year=ExtractYear("registered_on"))
    return dated.values_list(*more, *KEY).annotate(count=Count("pk"))


def units_in(places: Iterable[SeenPlace]) -> int:
    """How many units they hold."""
    return sum(place.units for place in places)
