"""From one year to the next: what is still due comes back by steps, and shares go on summing to one unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.db.models import F, Sum

from flux.models import CarriedOver, FlowEntry, Ledger, LedgerLine, Routing, Vacancy
from flux.operations.entries import carry_again, carry_over
from flux.operations.forecast import send_forecast, write_forecast
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.queries.accounts import account
from flux.queries.state_cap import Verdict, state_caps
from reservations.models import Convention, ReservationHolder
from reservations.models.convention import UNIT
from tests.guards import unguarded
from tests.signing import sign_converted
from tests.world import World, convention
from tests.world_again import done_once

YEAR_1, YEAR_2 = datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2027, 1, 5, 8, tzinfo=UTC)


@done_once
def settle(world: World, who: str, carry_over: str, cap: int | None = None, **terms: object) -> None:
    """Write the carry-over into a signed convention, as if it had been drafted so."""
    with unguarded("reservations_convention.terms_kept"):
        Convention.objects.filter(pk=world.conventions[who].pk).update(
            carry_over=carry_over, carry_over_cap=cap, **terms
        )


@done_once
def live(world: World, now: datetime, count: int) -> Ledger:
    """So many units fall vacant, each routed as it comes."""
    for _ in range(count):
        vacancy = world.vacancy(now=now)
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    return vacancy.ledger


def elsewhere(world: World, vacancy: Vacancy, who: str, now: datetime) -> Routing:
    return route_elsewhere(
        vacancy=vacancy,
        holder=world.holders[who],
        motive=Routing.Motive.OTHER,
        motive_text="Convenu.",
        by=world.people["aline"],
        now=now,
    )


def left(ledger: Ledger, holder: ReservationHolder) -> int:
    return next(
        line.figures.gap for line in account(ledger, date(ledger.exercise, 12, 31)).lines if line.holder == holder
    )


def carried(ledger: Ledger, holder: ReservationHolder) -> list[int]:
    entries = ledger.entries.filter(holder=holder, stage="CARRIED").order_by("pk")
    return list(entries.values_list("quantity", flat=True))


def own_gap(ledger: Ledger, holder: ReservationHolder) -> int:
    """Due less received of a year, the steps of earlier years apart."""
    return left(ledger, holder) - sum(carried(ledger, holder))


def totals(ledger: Ledger) -> dict[int, int]:
    """What a ledger carries, corrections included, by holder (id)."""
    sums = ledger.carried_over.order_by().values_list("holder").annotate(Sum("amount"))
    return {holder: amount for holder, amount in sums if amount}


def test_without_carry_over_a_year_starts_from_zero(world: World) -> None:
    """Action Logement was owed one unit or more: nothing of the year comes back."""
    before = live(world, YEAR_1, 6)
    ledger = live(world, YEAR_2, 3)
    als = world.holders["als"]
    assert left(before, als) == 200_000
    assert carried(ledger, als) == []
    assert left(ledger, als) % UNIT == 600_000


def test_without_carry_over_nothing_is_carried_for_the_state_and_small_holders_either(world: World) -> None:
    """« Aucun report » : of 6 units the agents and the EPCI are owed 0.3 and 0.36, the préfet 1.5, and a unit is not
    shared. The first four units of a town that was ahead credit it 0.48, not four millionths."""
    before = live(world, YEAR_1, 6)
    names = ("priority", "agents", "city", "epci")
    assert any(left(before, world.holders[name]) for name in names)
    ledger = live(world, YEAR_2, 4)
    assert totals(ledger) == {}
    city = ledger.lines.get(holder=world.holders["city"])
    assert city.due == 4 * 120_000


def test_a_year_that_carried_rounding_under_no_carry_over_keeps_what_it_gave(world: World) -> None:
    """Written before « aucun report » was nothing: a late act of December moves it within what was given."""
    before = live(world, YEAR_1, 6)
    ledger = live(world, YEAR_2, 1)
    city, gap = world.holders["city"], left(before, world.holders["city"])
    CarriedOver.objects.create(
        ledger=ledger, holder=city, ordinal=1, convention=world.conventions["city"], amount=gap, planned=6
    )
    assert carry_over(before=before, ledger=ledger) == []
    LedgerLine.objects.filter(ledger=before, holder=city).update(received=F("received") - 1)
    assert [row.amount for row in carry_over(before=before, ledger=ledger)] == [abs(gap) - gap]


def test_a_cap_of_one_unit_brings_small_holders_their_unit_and_keeps_the_state_at_its_share(world: World) -> None:
    """Six units a year for eight years, « report plafonné à 1 logement » : rounding drives no one away."""
    for who in ("state", "city", "epci"):
        settle(world, who, "CAPPED", UNIT)
    Convention.objects.update(ends_on=date(2033, 12, 31))
    ledgers = [live(world, datetime(year, 1, 5, 8, tzinfo=UTC), 6) for year in range(2026, 2034)]
    for name in ("priority", "agents", "city", "epci"):
        holder = world.holders[name]
        drift = [sum(own_gap(ledger, holder) for ledger in ledgers[: number + 1]) for number in range(8)]
        assert max(abs(gap) for gap in drift) < UNIT, (name, drift)
    agents = FlowEntry.objects.filter(holder=world.holders["agents"], stage__in=FlowEntry.RECEIVED)
    assert agents.aggregate(units=Sum("quantity"))["units"] == 2  # 8 × 6 × 5 % = 2.4
    for cap in state_caps([world.landlord], on=date(2033, 12, 31))[world.landlord.pk]:
        assert Verdict.BREACH not in {year.verdict for year in cap.years}


def test_full_carry_over_is_given_back_by_equal_steps_then_stops(world: World) -> None:
    settle(world, "als", "FULL")
    als = world.holders["als"]
    before = live(world, YEAR_1, 4)
    owed = left(before, als)
    assert owed == -200_000  # 4 × 20 % = 0,8 unit due, 1 received: ahead
    ledger = live(world, YEAR_2, 6)
    row = CarriedOver.objects.get(holder=als)
    assert (row.holder, row.amount, row.planned, row.convention) == (als, owed, 4, world.conventions["als"])
    assert carried(ledger, als) == [-50_000] * 4


def test_what_is_owed_comes_back_from_the_landlord_s_remainder(world: World) -> None:
    settle(world, "city", "FULL")
    city = world.holders["city"]
    before = live(world, YEAR_1, 3)
    owed = left(before, city)
    assert owed == 360_000
    ledger = live(world, YEAR_2, 5)
    assert carried(ledger, city) == [120_000] * 3
    others = [sum(carried(ledger, holder)) for holder in world.holders.values() if holder != world.holders["landlord"]]
    assert sum(carried(ledger, world.holders["landlord"])) == -sum(others)


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
    """Action Logement is owed 0.2 of the 1.2 due; its convention carries 0.1."""
    settle(world, "als", "CAPPED", 100_000)
    live(world, YEAR_1, 6)
    ledger = live(world, YEAR_2, 7)
    assert CarriedOver.objects.get(holder=world.holders["als"]).amount == 100_000
    assert carried(ledger, world.holders["als"]) == [16_667] * 5 + [16_665]


def test_cap_under_one_unit_binds_a_holder_of_less_than_a_unit_a_year(world: World) -> None:
    settle(world, "city", "CAPPED", 100_000)
    live(world, YEAR_1, 3)
    live(world, YEAR_2, 1)
    assert CarriedOver.objects.get(holder=world.holders["city"]).amount == 100_000


@pytest.mark.parametrize("given_back", [1, 2])
def test_what_a_short_year_did_not_give_back_is_carried_again(world: World, given_back: int) -> None:
    settle(world, "city", "FULL")
    city = world.holders["city"]
    live(world, YEAR_1, 3)
    second = live(world, YEAR_2, given_back)
    unfinished = 360_000 - given_back * 120_000
    expected = left(second, city) + unfinished
    third = live(world, datetime(2028, 1, 4, 8, tzinfo=UTC), 1)
    assert third.carried_over.get(holder=city).amount == expected


def test_holder_whose_convention_ended_carries_nothing(world: World) -> None:
    settle(world, "city", "FULL")
    live(world, YEAR_1, 3)
    with unguarded("reservations_convention.end_kept"):
        Convention.objects.filter(pk=world.conventions["city"].pk).update(ends_on=date(2026, 12, 31))
    live(world, YEAR_2, 1)
    assert CarriedOver.objects.filter(holder=world.holders["city"]).count() == 0


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
    assert CarriedOver.objects.get(holder=world.holders["city"]).planned == 6
    assert carried(ledger, world.holders["city"]) == [60_000] * 2


# --- where and when the convention is the right one ----------------------------------------------------------------


@pytest.mark.parametrize(("aude", "herault"), [("NONE", "FULL"), ("FULL", "NONE")])
def test_the_term_of_another_departement_does_not_apply(world: World, aude: str, herault: str) -> None:
    als = world.holders["als"]
    settle(world, "als", aude)
    convention(world.landlord, world.als, world.places["Hérault"], (als, "20", 3), carry_over=herault)
    for year in (YEAR_1, YEAR_2):
        for commune in ("Narbonne", "Béziers"):
            for _ in range(6):
                vacancy = world.vacancy(commune=commune, now=year)
                route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=year)
    found = {row.ledger.departement.name: row.convention.perimeter.name for row in als_rows(als)}
    full = "Aude" if aude == "FULL" else "Hérault"
    assert found == {full: full}


def als_rows(als: ReservationHolder) -> list[CarriedOver]:
    return list(CarriedOver.objects.filter(holder=als).select_related("ledger__departement", "convention__perimeter"))


def test_convention_signed_after_the_first_unit_of_the_year_carries_over(world: World) -> None:
    als, alice = world.holders["als"], world.people["alice"]
    before = live(world, YEAR_1, 6)
    with unguarded("reservations_convention.end_kept"):
        Convention.objects.filter(pk=world.conventions["als"].pk).update(ends_on=date(2026, 12, 31))
    ledger = live(world, YEAR_2, 1)
    assert CarriedOver.objects.filter(holder=als).count() == 0
    drafted = convention(
        world.landlord,
        world.als,
        world.places["Aude"],
        (als, "20", 3),
        starts_on=date(2027, 1, 1),
        ends_on=date(2029, 12, 31),
        signed=False,
        carry_over="FULL",
    )
    others = list(CarriedOver.objects.order_by("pk"))
    signed = sign_converted(convention=drafted, signed_on=date(2027, 1, 6), by=alice, today=date(2027, 1, 6))
    row = CarriedOver.objects.get(holder=als)
    assert (row.ledger, row.amount, row.convention) == (ledger, left(before, als), signed)
    assert list(CarriedOver.objects.exclude(pk=row.pk).order_by("pk")) == others
    live(world, YEAR_2, 1)
    assert len(carried(ledger, als)) == 1


def test_steps_are_counted_on_units_of_the_flow_each_once(world: World) -> None:
    """A unit of three is given back and offered again: three units still credited the city, not four."""
    settle(world, "city", "FULL", returns_effect="YES")
    settle(world, "als", "NONE", returns_effect="YES", fallback=[])
    ledger = live(world, YEAR_1, 3)
    vacancy = ledger.vacancies.earliest("pk")
    routing = elsewhere(world, vacancy, "als" if held(vacancy) != "als" else "city", YEAR_1)
    return_vacancy(routing=routing, reason="DECLINED", text="Non.", by=world.people["aline"], now=YEAR_1)
    assert ledger.entries.filter(holder=world.holders["city"], stage="DUE").count() >= 3
    live(world, YEAR_2, 1)
    assert CarriedOver.objects.get(holder=world.holders["city"]).planned == 3


# --- the year before moves after the next has opened ---------------------------------------------------------------

DECEMBER, JANUARY = datetime(2026, 12, 30, 8, tzinfo=UTC), datetime(2027, 1, 5, 8, tzinfo=UTC)


def everyone_in_full(world: World) -> None:
    for who in world.conventions:
        settle(world, who, "FULL", returns_effect="NO", fallback=[])


def gaps_of(ledger: Ledger) -> dict[int, int]:
    """What a year leaves to each holder but the landlord."""
    return {
        line.holder_id: line.due - UNIT * line.received
        for line in ledger.lines.order_by("pk").select_related("holder")
        if not line.holder.is_not_reserved
    }


def test_unit_of_december_given_back_in_january_corrects_what_is_carried(world: World) -> None:
    everyone_in_full(world)
    vacancy = world.vacancy(now=DECEMBER)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=DECEMBER)
    city = world.holders["city"]
    routing = elsewhere(world, vacancy, "city", DECEMBER)
    ledger = live(world, YEAR_2, 1)
    assert totals(ledger) == gaps_of(vacancy.ledger)
    assert totals(ledger)[city.pk] == -880_000
    return_vacancy(routing=routing, reason="DECLINED", text="Non.", by=world.people["aline"], now=JANUARY)
    assert gaps_of(vacancy.ledger)[city.pk] == 120_000
    assert totals(ledger) == gaps_of(vacancy.ledger)
    rows = CarriedOver.objects.filter(holder=city).order_by("ordinal").values_list("ordinal", "amount")
    assert list(rows) == [(1, -880_000), (2, UNIT)]
    given = sum(carried(ledger, city))
    live(world, YEAR_2, 1)
    assert sum(carried(ledger, city)) > given  # the advance is no longer taken back


def test_unit_of_december_rerouted_in_january_corrects_what_is_carried(world: World) -> None:
    everyone_in_full(world)
    vacancy = world.vacancy(now=DECEMBER)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=DECEMBER)
    ledger = live(world, YEAR_2, 1)
    elsewhere(world, vacancy, "als" if held(vacancy) != "als" else "city", JANUARY)
    assert totals(ledger) == gaps_of(vacancy.ledger)
    assert CarriedOver.objects.filter(ordinal=2).count() > 0


def held(vacancy: Vacancy) -> str:
    recommended = vacancy.recommendations.get().holder
    return "als" if recommended.organisation.name == "Action Logement Services" else ""


def test_unit_of_december_recommended_in_january_corrects_what_is_carried(world: World) -> None:
    everyone_in_full(world)
    live(world, DECEMBER, 2)
    late = world.vacancy(now=DECEMBER)
    ledger = live(world, YEAR_2, 1)
    before = totals(ledger)
    route_waiting_vacancies(ledger_id=late.ledger_id, now=JANUARY)
    assert totals(ledger) == {pk: gap for pk, gap in gaps_of(late.ledger).items() if gap}
    assert totals(ledger) != before


def test_correction_reaches_the_year_after_the_next(world: World) -> None:
    everyone_in_full(world)
    vacancy = world.vacancy(now=DECEMBER)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=DECEMBER)
    live(world, YEAR_2, 1)
    third = live(world, datetime(2028, 1, 4, 8, tzinfo=UTC), 1)
    was = totals(third)
    taker = "als" if held(vacancy) != "als" else "city"
    elsewhere(world, vacancy, taker, datetime(2028, 1, 5, 8, tzinfo=UTC))
    pk = world.holders[taker].pk
    assert totals(third).get(pk, 0) - was.get(pk, 0) == -UNIT


def test_confirming_in_january_corrects_nothing(world: World) -> None:
    everyone_in_full(world)
    vacancy = world.vacancy(now=DECEMBER)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=DECEMBER)
    live(world, YEAR_2, 1)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=JANUARY)
    assert CarriedOver.objects.exclude(ordinal=1).count() == 0


def test_act_of_the_running_year_reads_no_other_ledger(world: World, django_assert_num_queries: Callable) -> None:
    ledger = live(world, YEAR_2, 1)
    with django_assert_num_queries(0):
        carry_again(ledger, on=JANUARY.date())
