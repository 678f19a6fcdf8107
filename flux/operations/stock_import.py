"""The acts on stock import.

* The programme that a name means: written alike, or otherwise but for case and accents when one alone is so called.
* Importing a landlord's stock: programmes and units, written once, whatever the number of times it is asked.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import cast

from django.utils import timezone

from flux.models import Programme, Unit
from flux.operations.description import describe_all
from reservations.models import Landlord, Territory, User
from reservations.models.guards import in_order
from reservations.models.territory import search_key
from reservations.models.wall import atomic
from reservations.refusals import Refusal

#: A name without accents or case, and a commune (id).
type Key = tuple[str, int]


class ProgrammeNames:
    """The programmes of a landlord, by their names. One query, then none."""

    def __init__(self, landlord: Landlord) -> None:
        self.found: dict[Key, list[Programme]] = defaultdict(list)
        self.last = 0  # the highest of their numbers
        for programme in Programme.objects.filter(landlord=landlord).order_by("number"):
            self.add(programme)

    def add(self, programme: Programme) -> None:
        """One more, written since."""
        self.found[search_key(programme.name), programme.commune_id].append(programme)
        self.last = max(self.last, programme.number)

    def one(self, name: str, commune: int) -> Programme | None:
        """The one that this name means in a commune (id); None when none is called so.

        Raises Refusal, for who asked to write which, when several are and none is written so.
        """
        alike = self.found.get((search_key(name), commune), [])
        for programme in alike:
            if programme.name == name:
                return programme
        if len(alike) > 1:
            raise Refusal(which_one(each.name for each in alike), field="programme")
        return alike[0] if alike else None

    def moves(self, programme: Programme, name: str, commune: int) -> bool:
        """Does a unit of this programme go to another, when its commune (id) and the name of its programme are these?
        Case and accents alone move it when another is written just so."""
        if search_key(name) != search_key(programme.name):
            return True
        alike = self.found.get((search_key(name), commune), [])
        return any(each.name == name and each.pk != programme.pk for each in alike)


def which_one(names: Iterable[str]) -> str:
    """What to write when several programmes of a commune are called so."""
    spellings = " ou ".join(f"« {name} »" for name in names)
    return (
        "plusieurs programmes de cette commune portent ce nom, aux majuscules et aux accents près : recopiez celui que "
        f"vous voulez, {spellings}."
    )


#: What states two units apart, within a landlord (constraint `unit_unique_address_ordinal`).
ADDRESS = ("commune_id", "street_number", "street_index", "street_type", "street_name", "ordinal")
#: What an import brings up to date, the programme first. The reference is given once, and stays.
ATTRIBUTES = (
    "programme_id",
    "postal_code",
    "rooms",
    "surface",
    "financing_code",
    "in_qpv",
    "construction_year",
    "is_house",
    "energy_class",
)
#: Those of them that are dated.
DATED = ("rooms", "financing_code", "in_qpv", "construction_year")
BATCH = 1000

type Values = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Lot:
    """Units of one address that have the same attributes: `count` of them, from the ordinal `first` on.

    `commune`: INSEE code of a commune or a municipal district. `surface`: m² of one unit. None: not known.
    """

    commune: str
    street_number: str
    street_index: str
    street_type: str
    street_name: str
    postal_code: str
    programme: str
    first: int
    count: int
    rooms: int
    surface: Decimal | None
    financing_code: str
    in_qpv: bool | None
    construction_year: int | None
    is_house: bool | None
    energy_class: str


@dataclass(frozen=True, slots=True)
class StockImported:
    """What the import did. `beyond`: units known at the addresses of the file that the file no longer counts."""

    created: int
    updated: int
    unchanged: int
    programmes_created: int
    beyond: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """What there is to write: `programmes` are new, `units` new or changed."""

    programmes: list[Programme]
    units: list[Unit]
    outcome: StockImported


@atomic
def import_stock(
    *, landlord: Landlord, lots: Sequence[Lot], since: date | None = None, by: User | None = None
) -> StockImported:
    """Write the units of `lots`, their address telling which are already known. Asking again changes nothing.

    What the file says of a known unit, and that differs, is a change that begins on the day `since`, today by default;
    what was not known is completed, and its past follows (flux/operations/description.py).
    Imports of one landlord wait for each other. No unit is ever removed: vacancies, leases and rights bear on it.
    The cost is five reads, and one write for 1,000 units that are new or changed.
    Raises KeyError when a commune is not known, ValueError when two lots give one ordinal of an address: the
    reading of the file lets neither through.
    """
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    plan = _plan(landlord, lots)
    Programme.objects.bulk_create(plan.programmes, batch_size=BATCH)
    facts = {unit.reference: {name: getattr(unit, name) for name in DATED} for unit in plan.units}
    describe_all(
        Unit.objects.filter(landlord=landlord, reference__in=list(facts)),
        lambda unit: facts[unit.reference],
        since=since or timezone.localdate(),
        source="fichier RPLS",
        by=by,
    )
    Unit.objects.bulk_create(
        plan.units,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["landlord", *(name.removesuffix("_id") for name in ADDRESS)],
        update_fields=[name.removesuffix("_id") for name in ATTRIBUTES],
    )
    return plan.outcome


def preview_stock(*, landlord: Landlord, lots: Sequence[Lot]) -> StockImported:
    """What `import_stock` would do, without writing: consequence before commitment."""
    return _plan(landlord, lots).outcome


@dataclass(frozen=True, slots=True)
class LotFound:
    """Of the units of one lot: how many are new, how many known and described otherwise; of the first of these, by name
    of ATTRIBUTES, what was known (a programme by its name)."""

    new: int
    changed: int
    before: dict[str, object]


def find_lots(*, landlord: Landlord, lots: Sequence[Lot]) -> tuple[list[LotFound], int]:
    """What is known of each, in their order, and how many units are known at their addresses that none counts. Five
    reads. Raises KeyError when a commune is not known."""
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, code__in={lot.commune for lot in lots})
    commune_ids = dict(communes.order_by().values_list("code", "pk"))
    programmes, _ = _programmes(landlord, lots, commune_ids)
    names = dict(Programme.objects.filter(landlord=landlord).order_by().values_list("pk", "name"))
    rows = Unit.objects.filter(landlord=landlord).order_by().values_list(*ADDRESS, *ATTRIBUTES)
    known: dict[Values, Values] = {tuple(row[: len(ADDRESS)]): tuple(row[len(ADDRESS) :]) for row in rows}
    found, met = [], set[Values]()
    for lot in lots:
        commune_id, new, changed, before = commune_ids[lot.commune], 0, 0, dict[str, object]()
        given = _attributes(lot, programmes[lot.programme, commune_id])
        for ordinal in range(lot.first, lot.first + lot.count):
            address = _address(lot, commune_id, ordinal)
            met.add(address)
            kept = known.get(address)
            new += kept is None
            if kept is not None and kept != given:
                changed += 1
                differing = zip(ATTRIBUTES, kept, given, strict=True)
                before = before or {name: value for name, value, now in differing if value != now}
        if "programme_id" in before:
            before["programme_id"] = names.get(cast("int", before["programme_id"]), "")
        found.append(LotFound(new, changed, before))
    places = {address[:-1] for address in met}
    return found, sum(address[:-1] in places and address not in met for address in known)


def _plan(landlord: Landlord, lots: Sequence[Lot]) -> _Plan:
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, code__in={lot.commune for lot in lots})
    commune_ids = dict(communes.order_by().values_list("code", "pk"))
    programmes, new_programmes = _programmes(landlord, lots, commune_ids)
    known: dict[Values, tuple[str, Values]] = {
        tuple(row[: len(ADDRESS)]): (row[len(ADDRESS)], tuple(row[len(ADDRESS) + 1 :]))
        for row in Unit.objects.filter(landlord=landlord).order_by().values_list(*ADDRESS, "reference", *ATTRIBUTES)
    }
    references = References(landlord, (reference for reference, _ in known.values()))

    units: list[Unit] = []
    met: set[Values] = set()
    created = 0
    for lot in lots:
        commune_id = commune_ids[lot.commune]
        programme = programmes[lot.programme, commune_id]
        values = _attributes(lot, programme)
        for ordinal in range(lot.first, lot.first + lot.count):
            address = _address(lot, commune_id, ordinal)
            if address in met:
                raise ValueError(f"Two lots give the ordinal {ordinal} of one address: {lot}")
            met.add(address)
            reference, before = known.get(address, ("", ()))
            if before == values:
                continue
            created += not reference
            units.append(
                Unit(
                    landlord=landlord,
                    programme=programme,
                    reference=reference or references.next_in(programme),
                    **dict(zip((*ADDRESS, *ATTRIBUTES[1:]), (*address, *values[1:]), strict=True)),
                )
            )
    places = {address[:-1] for address in met}
    outcome = StockImported(
        created=created,
        updated=len(units) - created,
        unchanged=len(met) - len(units),
        programmes_created=len(new_programmes),
        beyond=sum(address[:-1] in places and address not in met for address in known),
    )
    return _Plan(new_programmes, units, outcome)


def _programmes(
    landlord: Landlord, lots: Iterable[Lot], commune_ids: dict[str, int]
) -> tuple[dict[tuple[str, int], Programme], list[Programme]]:
    """The programmes of the lots, by name and commune; and those of them to create, once for all accents and cases.

    Raises Refusal: several are called so, and none just so.
    """
    names, found, new = ProgrammeNames(landlord), dict[tuple[str, int], Programme](), list[Programme]()
    for name, commune_id in dict.fromkeys((lot.programme, commune_ids[lot.commune]) for lot in lots):
        programme = names.one(name, commune_id)
        if programme is None:
            programme = Programme(landlord=landlord, number=names.last + 1, name=name, commune_id=commune_id)
            names.add(programme)
            new.append(programme)
        found[name, commune_id] = programme
    return found, new


def _address(lot: Lot, commune_id: int, ordinal: int) -> Values:
    """In the order of ADDRESS."""
    return (commune_id, lot.street_number, lot.street_index, lot.street_type, lot.street_name, ordinal)


def _attributes(lot: Lot, programme: Programme) -> Values:
    """In the order of ATTRIBUTES."""
    return (
        programme.pk,
        lot.postal_code,
        lot.rooms,
        lot.surface,
        lot.financing_code,
        lot.in_qpv,
        lot.construction_year,
        lot.is_house,
        lot.energy_class,
    )


class References:
    """Gives references: « RH-03-009 » is the ninth unit that programme 3 of the landlord RH was given."""

    def __init__(self, landlord: Landlord, taken: Iterable[str]) -> None:
        self.acronym = landlord.acronym
        self.last: Counter[int] = Counter()
        shape = re.compile(rf"{re.escape(landlord.acronym)}-([0-9]+)-([0-9]+)")
        for reference in taken:
            if match := shape.fullmatch(reference):
                number, rank = int(match[1]), int(match[2])
                self.last[number] = max(self.last[number], rank)

    def next_in(self, programme: Programme) -> str:
        self.last[programme.number] += 1
        return f"{self.acronym}-{programme.number:02d}-{self.last[programme.number]:03d}"
