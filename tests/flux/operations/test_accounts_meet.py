"""Where two mechanisms of the account meet: units a year with what earlier years left, chains with units a year, ends
of rights with successors elsewhere and with renewals signed late, years that credit nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from flux.models import CarriedOver, FlowEntry, Ledger, Recommendation
from flux.operations.cancellation import cancel_vacancy
from flux.operations.entries import carry_gaps, carry_signed
from flux.operations.routing import route_elsewhere, route_waiting_vacancies
from flux.operations.stock_rights import settle_ended_rights
from reservations.models import ReservationHolder
from reservations.operations.convention_end import SuccessorRefused
from reservations.operations.party import register_organisation
from tests.flux.books import check_books
from tests.flux.operations.test_carry_over import live, totals
from tests.flux.operations.test_returning import agree, give_back, send
from tests.flux.quotas import promise, year
from tests.world import MORNING, convention, end_convention, siren

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


def test_successor_without_a_right_there_is_refused(world: World) -> None:
    """Béziers signs in the Hérault: it has no account in the Aude that could take over what Narbonne is owed."""
    beziers = register_organisation(
        name="Ville de Béziers", article="la", siren=siren(55), kind="COMMUNE", territory=world.places["Béziers"]
    )
    holder = ReservationHolder.objects.get(organisation=beziers)
    convention(world.landlord, beziers, world.places["Béziers"], (holder, "10", 7))
    with pytest.raises(SuccessorRefused, match=r"dans chaque département où porte celle-ci \(Narbonne\)"):
        end(world, "city", successor=beziers)


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
    check_books(*Ledger.objects.order_by("pk"))


def only_the_landlord(world: World, percent: int = 400_000) -> int:
    """One holder with a right, that carries everything over: 40 % of what a small landlord lets."""
    promise(world, "als", share=percent)
    for name in ("state", "city", "epci"):
        world.end(world.conventions[name], date(2026, 1, 2))
    agree(world.conventions["als"], carry_over="FULL", ends_on=date(2031, 12, 31))
    return int(world.holders["als"].pk)


def test_years_without_a_unit_are_as_years_without_one_there(world: World) -> None:
    """One unit in 2026, 2028 and 2030, 40 % and a full carry-over: Action Logement has one of the three, as it would
    of three consecutive years."""
    als = only_the_landlord(world)
    got = []
    for exercise in (2026, 2028, 2030):
        ledger = live(world, datetime(exercise, 11, 24, 8, tzinfo=UTC), 1)
        got.append(ledger.vacancies.get().recommendations.get().holder_id == als)
        check_books(ledger)
    assert got == [False, True, False]
    kept = CarriedOver.objects.filter(holder=als).order_by("ledger__exercise")
    assert [(row.ledger.exercise, row.amount) for row in kept] == [
        (2027, 400_000),
        (2028, 400_000),
        (2029, -200_000),
        (2030, -200_000),
    ], "what it is owed, then its advance, go through the years between"


@pytest.mark.parametrize(("between", "passes"), [("FULL", 400_000), ("CAPPED", 100_000), ("NONE", None)])
def test_year_without_a_unit_lets_through_what_its_own_convention_does(
    world: World, between: str, passes: int | None
) -> None:
    """A convention of that year alone, by its own clause: 2028 begins with no more than 2027 kept."""
    als = only_the_landlord(world)
    agree(world.conventions["als"], ends_on=date(2026, 12, 31))
    for exercise, clause in ((2027, between), (2028, "FULL")):
        convention(
            world.landlord,
            world.als,
            world.places["Aude"],
            (world.holders["als"], "40", exercise),
            starts_on=date(exercise, 1, 1),
            ends_on=date(exercise, 12, 31),
            carry_over=clause,
            carry_over_cap=100_000 if clause == "CAPPED" else None,
        )
    live(world, YEARS[0], 1)
    assert totals(live(world, YEARS[2], 1)).get(als) == passes
    assert Ledger.objects.filter(exercise=2027).exists() is (passes is not None)


def test_act_of_december_moves_what_goes_through_a_year_without_a_unit(world: World) -> None:
    """Nothing was left in 2026, so 2027 had no account: a unit of 2026 cancelled in 2028 gives one to both."""
    als = only_the_landlord(world, 500_000)
    before = live(world, YEARS[0], 2)
    following = live(world, YEARS[2], 1)
    assert totals(following) == {}
    cancel_vacancy(
        vacancy=before.vacancies.latest("pk"),
        reason="NOTICE_WITHDRAWN",
        text="Le locataire reste.",
        by=world.people["aline"],
        now=YEARS[2],
    )
    assert abs(totals(following)[als]) == 500_000
    assert totals(Ledger.objects.get(exercise=2027)) == totals(following)


def test_convention_signed_after_a_year_without_a_unit_carries_through_it(world: World) -> None:
    als = only_the_landlord(world)
    world.end(world.conventions["als"], date(2026, 12, 31))
    live(world, YEARS[0], 1)
    following = live(world, YEARS[2], 1)
    assert totals(following) == {}
    renewed = convention(
        world.landlord,
        world.als,
        world.places["Aude"],
        (world.holders["als"], "40", 9),
        starts_on=date(2027, 1, 1),
        ends_on=date(2031, 12, 31),
        carry_over="FULL",
    )
    carry_signed(convention=renewed)
    assert totals(following) == {als: 400_000}


def test_account_opened_by_an_earlier_version_after_such_a_year_is_put_right_by_night(world: World) -> None:
    als = only_the_landlord(world)
    live(world, YEARS[0], 1)
    agree(world.conventions["als"], carry_over="NONE")
    following = live(world, YEARS[2], 1)
    agree(world.conventions["als"], carry_over="FULL")
    assert totals(following) == {}
    assert carry_gaps(today=date(2028, 12, 1)) == 1
    assert totals(following) == {als: 400_000}
    assert carry_gaps(today=date(2028, 12, 2)) == 0, "twice is once"
