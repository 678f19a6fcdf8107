"""Opening the ledger that a vacancy enters, locked."""

from __future__ import annotations

from datetime import date

from flux.models import Ledger, Unit
from flux.operations.carry_over import carry_over, year_before


def open_first_lettings(unit: Unit, on: date) -> Ledger:
    """The ledger of first lettings of the unit's département for that exercise, locked; then the yearly one, when it is
    opened, that a convention may count them in. To be called before what counts a vacancy by its class."""
    first = open_ledger(unit, on, kind=Ledger.Kind.FIRST_LETTING)
    yearly = Ledger.objects.filter(
        landlord=first.landlord_id, departement=first.departement_id, exercise=on.year, kind=Ledger.Kind.ORDINARY
    )
    list(yearly.select_for_update(of=("self",)).order_by("pk"))
    return first


def open_ledger(unit: Unit, on: date, *, kind: Ledger.Kind = Ledger.Kind.ORDINARY) -> Ledger:
    """The ledger of the unit's département for that exercise, locked: rows are numbered in the order they commit.

    The one of the yearly percentages is opened with what the year before carries over. Who needs both kinds locks
    that of first lettings before the other.
    """
    return open_account(unit.landlord_id, unit.commune.departement_id, on, kind=kind)


def open_account(
    landlord: int, departement: int | None, on: date, *, kind: Ledger.Kind = Ledger.Kind.ORDINARY
) -> Ledger:
    """The same ledger, of a landlord and a département (ids)."""
    key = {"landlord_id": landlord, "departement_id": departement, "exercise": on.year, "kind": kind}
    known = Ledger.objects.select_for_update(of=("self",)).select_related("landlord", "departement")
    opened = known.filter(**key).order_by("pk").first()
    if opened is None:
        ledger = Ledger(**key)
        before = year_before(ledger) if kind == Ledger.Kind.ORDINARY else None  # the oldest is locked first
        Ledger.objects.bulk_create([ledger], ignore_conflicts=True)  # another clerk may open it first
        opened = known.get(**key)
        if before is not None:
            carry_over(before=before, ledger=opened)
    return opened
