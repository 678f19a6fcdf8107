"""The units of a new programme, before the RPLS knows them: so many alike at one address, with references of ours until
they have the landlord's."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal

from flux import financing
from flux.models import Programme, Unit
from flux.models.unit import UNIT_BOUNDS
from flux.operations.gone import refuse_gone
from flux.operations.unit_file import PLACE, copy_units, give_references, ordinals_at
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, Landlord, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.history import record
from reservations.refusals import Refusal

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
