"""« An organisation takes all that is its own in open files, which the imports read back to the same state »: all that
a landlord takes away, given in the order of its archive to another that has nothing, is taken away again the same."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from attributions.bilan.operations.lines import correct_line, open_balance
from attributions.bilan.queries.balance import balance
from attributions.households.operations.committee import found_committee, seat_member
from attributions.households.operations.lease import record_outside_lease
from flux.models import FlowEntry, Routing
from flux.operations.allotment import agree_allotment
from flux.operations.description import change_unit
from flux.operations.starting import set_decision_window
from flux.operations.stock import set_outside_flow, set_routing_policy
from flux.queries.cells import Axis
from reservations.models import Landlord
from reservations.operations.service_notice import remember_nickname
from reservations.takeaway import leaving_kinds
from tests.attributions.bilan.acts import let
from tests.flux.conversions import title, variant
from tests.flux.imports.test_routing_choices import forecast
from tests.flux.operations.test_returning import agree, give_back, send
from tests.flux.programmes import drafted, planned, unit_of
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import signed_elsewhere, written
from tests.world import MORNING, World

SOON = MORNING.date() + timedelta(days=30)
#: Files that differ, and why.
ARGUED = {
    "personnes": "whoever acts here has no role there: each is invited anew",
    "reservataires": "who deals with a landlord is told from all that is there",
}


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING + timedelta(days=9))


def lived(world: World) -> None:
    """A landlord that has something of each."""
    alice = world.people["alice"]
    agree(world.conventions["city"], day_unit="CLEAR", august_suspended=True, publics=["DALO"])
    leased = send(world, "city")
    let(world, leased, date(2026, 11, 30))
    declined = send(world, "city")
    give_back(world, declined, now=MORNING + timedelta(hours=1))
    send(world, "als", declined.vacancy, now=MORNING + timedelta(hours=2))
    for holder in ("als", "priority", "landlord"):
        send(world, holder)
    give_back(world, send(world, "city"), "WORKS", now=MORNING + timedelta(days=2))
    world.vacancy(kind="TECHNICAL")
    record_outside_lease(
        vacancy=world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER"),
        signed_on=MORNING.date() + timedelta(days=3),
        facts={},
        by=alice,
    )
    changed, student, kept = (world.unit(in_qpv=False) for _ in range(3))
    change_unit(unit=changed, since=date(2024, 1, 1), changes={"rooms": 5}, source="travaux", by=alice)
    set_outside_flow(
        unit=student, reason="STUDENT", starts_on=date(2025, 1, 1), source="APL", by=alice, today=MORNING.date()
    )
    title(world, kept)
    variant(world)
    new = planned(world, units=6, name="Les Tamaris", commune="Coursan")
    named = unit_of(world, new)
    drafted(world, new, ("city", 3, [named]), ("als", 1, ()))
    agree_allotment(programme=new, agreed_on=MORNING.date(), by=alice, now=MORNING)
    world.vacancy(named, kind="FIRST_LETTING")
    forecast(world, 2026, sent=True)
    forecast(world, 2027, sent=False)
    set_routing_policy(landlord=world.landlord, mode="AUTOMATIC", starts_on=SOON, by=alice, today=MORNING.date())
    set_decision_window(landlord=world.landlord, length=8, days=3, starts_on=SOON, by=alice, today=MORNING.date())
    committee = found_committee(
        landlord=world.landlord,
        name="CALEOL",
        quorum=3,
        remote_allowed=True,
        source="CA",
        starts_on=date(2026, 1, 1),
        by=alice,
    )
    seat_member(committee=committee, capacity="APPOINTED", full_name="Paul", starts_on=date(2026, 1, 1), by=alice)
    organisation = world.landlord.organisation
    remember_nickname(organisation=organisation, text="Mme Durand", holder=world.holders["city"], by=alice)
    corrected(world, leased, stage="LAPSED", quantity=1)
    corrected(world, leased, stage="REFUSED", side="APPLICANT", quantity=1)
    corrected(world, declined, stage="OFFERED", quantity=-1)


def corrected(world: World, routing: Routing, **given: Any) -> None:
    """A line of the draft of the year, by the act of its page."""
    books = open_balance(world.landlord, world.places["Aude"], 2026)
    about: dict[str, Any] = {
        "vacancy": routing.vacancy,
        "holder": routing.holder,
        "why": "Relu avec la Ville.",
        "by": world.people["alice"],
    }
    correct_line(balance=books, **about | given)


def counted(landlord: Landlord) -> tuple[list[tuple[object, ...]], dict[str, tuple[object, ...]]]:
    """What the corrections of a landlord wrote in its account; its balance, by holder: dues, and acts by typology."""
    rows = FlowEntry.objects.filter(ledger__landlord=landlord, correction__isnull=False).order_by("pk")
    listed = ("vacancy__unit__reference", "holder", "stage", "side", "quantity", "on", "acted_on")
    found = balance(landlord, 2026)
    lines: dict[str, tuple[object, ...]] = {
        "landlord" if line.holder.is_not_reserved else str(line.holder): (
            line.figures.due,
            line.figures.received,
            {
                key: measures
                for key, measures in found.cells.of(Axis.TYPOLOGY).get(line.holder.pk, {}).items()
                if measures
            },
        )
        for line in found.lines
    }
    return list(rows.values_list(*listed)), lines


def test_all_that_a_landlord_takes_away_makes_the_same_elsewhere_and_is_taken_away_again(world: World) -> None:
    lived(world)
    taken = {kind.code: file_of(world, kind.code) for kind in leaving_kinds(world.member("alice"))}
    filled = {code: content for code, content in taken.items() if len(content.splitlines()) > 1}
    assert set(taken) - set(filled) == {"arretes", "candidats", "candidats-passes", "colonnes", "ouvertures"}, (
        "each of these comes back in the tests of its own kind"
    )
    for code, content in filled.items():
        if code in ARGUED:
            continue
        written(world, code, content, person="zoe")
        if code == "conventions":
            signed_elsewhere(world)
    again = {code: file_of(world, code, "zoe") for code in filled if code not in ARGUED}
    different = [
        code
        for code, content in again.items()
        if sorted(content.decode().splitlines()) != sorted(filled[code].decode().splitlines())
    ]
    assert different == []
    assert counted(world.other_landlord) == counted(world.landlord)
    assert len(counted(world.landlord)[0]) == 3
