"""From one year to the next: what is still due comes back by steps, and shares go on summing to one unit."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db.models import Sum

from flux.models import CarriedOver, FlowEntry, Ledger
from flux.operations.forecast import send_forecast, write_forecast
from flux.operations.routing import route_waiting_vacancies
from flux.queries.account import account
from reservations.models import Convention, ReservationHolder
from reservations.models.convention import UNIT
from tests.world import World

YEAR_1, YEAR_2 = datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2027, 1, 5, 8, tzinfo=UTC)


def settle(world: World, who: str, carry_over: str, cap: int | None = None) -> None:
    """Write the carry-over into a signed convention, as if it had been drafted so."""
    convention = world.conventions[who]
    Convention.objects.filter(pk=convention.pk).update(status="DRAFT", signed_on=None)
    Convention.objects.filter(pk=convention.pk).update(carry_over=carry_over, carry_over_cap=cap)
    Convention.objects.filter(pk=convention.pk).update(status="SIGNED", signed_on=convention.signed_on)


def live(world: World, now: datetime, count: int) -> Ledger:
    """So many units fall vacant, each routed as it comes."""
    for _ in range(count):
        vacancy = world.vacancy(now=now)
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    return vacancy.ledger


def left(ledger: Ledger, holder: ReservationHolder) -> int:
    return next(
        line.figures.gap for line in account(ledger, date(ledger.exercise, 12, 31)).lines if line.holder == holder
    )


def carried(ledger: Ledger, holder: ReservationHolder) -> list[int]:
    entries = ledger.entries.filter(holder=holder, stage="CARRIED").order_by("pk")
    return list(entries.values_list("quantity", flat=True))


def test_without_carry_over_a_year_starts_from_zero(world: World) -> None:
    live(world, YEAR_1, 5)
    ledger = live(world, YEAR_2, 3)
    assert CarriedOver.objects.count() == 0
    assert FlowEntry.objects.filter(stage="CARRIED").count() == 0
    assert [
        line.figures.due % UNIT for line in account(ledger, YEAR_2.date()).lines if line.holder.contingent == 3
    ] == [600_000]


def test_full_carry_over_is_given_back_by_equal_steps_then_stops(world: World) -> None:
    settle(world, "als", "FULL")
    als = world.holders["als"]
    before = live(world, YEAR_1, 4)
    owed = left(before, als)
    assert owed == -200_000  # 4 × 20 % = 0,8 unit due, 1 received: ahead
    ledger = live(world, YEAR_2, 6)
    row = CarriedOver.objects.get()
    assert (row.holder, row.amount, row.planned, row.convention) == (als, owed, 4, world.conventions["als"])
    assert carried(ledger, als) == [-50_000] * 4
    assert carried(ledger, world.holders["landlord"]) == [50_000] * 4


def test_what_is_owed_comes_back_from_the_landlord_s_remainder(world: World) -> None:
    settle(world, "city", "FULL")
    city = world.holders["city"]
    before = live(world, YEAR_1, 3)
    owed = left(before, city)
    assert owed == 360_000
    ledger = live(world, YEAR_2, 5)
    assert carried(ledger, city) == [120_000] * 3
    assert sum(carried(ledger, world.holders["landlord"])) == -360_000


def test_every_unit_still_credits_exactly_one_unit(world: World) -> None:
    for who in ("state", "als", "city", "epci"):
        settle(world, who, "FULL")
    live(world, YEAR_1, 7)
    ledger = live(world, YEAR_2, 9)
    sums = (
        ledger.entries.filter(stage__in=FlowEntry.OWED)
        .order_by()
        .values_list("vacancy")
        .annotate(Sum("quantity"))
        .values_list("quantity__sum", flat=True)
    )
    assert list(sums) == [UNIT] * 9
    assert CarriedOver.objects.count() > 1
    for line in ledger.lines.order_by("pk"):
        assert (
            line.due
            == ledger.entries.filter(holder=line.holder, stage__in=FlowEntry.OWED).aggregate(sum=Sum("quantity"))["sum"]
        )


def test_steps_are_seen_by_the_engine_in_the_share_of_the_unit(world: World) -> None:
    settle(world, "city", "FULL")
    live(world, YEAR_1, 3)
    ledger = live(world, YEAR_2, 1)
    seen = {row["id"]: row["share"] for row in ledger.recommendations.get().situation["holders"]}
    assert seen[str(world.holders["city"].pk)] == 240_000  # 12 % and a third of 0,36
    assert sum(seen.values()) == UNIT


def test_capped_carry_over_lets_through_no_more_than_its_cap(world: World) -> None:
    settle(world, "city", "CAPPED", 100_000)
    live(world, YEAR_1, 3)
    ledger = live(world, YEAR_2, 5)
    assert CarriedOver.objects.get().amount == 100_000
    assert carried(ledger, world.holders["city"]) == [33_334, 33_334, 33_332]


@pytest.mark.parametrize("given_back", [1, 2])
def test_what_a_short_year_did_not_give_back_is_carried_again(world: World, given_back: int) -> None:
    settle(world, "city", "FULL")
    city = world.holders["city"]
    live(world, YEAR_1, 3)
    second = live(world, YEAR_2, given_back)
    unfinished = 360_000 - given_back * 120_000
    expected = left(second, city) + unfinished
    third = live(world, datetime(2028, 1, 4, 8, tzinfo=UTC), 1)
    assert third.carried_over.get().amount == expected


def test_holder_whose_convention_ended_carries_nothing(world: World) -> None:
    settle(world, "city", "FULL")
    live(world, YEAR_1, 3)
    Convention.objects.filter(pk=world.conventions["city"].pk).update(ends_on=date(2026, 12, 31))
    live(world, YEAR_2, 1)
    assert CarriedOver.objects.count() == 0


def test_steps_follow_the_planned_flow_once_the_forecast_is_sent(world: World) -> None:
    """Three units credited the city last year, of three; six are planned: six steps."""
    settle(world, "city", "FULL")
    live(world, YEAR_1, 3)
    forecast = write_forecast(
        landlord=world.landlord,
        departement=world.places["Aude"],
        exercise=2027,
        expected=7,
        subtracted={"INTERNAL_TRANSFER": 1},
        by=world.people["alice"],
        today=YEAR_1.date(),
    )
    send_forecast(forecast=forecast, by=world.people["alice"], now=YEAR_1)
    ledger = live(world, YEAR_2, 2)
    assert CarriedOver.objects.get().planned == 6
    assert carried(ledger, world.holders["city"]) == [60_000] * 2
