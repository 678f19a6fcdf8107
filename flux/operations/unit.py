"""What the landlord's staff say of a unit that no open data says: floor, lift, access, rent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from flux.models import Unit
from reservations.models import HistoryEntry, User
from reservations.operations.history import record
from reservations.refusals import Refusal

#: Beyond are slips of the keyboard.
LOWEST_FLOOR, HIGHEST_FLOOR = -3, 60
MOST_EUROS = Decimal(5000)


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


@transaction.atomic
def describe_unit(*, unit: Unit, facts: UnitFacts, by: User) -> Unit:
    """Write what the landlord knows of its unit; who changed what is kept. Nothing is written when nothing changes.

    Raises UnitRefused: a floor, a rent or charges that cannot be; a PLAI adapté that is no PLAI (CCH, D331-25-1).
    """
    held = Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    _check(held, facts)
    changed = {
        name: [_plain(getattr(held, name)), _plain(value)]
        for name, value in asdict(facts).items()
        if getattr(held, name) != value
    }
    if changed:
        for name in changed:
            setattr(held, name, getattr(facts, name))
        held.save(update_fields=list(changed))
        record(held, HistoryEntry.Act.EDITED, by=by, details=changed)
    return held


def _check(unit: Unit, facts: UnitFacts) -> None:
    if facts.floor is not None and not LOWEST_FLOOR <= facts.floor <= HIGHEST_FLOOR:
        raise UnitRefused("Un étage va de −3 à 60 ; 0 est le rez-de-chaussée.", field="floor")
    for name in ("rent", "charges"):
        value = getattr(facts, name)
        if value is not None and (not 0 <= value <= MOST_EUROS or value != value.quantize(Decimal("0.01"))):
            raise UnitRefused("Écrivez un montant mensuel de 0 à 5 000 €, avec deux décimales au plus.", field=name)
    if facts.is_adapted_plai and unit.financing_group != "PLAI":
        raise UnitRefused(
            "Un PLAI adapté est d’abord un PLAI (CCH, D331-25-1) : ce logement a un autre financement.",
            field="is_adapted_plai",
        )


def _plain(value: Any) -> Any:
    return f"{value:.2f}" if isinstance(value, Decimal) else value
