"""What the landlord's staff say of a unit: what no open data says (floor, lift, access, rent), and what a balance needs
and a file did not give (financing, QPV, year)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from flux import financing
from flux.models import Unit, UnitDescription
from flux.models.unit import UNIT_BOUNDS
from flux.operations.description import completed, standing
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.history import record
from reservations.refusals import Refusal
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
    adapté that is no PLAI (CCH, D331-25-1); a known fact said otherwise.
    """
    held = in_order(Unit.objects.all()).get(pk=unit.pk)
    said = {name: value for name, value in (classed or {}).items() if name in CLASSED_BY}
    _check_classed(held, said)
    _check(said.get("financing_code", held.financing_code), facts)
    wanted = asdict(facts) | said
    if fault := first_fault(UNIT_BOUNDS, wanted):
        raise UnitRefused(fault[1], field=fault[0])
    changed = {
        name: [_plain(getattr(held, name)), _plain(value)]
        for name, value in wanted.items()
        if getattr(held, name) != value
    }
    if changed:
        rows = standing(list(held.descriptions.order_by("since", "pk")))
        UnitDescription.objects.bulk_create(completed(rows, said, source="", by=by))
        for name in changed:
            setattr(held, name, wanted[name])
        held.save(update_fields=list(changed))
        record(held, HistoryEntry.Act.EDITED, by=by, details=changed)
    return held


def _check_classed(held: Unit, said: Mapping[str, Any]) -> None:
    known = next((name for name, value in said.items() if getattr(held, name) not in ("", None, value)), None)
    if known is not None:
        raise UnitRefused(
            "Ce fait est déjà renseigné : corrigez une erreur ou datez un changement dans la description datée.",
            field=known,
        )
    code = said.get("financing_code", "")
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
