"""The acts on units.

* What the landlord's staff say of a unit: what no open data says (floor, lift, access, rent), and what a balance
  needs and a file did not give (financing, QPV, year).
* How a unit is known elsewhere: its landlord's reference, its identifier in the RPLS, the software it comes from.
* The units of a new programme, before the RPLS knows them: so many alike at one address, with references of ours
  until they have the landlord's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from flux import financing
from flux.models import Programme, Unit, UnitDescription
from flux.models.unit import LONGEST_REFERENCE, RPLS_ID, UNIT_BOUNDS
from flux.operations.description import completed, in_force
from flux.operations.stock import refuse_gone
from flux.operations.unit_file import PLACE, copy_units, give_references, ordinals_at
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, Landlord, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak
from reservations.rounding import rounded

#: What balances class units by, and a description may lack: "" or None is « non renseigné ».
CLASSED_BY = ("financing_code", "in_qpv", "construction_year")


class UnitRefused(Refusal):
    """A fact of a unit that cannot be; `field` is its column."""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """The columns of a unit that its landlord types; None is « non renseigné ». Rent and charges in euros a month."""

    floor: int | None = None
    has_lift: bool | None = None
    is_accessible: bool | None = None
    rent: Decimal | None = None
    charges: Decimal | None = None
    is_adapted_plai: bool = False


@atomic
def describe_unit(*, unit: Unit, facts: UnitFacts, classed: Mapping[str, Any] | None = None, by: User) -> Unit:
    """Write what the landlord knows of its unit; who changed what is kept. Nothing is written when nothing changes.

    `classed`: what was not known of CLASSED_BY, and is now. The balances of every year then count the unit there; what
    was sent stays as it was. What is known already is an error or a change, and says since when
    (flux/operations/description.py).

    Raises UnitRefused: a floor, a rent, charges or a year that cannot be, a financing that RPLS does not know; a PLAI
    adapté that is no PLAI (CCH, D331-25-1); a known fact stated otherwise.
    """
    held = in_order(Unit.objects.all()).get(pk=unit.pk)
    values = {name: value for name, value in (classed or {}).items() if name in CLASSED_BY}
    _check_classed(held, values)
    _check(values.get("financing_code", held.financing_code), facts)
    wanted = asdict(facts) | values
    if fault := first_fault(UNIT_BOUNDS, wanted):
        raise UnitRefused(fault[1], field=fault[0])
    changed = {
        name: [_plain(getattr(held, name)), _plain(value)]
        for name, value in wanted.items()
        if getattr(held, name) != value
    }
    if changed:
        rows = in_force(list(held.descriptions.order_by("since", "pk")))
        UnitDescription.objects.bulk_create(completed(rows, values, source="", by=by))
        for name in changed:
            setattr(held, name, wanted[name])
        held.save(update_fields=list(changed))
        record(held, HistoryEntry.Act.EDITED, by=by, details=changed)
    return held


def _check_classed(held: Unit, values: Mapping[str, Any]) -> None:
    known = next((name for name, value in values.items() if getattr(held, name) not in ("", None, value)), None)
    if known is not None:
        raise UnitRefused(
            "Ce fait est déjà renseigné : corrigez une erreur ou datez un changement dans la description datée.",
            field=known,
        )
    code = values.get("financing_code", "")
    if code and not financing.is_known(code):
        raise UnitRefused("Choisissez un financement de la liste.", field="financing_code")


def _check(financing_code: str, facts: UnitFacts) -> None:
    if facts.is_adapted_plai and financing.group_of(financing_code) != "PLAI":
        raise UnitRefused(
            "Un PLAI adapté est d’abord un PLAI (CCH, D331-25-1) : ce logement a un autre financement.",
            field="is_adapted_plai",
        )


def _plain(value: Any) -> Any:
    return str(rounded(value, 2)) if isinstance(value, Decimal) else value


class IdentityRefused(Refusal):
    """A reference or an identifier that cannot be; `field` is its column."""


@atomic
def identify_unit(
    *, unit: Unit, reference: str, rpls_id: str = "", software: str = "", why: str = "", by: User | None
) -> Unit:
    """Give a unit the reference that its landlord knows it by; what it was before stays in its story.

    Nothing is written when nothing changes. Raises IdentityRefused: no reference, one too long, an identifier that the
    directory never gives; and Refusal: another unit of the landlord has it already, or has this RPLS identifier.
    """
    values = {name: " ".join(text.split()) for name, text in (("reference", reference), ("software", software))}
    values["rpls_id"] = "".join(rpls_id.split()).upper()
    if not values["reference"]:
        raise IdentityRefused("Écrivez la référence du logement dans votre logiciel.", field="reference")
    for name, longest in (("reference", LONGEST_REFERENCE), ("rpls_id", 14), ("software", 40)):
        if len(values[name]) > longest:
            raise IdentityRefused(f"{longest} caractères au plus : raccourcissez-la.", field=name)
    if not RPLS_ID.fullmatch(values["rpls_id"]):
        raise IdentityRefused(
            "Recopiez-le du fichier du répertoire (IDENT_REP) : des chiffres et des lettres, rien d’autre.",
            field="rpls_id",
        )
    held = in_order(Unit.objects.all()).get(pk=unit.pk)
    changed = {name: [getattr(held, name), text] for name, text in values.items() if getattr(held, name) != text}
    if changed:
        for name, text in values.items():
            setattr(held, name, text)
        held.is_own_reference = held.is_own_reference or "reference" in changed
        with constraints_speak(Unit):
            held.save(update_fields=[*values, "is_own_reference"])
        record(held, HistoryEntry.Act.EDITED, by=by, why=why, details=changed)
    return held


#: More at once is a file.
MOST = 500


class UnitsRefused(Refusal):
    """Units that cannot be; `field` is the column."""


@dataclass(frozen=True, slots=True)
class Alike:
    """What the new units have in common, by column of a unit; None and "" are « non renseigné »."""

    rooms: int
    financing_code: str
    street_number: str = ""
    street_index: str = ""
    street_type: str = ""
    street_name: str = ""
    postal_code: str = ""
    surface: Decimal | None = None
    in_qpv: bool | None = None
    construction_year: int | None = None
    is_house: bool | None = None


@atomic
def create_units(*, programme: Programme, count: int, alike: Alike, by: User | None) -> list[str]:
    """Add so many units to a programme; the RPLS, or a file, will know them later at this address. Their references.

    Raises UnitsRefused: none, or more than MOST; a financing that the RPLS does not know, a figure that cannot be.
    """
    if not 1 <= count <= MOST:
        raise UnitsRefused(f"Écrivez de 1 à {MOST} logements : au-delà, donnez un fichier.", field="count")
    if not financing.is_known(alike.financing_code):
        raise UnitsRefused("Choisissez un financement de la liste.", field="financing_code")
    facts = asdict(alike)
    if fault := first_fault(UNIT_BOUNDS, {bound.field: facts.get(bound.field) for bound in UNIT_BOUNDS}):
        raise UnitsRefused(fault[1], field=fault[0])
    landlord = in_order(Landlord.objects.all()).get(pk=programme.landlord_id)
    refuse_gone(programme)
    place = facts | {"commune_id": programme.commune_id}
    last = ordinals_at(landlord, [place])[tuple(place.get(name, "") for name in PLACE)]
    units = [
        Unit(landlord=landlord, programme=programme, commune_id=programme.commune_id, ordinal=last + rank, **facts)
        for rank in range(1, count + 1)
    ]
    give_references(landlord, units)
    copy_units(units)
    references = [unit.reference for unit in units]
    record(programme, HistoryEntry.Act.RECORDED, by=by, details={"units": [None, f"{references[0]}, {count}"]})
    return references
