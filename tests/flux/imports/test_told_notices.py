"""Units kept in stock, subtracted or outside the flow leave with their days and their lease, and come back to them: the
year counts them where it did, and `suites` finds a unit that went to its holder then."""

from __future__ import annotations

from datetime import date, timedelta

from attributions.households.imports.outcomes import Outcomes
from attributions.households.models import Lease
from attributions.households.operations.lease import record_outside_lease
from attributions.households.operations.withdrawals import record_outside_allocation, record_outside_answer
from flux.imports.notices import Notices
from flux.models import FlowEntry, Routing, Vacancy
from flux.operations.stock import keep_in_stock
from reservations.models import Landlord
from tests.flux.conversions import title
from tests.flux.programmes import agreed, unit_of
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, signed_elsewhere, written
from tests.world import MORNING, World

LATER = MORNING + timedelta(days=60)
HEAD = "Référence;Congé reçu le;Libre le;Motif;Enregistré le;Candidats reçus le"


def test_units_beside_the_flow_come_back_at_their_days_with_their_leases(world: World, time_machine: object) -> None:
    kept, waits = world.unit(), world.unit()
    title(world, kept, waits)
    let, open_ = (world.vacancy(unit) for unit in (kept, waits))
    moved = world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER")
    world.vacancy(kind="TECHNICAL")
    assert {each.kind for each in (let, open_)} == {"STOCK"}
    for vacancy, days in ((let, 6), (moved, 8)):
        at = MORNING + timedelta(days=days)
        record_outside_lease(
            vacancy=vacancy, signed_on=at.date(), facts={}, by=world.people["aline"], now=at + timedelta(hours=1)
        )
    time_machine.move_to(LATER)
    kinds = ("logements", "conventions", "droits", Notices.code, Outcomes.code)
    taken = {code: file_of(world, code) for code in kinds}
    for code in kinds[3:]:
        order = given(world, code, taken[code])
        assert (order.new, order.changed, order.refused) == (0, 0, 0), faults(order)
    for code in kinds:
        written(world, code, taken[code], person="zoe")
        if code == "conventions":
            signed_elsewhere(world)
    for code in kinds[3:]:
        assert file_of(world, code, "zoe") == taken[code]
    there = Vacancy.objects.filter(landlord=world.other_landlord).order_by("pk")
    assert {each.registered_on for each in there} == {MORNING.date()}, "they count in the year in which they did"
    routed = {
        each.vacancy.unit.reference: each
        for each in Routing.objects.filter(vacancy__in=there).select_related("vacancy__unit", "holder")
    }
    assert {each.holder for each in routed.values()} == {world.holders["city"]}
    assert routed[waits.reference].answered_on is None, "its holder still has to propose"
    leases = Lease.objects.filter(vacancy__in=there).order_by("signed_on")
    assert [each.signed_on for each in leases] == [date(2026, 11, 30), date(2026, 12, 2)]
    assert not FlowEntry.objects.filter(ledger__landlord=world.other_landlord).exists()


def entered(landlord: Landlord) -> list[tuple[str, str, int, date, str]]:
    """What first lettings wrote in the accounts of a landlord."""
    rows = FlowEntry.objects.filter(ledger__landlord=landlord, vacancy__kind="FIRST_LETTING").order_by("pk")
    return [
        (each.vacancy.unit.reference, each.stage, each.quantity, each.on, str(each.holder))
        for each in rows.select_related("vacancy__unit", "holder__organisation")
        if each.vacancy is not None
    ]


def test_first_lettings_come_back_at_their_own_day_to_whom_they_went(world: World, time_machine: object) -> None:
    """The allotment gives them again, in the accounts of the year in which they were let (docs/decisions/0012)."""
    programme = agreed(world, ("city", 1, ()), ("als", 1, ()), units=3)
    first, second = (world.vacancy(unit_of(world, programme), kind="FIRST_LETTING") for _ in range(2))
    record_outside_answer(vacancy=first, on=MORNING.date() + timedelta(days=1), by=world.people["alice"], now=LATER)
    record_outside_allocation(vacancy=first, on=MORNING.date() + timedelta(days=2), by=world.people["alice"])
    record_outside_lease(
        vacancy=first, signed_on=MORNING.date() + timedelta(days=3), facts={}, by=world.people["alice"], now=LATER
    )
    time_machine.move_to(LATER)
    kinds = ("logements", "conventions", "repartitions", Notices.code, Outcomes.code)
    taken = {code: file_of(world, code) for code in kinds}
    for code in kinds[3:]:
        order = given(world, code, taken[code])
        assert (order.new, order.changed, order.refused) == (0, 0, 0), faults(order)
    for code in kinds:
        written(world, code, taken[code], person="zoe")
        if code == "conventions":
            signed_elsewhere(world)
    there = Vacancy.objects.filter(landlord=world.other_landlord).order_by("pk")
    assert {(each.kind, each.registered_on) for each in there} == {("FIRST_LETTING", MORNING.date())}
    assert [each.unit.reference for each in there] == [first.unit.reference, second.unit.reference]
    assert {each.ledger.exercise for each in there if each.ledger} == {MORNING.year}
    for code in kinds[3:]:
        assert file_of(world, code, "zoe") == taken[code]
    ours = [each for each in entered(world.landlord) if each[1] in ("DUE", "ROUTED")]
    theirs = [each for each in entered(world.other_landlord) if each[1] in ("DUE", "ROUTED")]
    same = [each for each in ours if str(world.landlord) not in each[4]]
    assert same
    assert [each for each in theirs if str(world.other_landlord) not in each[4]] == same


def test_each_wrong_day_is_named_by_line_and_column(world: World, time_machine: object) -> None:
    time_machine.move_to(MORNING)
    free, kept, taken = (world.unit() for _ in range(3))
    keep_in_stock(
        unit=kept, holder=world.holders["city"], ground="LAND", starts_on=date(2026, 6, 1), by=world.people["alice"]
    )
    world.vacancy(taken)
    moved = "Mutation interne d’un locataire du bailleur"
    order = given(
        world,
        Notices.code,
        csv_of(
            HEAD,
            f"{free.reference};02/03/2026;02/04/2026;congé;02/03/2026;",
            f"{free.reference};03/03/2026;02/04/2026;{moved};02/03/2026;",
            f"{free.reference};04/03/2026;02/04/2026;{moved};01/12/2026;",
            f"{free.reference};05/03/2026;02/04/2026;{moved};05/03/2026;06/03/2026",
            f"{free.reference};06/03/2026;02/04/2026;{moved};;06/03/2026",
            f"{free.reference};07/03/2026;02/04/2026;gardé en stock;07/03/2026;",
            f"{kept.reference};02/07/2026;02/08/2026;gardé en stock;02/07/2026;01/07/2026",
            f"{taken.reference};24/11/2026;24/12/2026;{moved};24/11/2026;",
            f"{kept.reference};02/09/2026;02/10/2026;gardé en stock;02/09/2026;10/09/2026",
            f"{kept.reference};15/09/2026;15/10/2026;gardé en stock;15/09/2026;",
        ),
        person="aline",
    )
    assert (counts(order)[0], [(line, column) for line, column, _ in faults(order)]) == (
        1,
        [
            (2, "enregistré le"),
            (3, "enregistré le"),
            (4, "enregistré le"),
            (5, "candidats reçus le"),
            (6, "enregistré le"),
            (7, "motif"),
            (8, "candidats reçus le"),
            (11, "congé reçu le"),
        ],
    )
