"""The stock: finding a unit by what a clerk types of it, and listing units with what they bear."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from flux.models import OutsideFlow, StockAssignment, Unit, UnitReader, Vacancy
from reservations.models import Membership, StockRight
from reservations.models.searched import holds
from reservations.models.territory import search_key

#: Kinds of street, spelt out by people and abridged by RPLS: they tell no unit from another.
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
    """How a unit falls vacant whatever is said: kept in stock (`stock_of`), outside what shares bear on; else ""."""
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
