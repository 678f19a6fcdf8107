"""Opening the ledger that a vacancy enters, locked; several of them, in the one order of locks."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from flux.models import Ledger, Unit
from flux.operations.carry_over import carry_over, year_before
from reservations.models.locking import in_order

#: No ledger.
NONE = Q(pk__in=[])


def hold_for(unit: Unit, on: date, *, first: bool = False, yearly: bool = False, also: Q = NONE) -> list[Ledger]:
    """Lock, oldest year first, every ledger that an act on a unit touches: those of first lettings and of the yearly
    percentages of its département for the year of a day, opened when they are not, and `also` others of the same
    département, of that year or before. Returns those of `also`.

    The yearly one is locked, when it is opened, with that of first lettings, which a convention may count in it; what
    opening it would carry over from the year before is locked first.
    """
    there = Q(landlord=unit.landlord_id, departement=unit.commune.departement_id)
    own = there & Q(exercise=on.year, kind=Ledger.Kind.ORDINARY)
    opened = Ledger.objects.filter(own).exists()
    carried = NONE if opened else there & Q(exercise=on.year - 1, kind=Ledger.Kind.ORDINARY)
    asked = set(Ledger.objects.filter(also).order_by().values_list("pk", flat=True))
    held = _held(Q(pk__in=asked, exercise__lt=on.year) | carried)
    if first:
        open_ledger(unit, on, kind=Ledger.Kind.FIRST_LETTING)
    held += _held(Q(pk__in=asked, exercise__gte=on.year) | (own if first else NONE))
    if yearly:
        open_ledger(unit, on)
    return [ledger for ledger in held if ledger.pk in asked]


def _held(which: Q) -> list[Ledger]:
    return list(in_order(Ledger.objects.filter(which)).select_related("landlord", "departement"))


def open_first_lettings(unit: Unit, on: date) -> Ledger:
    """The ledger of first lettings of the unit's département for that exercise, locked; then the yearly one, when it is
    opened, that a convention may count them in. To be called before what counts a vacancy by its class."""
    hold_for(unit, on, first=True)
    return open_ledger(unit, on, kind=Ledger.Kind.FIRST_LETTING)


def open_ledger(unit: Unit, on: date, *, kind: Ledger.Kind = Ledger.Kind.ORDINARY) -> Ledger:
    """The ledger of the unit's département for that exercise, locked: rows are numbered in the order they commit.

    The one of the yearly percentages is opened with what the year before carries over. Who needs several ledgers locks
    them by `hold_for`.
    """
    return open_account(unit.landlord_id, unit.commune.departement_id, on, kind=kind)


def open_one_turn(yearly: Ledger) -> Ledger:
    """The account of the units that are handed on for one turn beside a yearly one, which is held: it is locked after
    it, and opened by the first of them."""
    on = date(yearly.exercise, 12, 31)
    return open_account(yearly.landlord_id, yearly.departement_id, on, kind=Ledger.Kind.ONE_TURN)


def open_account(
    landlord: int, departement: int | None, on: date, *, kind: Ledger.Kind = Ledger.Kind.ORDINARY
) -> Ledger:
    """The same ledger, of a landlord and a département (ids)."""
    key = {"landlord_id": landlord, "departement_id": departement, "exercise": on.year, "kind": kind}
    known = in_order(Ledger.objects.filter(**key)).select_related("landlord", "departement")
    opened = known.first()
    if opened is None:
        ledger = Ledger(**key)
        before = year_before(ledger) if kind == Ledger.Kind.ORDINARY else None  # the oldest is locked first
        Ledger.objects.bulk_create([ledger], ignore_conflicts=True)  # another clerk may open it first
        opened = known.get()
        if before is not None:
            carry_over(before=before, ledger=opened)
    return opened
