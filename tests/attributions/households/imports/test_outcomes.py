"""What became of units, by the one door for files: the acts of the page « suite », each fault on its line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Sum

from attributions.households.imports.outcomes import Outcomes
from attributions.households.models import Lease
from flux.models import FlowEntry
from tests.attributions.households.candidates import routed
from tests.attributions.households.rows import candidates
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, World

KIND = Outcomes.code
HEAD = "Référence;Date de proposition;Date CALEOL;Date du bail;Issue"


def stages() -> dict[str, int]:
    found = FlowEntry.objects.filter(stage__in=("ALLOCATED", "LEASED")).order_by().values_list("stage")
    return dict(found.annotate(Sum("quantity")))


def test_the_file_of_each_night_writes_what_is_new_by_the_acts_of_the_screen(world: World, time_machine: Any) -> None:
    one, two, three = (routed(world) for _ in range(3))
    time_machine.move_to(MORNING + timedelta(days=9))
    first = csv_of(
        HEAD,
        f"{one.vacancy.unit.reference};25/11/2026;26/11/2026;;attribué",
        f"{two.vacancy.unit.reference};25/11/2026;26/11/2026;;refusé",
        f"{three.vacancy.unit.reference};;;27/11/2026;bail signé",
    )
    order = written(world, KIND, first, person="aline")
    assert counts(order) == (3, 0, 0, 0)
    assert stages() == {"ALLOCATED": 2, "LEASED": 1}
    for routing in (one, two):
        routing.refresh_from_db()
    assert {one.answered_on, two.answered_on} == {(MORNING + timedelta(days=1)).date()}
    assert Lease.objects.get().vacancy == three.vacancy
    assert counts(given(world, KIND, first, person="aline")) == (0, 0, 3, 0)
    later = csv_of(
        HEAD,
        f"{one.vacancy.unit.reference};25/11/2026;26/11/2026;30/11/2026;bail signé",
        f"{two.vacancy.unit.reference};28/11/2026;;;",
    )
    order = written(world, KIND, later, person="aline")
    assert (counts(order), order.warned) == ((1, 0, 1, 0), 1)
    assert stages() == {"ALLOCATED": 2, "LEASED": 2}


def test_a_line_dates_an_allocation_known_by_its_lease_alone(world: World, time_machine: Any) -> None:
    """R441-5-1: the lease came first, and its line is completed with the day of the committee."""
    unit = routed(world).vacancy.unit.reference
    time_machine.move_to(MORNING + timedelta(days=9))
    written(world, KIND, csv_of(HEAD, f"{unit};;;30/11/2026;bail signé"), person="aline")
    completed = csv_of(HEAD, f"{unit};;26/11/2026;30/11/2026;bail signé")
    assert counts(written(world, KIND, completed, person="aline")) == (1, 0, 0, 0)
    allocated = FlowEntry.objects.filter(stage="ALLOCATED").order_by("pk").values_list("quantity", "acted_on")
    days = [(quantity, f"{on:%d/%m}") for quantity, on in allocated]
    assert days == [(1, "30/11"), (-1, "30/11"), (1, "26/11")]
    assert counts(given(world, KIND, completed, person="aline")) == (0, 0, 1, 0)


def test_each_wrong_outcome_is_named_by_line_and_column(world: World, time_machine: Any) -> None:
    good, followed, waiting = routed(world), routed(world), world.vacancy(kind="TECHNICAL")
    candidates(world, followed)
    time_machine.move_to(MORNING + timedelta(days=9))
    content = csv_of(
        HEAD,
        f"{good.vacancy.unit.reference};01/11/2026;;;",
        f"{followed.vacancy.unit.reference};;26/11/2026;;attribué",
        f"{waiting.unit.reference};;26/11/2026;;attribué",
        f"{world.unit().reference};;26/11/2026;;attribué",
        f"{good.vacancy.unit.reference};;;;",
    )
    order = given(world, KIND, content, person="aline")
    assert [(at, column) for at, column, _ in faults(order)] == [
        (2, "candidats reçus le"),
        (3, "CALEOL le"),
        (4, "CALEOL le"),
        (5, "logement"),
        (6, "candidats reçus le"),
    ]
    assert stages() == {}
