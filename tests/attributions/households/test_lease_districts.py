"""Whether a lease is in a priority district, as its objectives count it, follows an error corrected on the unit, and no
change (CCH, L441-1; docs/decisions/0037)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from attributions.households.models import Lease
from attributions.households.operations.lease import record_outside_lease, undo_lease
from flux.models import UnitDescription, Vacancy
from flux.operations.description import change_unit, correct_unit
from tests.attributions.bilan.acts import DECEMBER, at, let
from tests.attributions.households.candidates import routed
from tests.world import World

pytestmark = pytest.mark.django_db

LATER = date(2027, 3, 1)


def corrected(description: UnitDescription, since: date, *, in_qpv: bool | None, world: World) -> UnitDescription:
    about = {"source": "relevé sur place", "by": world.people["alice"], "today": LATER}
    return correct_unit(description=description, since=since, changes={"in_qpv": in_qpv}, **about)


def test_a_lease_follows_the_error_and_not_the_change(world: World) -> None:
    routing = routed(world, "city", world.vacancy(in_qpv=False))
    lease = let(world, routing, DECEMBER)
    other = let(world, routed(world, "als", world.vacancy(in_qpv=False)), DECEMBER)
    unit, by = routing.vacancy.unit, world.people["alice"]

    def in_qpv() -> bool | None:
        return Lease.objects.get(pk=lease.pk).in_qpv

    assert in_qpv() is False
    change = change_unit(
        unit=unit, since=date(2026, 12, 1), changes={"in_qpv": True}, source="liste de 2024", by=by, today=LATER
    )
    assert in_qpv() is False, "a change that was learnt later moves nothing"
    corrected(change, date(2026, 12, 1), in_qpv=None, world=world)
    assert in_qpv() is False, "nor does what corrects a description that never counted it"
    first = unit.descriptions.order_by("pk")[0]
    corrected(first, first.since, in_qpv=True, world=world)
    assert in_qpv() is True
    assert Lease.objects.get(pk=other.pk).in_qpv is False, "of that unit alone"


def test_a_lease_outside_every_account_follows_too_and_nothing_else_writes_it(world: World) -> None:
    vacancy = world.vacancy(kind=Vacancy.Kind.EXCLUDED, exclusion=Vacancy.Exclusion.URBAN_RENEWAL, in_qpv=None)
    aline = world.people["aline"]
    lease = record_outside_lease(vacancy=vacancy, signed_on=DECEMBER, facts={}, by=aline, now=at(DECEMBER))
    first = vacancy.unit.descriptions.get()
    half = corrected(first, date(2026, 12, 20), in_qpv=True, world=world)
    assert Lease.objects.get().in_qpv is None, "false only since after it was signed"
    assert half.since == date(2026, 12, 20)
    corrected(first, first.since, in_qpv=False, world=world)
    assert Lease.objects.get().in_qpv is False
    with pytest.raises(DatabaseError, match="kept"), transaction.atomic():
        Lease.objects.update(in_qpv=True)
    undo_lease(lease=lease, why="Saisi par erreur.", by=aline, now=at(LATER))
    assert Lease.objects.get().in_qpv is False
