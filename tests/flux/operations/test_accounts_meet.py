"""Where two mechanisms of the account meet: units a year with what earlier years left, chains with units a year, ends
of rights with successors elsewhere and with renewals signed late, years that credit nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from flux.models import FlowEntry, Ledger, Recommendation
from flux.operations.cancellation import cancel_vacancy
from flux.operations.right_end import settle_ended_rights
from flux.operations.routing import route_elsewhere, route_waiting_vacancies
from reservations.models import ReservationHolder
from reservations.operations.convention_end import end_convention
from reservations.operations.party import register_organisation
from tests.flux.books import check_books
from tests.flux.operations.test_carry_over import live, totals
from tests.flux.operations.test_returning import agree, give_back, send
from tests.flux.quotas import promise, year
from tests.world import MORNING, convention, siren

if TYPE_CHECKING:
    from reservations.models import Organisation
    from tests.world import World

YEARS = [datetime(number, 11, 24, 8, tzinfo=UTC) for number in (2026, 2027, 2028)]
AFTER_GRACE = MORNING + timedelta(31)


def end(world: World, name: str, successor: Organisation | None = None) -> None:
    end_convention(
        convention=world.conventions[name],
        ends_on=MORNING.date(),
        why="Accord des parties.",
        today=MORNING.date(),
        by=world.people["alice"],
        successor=successor,
    )


# --- units a year ---


def test_what_the_landlord_gives_back_is_not_also_seen_as_somebody_elses_share(world: World) -> None:
    """The whole flow is promised; Action Logement's only unit of the year is due and went elsewhere; others are owed of
    the year before. The landlord's remainder is what the units a year spared: given back once, it is not seen twice."""
    promise(world, "als", share=520_000, yearly_units=1, planned_flow=2)
    for signed in world.conventions.values():
        agree(signed, carry_over="FULL")
    live(world, YEARS[0], 9)
    for _ in range(12):
        ledger = live(world, datetime(2027, 1, 5, 8, tzinfo=UTC), 1)
        made = Recommendation.objects.filter(ledger=ledger).latest("sequence")
        assert min(facts["share"] for facts in made.situation["holders"]) >= 0
        if made.holder == world.holders["als"]:
            route_elsewhere(
                vacancy=made.vacancy,
                holder=world.holders["priority"],
                motive="OTHER",
                motive_text="Convenu.",
                by=world.people["aline"],
                now=datetime(2027, 1, 5, 9, tzinfo=UTC),
            )
    check_books(ledger)


def test_chain_passes_over_who_has_had_all_its_units_of_the_year(world: World) -> None:
    promise(world, "priority", yearly_units=1, planned_flow=4, share=250_000)
    for signed in world.conventions.values():
        agree(signed, proposal_days=10, fallback=["STATE", "NEXT"], returns_effect="YES")
    ledger = year(world, *[{}] * 8)
    give_back(world, send(world, "als"))
    again = Recommendation.objects.filter(attempt=2).get()
    assert "chain" not in again.situation
    assert again.holder != world.holders["priority"]
    check_books(ledger)


# --- the end of a right ---


def test_successor_without_a_right_there_takes_nothing_over(world: World) -> None:
    """Béziers signs in the Hérault: what Narbonne is owed in the Aude goes to the landlord."""
    beziers = register_organisation(
        name="Ville de Béziers", siren=siren(55), kind="COMMUNE", territory=world.places["Béziers"]
    )
    holder = ReservationHolder.objects.get(organisation=beziers)
    convention(world.landlord, beziers, world.places["Béziers"], (holder, "10", 7))
    year(world, *[{}] * 12)
    end(world, "city", successor=beziers)
    settle_ended_rights(now=AFTER_GRACE)
    takers = FlowEntry.objects.filter(stage="TRANSFERRED").values_list("holder", flat=True)
    assert set(takers) == {world.holders["city"].pk, world.holders["landlord"].pk}


def test_renewal_signed_late_finds_the_account_as_it_was(world: World) -> None:
    year(world, *[{}] * 12)
    end(world, "city")
    convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "12", 4),
        starts_on=MORNING.date() + timedelta(1),
        ends_on=date(2028, 12, 31),
    )
    assert settle_ended_rights(now=AFTER_GRACE) == 0


def test_what_was_not_given_back_ends_with_the_right(world: World) -> None:
    """Carried into 2027, whose right ends on 1 February: a convention of 2028 starts from nothing."""
    agree(world.conventions["city"], carry_over="FULL")
    live(world, YEARS[0], 4)
    two = live(world, datetime(2027, 1, 5, 8, tzinfo=UTC), 1)
    assert totals(two)[world.holders["city"].pk] != 0
    agree(world.conventions["city"], ends_on=date(2027, 2, 1))
    settle_ended_rights(now=datetime(2027, 6, 1, 8, tzinfo=UTC))
    convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "12", 4),
        starts_on=date(2028, 1, 1),
        ends_on=date(2028, 12, 31),
        carry_over="FULL",
    )
    three = live(world, YEARS[2], 1)
    assert world.holders["city"].pk not in totals(three)


# --- years that credit nothing ---


def test_year_without_a_unit_there_passes_on_what_the_one_before_left(world: World) -> None:
    """Nothing falls vacant in Narbonne in 2027; what the city was owed is still there in 2028."""
    city = world.holders["city"].pk
    agree(world.conventions["city"], carry_over="FULL")
    live(world, YEARS[0], 2)
    vacancy = world.vacancy(now=YEARS[1], commune="Sigean")
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=YEARS[1])
    assert totals(vacancy.ledger)[city] == 240_000
    three = live(world, YEARS[2], 1)
    assert totals(three)[city] == 240_000


def test_successor_carries_what_it_took_over(world: World) -> None:
    agree(world.conventions["epci"], carry_over="FULL", starts_on=MORNING.date() + timedelta(1))
    year(world, *[{}] * 12)
    end(world, "city", successor=world.epci)
    settle_ended_rights(now=AFTER_GRACE)
    taken = FlowEntry.objects.get(stage="TRANSFERRED", holder=world.holders["epci"]).quantity
    following = live(world, datetime(2027, 1, 5, 8, tzinfo=UTC), 1)
    assert totals(following)[world.holders["epci"].pk] == taken


def test_only_unit_of_a_year_cancelled_in_the_next_takes_back_what_was_carried(world: World) -> None:
    for signed in world.conventions.values():
        agree(signed, carry_over="FULL")
    before = live(world, YEARS[0], 1)
    january = datetime(2027, 1, 5, 8, tzinfo=UTC)
    following = live(world, january, 1)
    assert totals(following)
    cancel_vacancy(
        vacancy=before.vacancies.get(),
        reason="NOTICE_WITHDRAWN",
        text="Le locataire reste.",
        by=world.people["aline"],
        now=january + timedelta(1),
    )
    assert totals(following) == {}
    for ledger in Ledger.objects.order_by("pk"):
        check_books(ledger)
