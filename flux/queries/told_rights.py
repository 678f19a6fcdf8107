"""What item 63 of the RPLS says of a landlord's units, and the units of it that no right in stock covers yet.

The item says that a unit was reserved, under which contingent, and nothing else: whose right it is, on what ground and
until when is for the landlord's manager to say. A unit of a programme where titles of that contingent bear on as many
units as the file tells is covered too, though no title names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import md5

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, StringAgg, Sum, TextField, Value
from django.db.models.functions import MD5, Cast

from flux.models import StockAssignment, ToldAside, Unit
from flux.models.told import TOLD
from reservations.models import FileImport, Landlord, ReservationHolder, Territory

#: Under this code a unit is reserved to nobody.
NOT_RESERVED = ReservationHolder.Contingent.NOT_RESERVED


@dataclass(frozen=True, slots=True)
class ToldCode:
    """A code of item 63: how many units have it, how many of them no right covers, and what was said of it."""

    code: int
    units: int
    left: int
    aside: ToldAside | None

    @property
    def to_check(self) -> int:
        """The units that still ask for an answer."""
        return 0 if self.aside else self.left


def told_units(landlord: Landlord) -> QuerySet[Unit]:
    """The landlord's units that item 63 says reserved, under whatever code."""
    return Unit.objects.filter(landlord=landlord, left_on=None, told_contingent__isnull=False).exclude(
        told_contingent=NOT_RESERVED
    )


def unchecked(landlord: Landlord) -> Q:
    """Condition on `told_units`: no title was ever recorded for the unit, nor for enough units of its programme.
    Two queries, of the programmes that bear titles by number."""
    condition = ~Q(Exists(StockAssignment.objects.filter(unit=OuterRef("pk"))))
    for code, programmes in _covered_by_number(landlord).items():
        condition &= ~Q(told_contingent=code, programme__in=programmes)
    return condition


def _covered_by_number(landlord: Landlord) -> dict[int, list[int]]:
    """By code, the programmes where titles bear on as many units, not named, as the file tells without a title."""
    borne = StockAssignment.objects.filter(right__landlord=landlord, programme__isnull=False).order_by()
    held = {
        (programme, code): units
        for programme, code, units in borne.values_list("programme", "right__holder__contingent").annotate(
            units=Sum("units")
        )
    }
    named = Exists(StockAssignment.objects.filter(unit=OuterRef("pk")))
    told = told_units(landlord).filter(~named, programme__in={programme for programme, _ in held}).order_by()
    covered: dict[int, list[int]] = defaultdict(list)
    for programme, code, units in told.values_list("programme", "told_contingent").annotate(units=Count("pk")):
        if held.get((programme, code), 0) >= units:
            covered[code].append(programme)
    return covered


def told_codes(landlord: Landlord) -> list[ToldCode]:
    """Each code that the landlord's units have, in order. Four queries."""
    aside = ToldAside.objects.left_aside(landlord)
    counted = (
        told_units(landlord)
        .order_by("told_contingent")
        .values_list("told_contingent")
        .annotate(units=Count("pk"), left=Count("pk", filter=unchecked(landlord)))
    )
    return [ToldCode(code, units, left, aside.get(code)) for code, units, left in counted]


def unchecked_of(landlord: Landlord, code: int) -> QuerySet[Unit]:
    """The units of one code that no right covers, programme by programme."""
    found = told_units(landlord).filter(unchecked(landlord), told_contingent=code)
    return found.select_related("programme", "commune").order_by("programme__name", "programme", "reference", "pk")


def seal(ids: Iterable[int]) -> str:
    """A digest of these units: another one when one of them came or left."""
    return md5(",".join(str(pk) for pk in sorted(ids)).encode(), usedforsecurity=False).hexdigest()


def seal_of(units: QuerySet[Unit]) -> tuple[int, str]:
    """How many units these are, and their `seal`, without reading them. One query."""
    ids = StringAgg(Cast("pk", TextField()), delimiter=Value(","), order_by="pk")
    told = units.order_by().aggregate(units=Count("pk"), seal=MD5(ids))
    return told["units"], told["seal"] or ""


def holders_of(landlord: Landlord, code: int, *, on: date) -> QuerySet[ReservationHolder]:
    """Who may hold the rights of this code: its holders that are not closed, whose territory has some of its units, or
    who have none."""
    communes = told_units(landlord).filter(told_contingent=code).order_by().values("commune")
    there = Q(organisation__territory=None) | Q(organisation__territory__in=Territory.objects.covering(communes, on=on))
    holders = ReservationHolder.objects.filter(there, contingent=code, organisation__closed_on=None)
    return holders.exclude(contingent=NOT_RESERVED).select_related("organisation")


def file_of(landlord: Landlord) -> str:
    """The name of the latest file that said units reserved; "" when none is kept. One query."""
    files = FileImport.objects.filter(
        organisation=landlord.organisation_id, kind="logements", state=FileImport.State.DONE, topics__has_key=TOLD
    )
    return files.order_by("-pk").values_list("name", flat=True).first() or ""
