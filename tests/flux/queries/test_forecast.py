"""The forecast against figures worked by hand: the comparison, the proposal, the targets, the recipients."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from flux.models import Forecast, LedgerLine
from flux.operations.forecast import send_forecast, write_forecast
from flux.queries.forecast_content import content_of, content_on
from flux.queries.forecasts import (
    Reminder,
    Year,
    due_on,
    dues,
    happened,
    is_late,
    planned_flow,
    proposal,
    recipients,
    to_remind,
)
from flux.queries.targets import targets, whole_targets
from reservations.models import LegalParameter, ReservationHolder
from reservations.operations.derogation import record_derogation
from reservations.operations.party import register_organisation
from tests.world import MORNING, World, convention, promise_behind_the_acts, siren

NumQueries = Callable[[int], AbstractContextManager[object]]
TODAY = MORNING.date()
FEBRUARY = datetime(2027, 2, 3, 9, 0, tzinfo=UTC)

CATEGORIES = ("INTERNAL_TRANSFER", "URBAN_RENEWAL", "DEGRADED_CONDO", "UNFIT_HOUSING", "SALE_REHOUSING")


def year(exercise: int, fallen: int, *subtracted: int) -> Year:
    return Year(exercise, fallen, dict(zip(CATEGORIES, subtracted, strict=True)))


def write(world: World, exercise: int, expected: int, today: date = TODAY, **subtracted: int) -> Forecast:
    return write_forecast(
        landlord=world.landlord,
        departement=world.places["Aude"],
        exercise=exercise,
        expected=expected,
        subtracted=subtracted,
        by=world.people["alice"],
        today=today,
    )


# --- the day -------------------------------------------------------------------------------------------------------


def test_due_before_28_february_whatever_the_year(db: None) -> None:
    assert [due_on(2024), due_on(2027)] == [date(2024, 2, 28), date(2027, 2, 28)]
    assert [is_late(date(2027, 2, 27), due_on(2027)), is_late(date(2027, 2, 28), due_on(2027))] == [False, True]


def test_due_is_unknown_without_the_parameter_or_with_no_such_day(db: None) -> None:
    LegalParameter.objects.filter(code="FORECAST_DUE").update(value=Decimal(230))
    assert due_on(2027) is None
    LegalParameter.objects.filter(code="FORECAST_DUE").delete()
    assert due_on(2027) is None
    assert is_late(date(2027, 12, 31), None) is False


# --- what happened, what is proposed -------------------------------------------------------------------------------


def test_happened_counts_the_flow_and_what_left_it_and_nothing_else(world: World) -> None:
    for kind, exclusion in (
        ("IN_FLOW", ""),
        ("IN_FLOW", ""),
        ("EXCLUDED", "INTERNAL_TRANSFER"),
        ("TECHNICAL", ""),
    ):
        world.vacancy(kind=kind, exclusion=exclusion)
    world.vacancy(landlord=world.other_landlord, commune="Béziers")
    world.vacancy(now=MORNING.replace(month=3))
    aude = world.places["Aude"]
    assert happened(world.landlord, aude, [2025, 2026], until=TODAY) == {
        2025: year(2025, 0, 0, 0, 0, 0, 0),
        2026: year(2026, 4, 1, 0, 0, 0, 0),
    }
    assert happened(world.landlord, aude, [2026], until=date(2026, 6, 30))[2026].fallen == 1
    assert happened(world.landlord, aude, [2026], until=TODAY)[2026].net == 3


def test_proposal_averages_complete_years_and_keeps_the_total_of_what_is_subtracted() -> None:
    known = {
        2024: year(2024, 58, 6, 3, 0, 1, 1),
        2025: year(2025, 61, 7, 2, 1, 0, 1),
        2026: year(2026, 50, 1, 1, 1, 1, 1),
    }
    found = proposal(2027, known, today=TODAY)
    assert found is not None
    assert (found.years, found.running) == ((2024, 2025), False)
    assert (found.expected.units, found.expected.formula) == (60, "(58 + 61) / 2 = 59,50")
    # 22 / 2 = 11 subtracted in all; 6,5 2,5 0,5 0,5 1 → the units left go to the largest remainders, in order.
    assert [found.subtracted[code].units for code in CATEGORIES] == [7, 3, 0, 0, 1]


def test_proposal_uses_the_running_year_when_it_is_the_only_one_and_says_so() -> None:
    found = proposal(2027, {2025: year(2025, 0, 0, 0, 0, 0, 0), 2026: year(2026, 9, 2, 0, 0, 0, 0)}, today=TODAY)
    assert found is not None
    assert (found.years, found.running, found.expected.formula) == ((2026,), True, "9")


def test_proposal_is_nothing_without_a_vacancy() -> None:
    assert proposal(2027, {2026: year(2026, 0, 0, 0, 0, 0, 0)}, today=TODAY) is None


def test_comparison_sets_the_forecast_sent_beside_what_happened(world: World) -> None:
    world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER")
    world.vacancy()
    send_forecast(forecast=write(world, 2026, 10, INTERNAL_TRANSFER=3), by=world.people["alice"], now=MORNING)
    draft = write(world, 2027, 12, URBAN_RENEWAL=4)
    read = content_on(draft, on=TODAY).compared
    rows = [read.fallen, *read.categories, read.subtracted, read.net]
    assert [(row.planned_before, row.happened, row.gap, row.planned) for row in rows] == [
        (10, 2, -8, 12),
        (3, 1, -2, 0),
        (0, 0, 0, 4),
        (0, 0, 0, 0),
        (0, 0, 0, 0),
        (0, 0, 0, 0),
        (3, 1, -2, 4),
        (7, 1, -6, 8),
    ]


def test_comparison_says_nothing_of_a_draft_that_was_never_sent(world: World) -> None:
    world.unit()
    write(world, 2026, 10, INTERNAL_TRANSFER=3)
    read = content_on(write(world, 2027, 5), on=TODAY).compared
    assert (read.has_before, read.fallen.gap, read.net.planned) == (False, None, 5)


def test_planned_flow_is_that_of_the_forecast_sent(world: World) -> None:
    world.unit()
    aude = world.places["Aude"]
    assert planned_flow(world.landlord, aude, 2027) is None
    draft = write(world, 2027, 576, INTERNAL_TRANSFER=60, URBAN_RENEWAL=36)
    assert planned_flow(world.landlord, aude, 2027) is None
    send_forecast(forecast=draft, by=world.people["alice"])
    assert planned_flow(world.landlord, aude, 2027) == 480
    assert planned_flow(world.landlord, world.places["Hérault"], 2027) is None


# --- targets -------------------------------------------------------------------------------------------------------


def drawn(world: World, net: int, exercise: int = 2027) -> dict[str, tuple[Fraction, int]]:
    read = targets(world.landlord, world.places["Aude"], exercise, net, until=TODAY)
    return {str(target.holder): (target.exact, target.whole) for target in read.targets}


def test_targets_of_a_commune_bear_on_its_own_part_of_the_flow(world: World) -> None:
    """Regulation, 9.2: 12 % of 60, not of 480."""
    for commune, count in (("Narbonne", 1), ("Coursan", 4), ("Sigean", 3)):
        for _ in range(count):
            world.vacancy(commune=commune)
    assert drawn(world, 480) == {
        "État – publics prioritaires": (Fraction(120), 120),
        "État – agents": (Fraction(24), 24),
        "Action Logement Services": (Fraction(96), 96),
        "Ville de Narbonne": (Fraction(36, 5), 7),
        "Le Grand Narbonne": (Fraction(144, 5), 29),
        "Non réservé": (Fraction(204), 204),
    }


def test_targets_fall_by_the_stock_when_nothing_fell_vacant(world: World) -> None:
    world.unit(commune="Narbonne")
    world.unit(commune="Coursan")
    read = targets(world.landlord, world.places["Aude"], 2027, 100, until=TODAY)
    assert (read.by_vacancies, read.known, read.has_local) == (False, 2, True)
    assert drawn(world, 100)["Ville de Narbonne"] == (Fraction(6), 6)
    [part] = next(target.parts for target in read.targets if str(target.holder) == "Ville de Narbonne")
    assert part.formula == "12\u202f% × 100 × 1/2 = 6"


def test_targets_count_the_days_of_a_convention_that_ends_in_the_year(world: World) -> None:
    world.vacancy()
    world.end(world.conventions["als"], date(2027, 3, 14))  # 73 days of 365: a fifth
    read = targets(world.landlord, world.places["Aude"], 2027, 100, until=TODAY)
    [part] = next(target.parts for target in read.targets if str(target.holder) == "Action Logement Services")
    assert part.formula == "20\u202f% × 100 × 73/365 jours = 4"


def test_targets_keep_the_state_under_its_cap_when_rounding_alone_would_pass_it(world: World) -> None:
    """A net flow of 6: 30 % is 1,8, which rounds to 2, a third; the State gets 1 and its account keeps the rest."""
    world.vacancy(commune="Sigean")
    read = targets(world.landlord, world.places["Aude"], 2027, 6, until=TODAY)
    assert [(cap.whose, cap.formula, cap.rounded, cap.whole, cap.held) for cap in read.caps] == [
        ("part de l’État", "30\u202f% × 6 = 1,80", 2, 1, True),
        ("part des agents de l’État", "5\u202f% × 6 = 0,30", 0, 0, False),
    ]
    assert sum(target.whole for target in read.targets) == 6
    assert sum(t.whole for t in read.targets if t.holder.contingent in ReservationHolder.STATE) == 1


def caps_of(net: int) -> dict[str, Fraction]:
    """The law's caps of a net flow, in units."""
    return {"STATE_SHARE_MAX": Fraction(30 * net, 100), "STATE_AGENTS_SHARE_MAX": Fraction(5 * net, 100)}


@pytest.mark.parametrize("net", range(60))
def test_whole_targets_sum_to_the_flow_and_never_round_over_the_cap(net: int) -> None:
    holders = [ReservationHolder(pk=pk, contingent=code) for pk, code in ((1, 2), (2, 1), (3, 3), (4, 7))]
    shares = (Fraction(25, 100), Fraction(5, 100), Fraction(33, 100), Fraction(37, 100))
    exact = {holder: share * net for holder, share in zip(holders, shares, strict=True)}
    rounded, whole = whole_targets(net, exact, caps_of(net))
    assert sum(rounded.values()) == sum(whole.values()) == net
    assert whole[holders[0]] + whole[holders[1]] <= Fraction(30, 100) * net
    assert whole[holders[1]] <= Fraction(5, 100) * net


def test_whole_targets_leave_alone_a_state_that_the_conventions_take_over_the_cap() -> None:
    state, rest = ReservationHolder(pk=1, contingent=2), ReservationHolder(pk=2, contingent=7)
    assert whole_targets(10, {state: Fraction(4), rest: Fraction(6)}, caps_of(10))[1] == {state: 4, rest: 6}


def test_whole_targets_leave_with_the_agents_the_only_unit_that_nobody_else_can_have() -> None:
    agents = ReservationHolder(pk=1, contingent=1)
    assert whole_targets(1, {agents: Fraction(1)}, {"STATE_AGENTS_SHARE_MAX": Fraction(1)})[1] == {agents: 1}


def lift(world: World, value: int, starts_on: date, ends_on: date, code: str = "STATE_SHARE_MAX") -> None:
    record_derogation(
        landlord=world.landlord,
        departement=world.places["Aude"],
        code=code,
        value=Decimal(value),
        starts_on=starts_on,
        ends_on=ends_on,
        order="arrêté n° 2026-7",
        by=world.people["bob"],
    )


def test_targets_follow_the_order_that_lifts_a_cap(world: World) -> None:
    """40 % of 6 is 2,4: the second unit of the State passes nothing."""
    world.vacancy(commune="Sigean")
    lift(world, 40, date(2027, 1, 1), date(2027, 12, 31))
    lift(world, 9, date(2025, 1, 1), date(2025, 12, 31), code="STATE_AGENTS_SHARE_MAX")
    state, agents = targets(world.landlord, world.places["Aude"], 2027, 6, until=TODAY).caps
    assert (state.formula, state.whole, state.held, state.orders) == (
        "40\u202f% × 6 = 2,40",
        2,
        False,
        "arrêté n° 2026-7",
    )
    assert (agents.formula, agents.orders) == ("5\u202f% × 6 = 0,30", "")


def test_cap_lifted_for_part_of_the_year_counts_for_its_days(world: World) -> None:
    world.vacancy(commune="Sigean")
    lift(world, 40, date(2026, 11, 1), date(2027, 3, 14))
    state = targets(world.landlord, world.places["Aude"], 2027, 50, until=TODAY).caps[0]
    assert state.formula == "(40\u202f% × 73 jours + 30\u202f% × 292 jours) / 365 × 50 = 16"


def test_targets_know_no_cap_that_the_law_does_not_give_all_the_year(world: World) -> None:
    world.vacancy(commune="Sigean")
    LegalParameter.objects.filter(code="STATE_SHARE_MAX").update(ends_on=date(2027, 6, 30))
    read = targets(world.landlord, world.places["Aude"], 2027, 6, until=TODAY)
    assert [cap.whose for cap in read.caps] == ["part des agents de l’État"]


def test_what_was_sent_does_not_move_with_what_is_signed_since(world: World) -> None:
    for commune in ("Narbonne", "Coursan", "Coursan"):
        world.vacancy(commune=commune)
    send_forecast(forecast=write(world, 2027, 480), by=world.people["alice"], now=MORNING)
    sent = Forecast.objects.get()
    result = content_of(sent, today=TODAY)
    assert result == content_on(sent, on=TODAY)
    promise_behind_the_acts(world.conventions["als"], 50_000)
    LedgerLine.objects.update(due=1)
    lift(world, 40, date(2027, 1, 1), date(2027, 12, 31))
    assert content_on(sent, on=TODAY) != result
    assert content_of(sent, today=date(2027, 6, 1)) == result


def test_what_was_sent_without_targets_is_read_back_as_it_was(world: World) -> None:
    world.vacancy()
    promise_behind_the_acts(world.conventions["als"], 900_000)
    send_forecast(forecast=write(world, 2027, 100), by=world.people["alice"], now=MORNING)
    sent = Forecast.objects.get()
    assert content_of(sent, today=TODAY).drawn.excess == Fraction(38)
    assert content_of(sent, today=TODAY) == content_on(sent, on=TODAY)


def test_targets_are_none_where_more_than_the_whole_is_promised(world: World) -> None:
    world.vacancy()
    promise_behind_the_acts(world.conventions["als"], 900_000)
    read = targets(world.landlord, world.places["Aude"], 2027, 100, until=TODAY)
    assert (read.targets, read.excess, read.over) == ((), Fraction(38), "38,00 logements")


@pytest.mark.parametrize("count", [1, 12])
def test_targets_cost_the_same_whatever_the_vacancies(
    world: World, count: int, django_assert_num_queries: NumQueries
) -> None:
    for _ in range(count):
        world.vacancy()
    with django_assert_num_queries(7):
        targets(world.landlord, world.places["Aude"], 2027, 100, until=TODAY)


# --- to whom, and by when ------------------------------------------------------------------------------------------


def test_recipients_are_all_holders_the_epci_and_the_prefecture_with_why(world: World) -> None:
    world.unit()
    found = recipients(world.landlord, world.places["Aude"], 2027, on=TODAY)
    assert [(r.organisation.name, r.reasons) for r in found] == [
        ("Action Logement Services", ("CONVENTION",)),
        ("Le Grand Narbonne", ("CONVENTION", "EPCI")),
        ("Préfecture de l’Aude", ("CONVENTION", "PREFECTURE")),
        ("Ville de Narbonne", ("CONVENTION",)),
    ]


def test_recipients_without_a_convention_are_the_epci_and_the_prefecture(world: World) -> None:
    world.unit()
    found = recipients(world.landlord, world.places["Aude"], 2031, on=TODAY)
    assert [r.organisation.name for r in found] == ["Le Grand Narbonne", "Préfecture de l’Aude"]


def test_recipients_leave_out_a_holder_of_another_departement(world: World) -> None:
    world.unit()
    world.unit(commune="Béziers")
    found = recipients(world.landlord, world.places["Hérault"], 2027, on=TODAY)
    assert [r.organisation.name for r in found] == []


def test_dues_are_those_of_this_year_and_the_next_in_each_departement(world: World) -> None:
    world.unit()
    write(world, 2027, 10)
    send_forecast(forecast=write(world, 2026, 10), by=world.people["alice"], now=MORNING)
    found = dues(world.landlord, today=TODAY)
    assert [(due.exercise, due.is_sent, due.late) for due in found] == [(2027, False, False), (2026, True, True)]


@pytest.mark.parametrize(
    ("on", "reminded"),
    [(date(2026, 11, 24), False), (date(2027, 1, 1), True), (date(2027, 2, 27), True), (date(2027, 2, 28), False)],
)
def test_reminder_runs_from_january_to_the_day(world: World, on: date, reminded: bool) -> None:
    world.unit()
    found = to_remind(world.landlord, today=on)
    assert found == (Reminder(date(2027, 2, 28), (world.places["Aude"],)) if reminded else None)


def test_reminder_stops_once_the_forecast_is_sent(world: World) -> None:
    world.unit()
    draft = write(world, 2027, 10, today=FEBRUARY.date())
    assert to_remind(world.landlord, today=FEBRUARY.date()) is not None
    send_forecast(forecast=draft, by=world.people["alice"], now=FEBRUARY)
    assert to_remind(world.landlord, today=FEBRUARY.date()) is None


def test_a_convention_of_the_region_bears_on_the_whole_departement(world: World) -> None:
    world.vacancy(commune="Sigean")
    region = register_organisation(
        siren=siren(90), name="Région Occitanie", article="la", kind="REGION", territory=world.places["Occitanie"]
    )
    convention(world.landlord, region, world.places["Aude"], (region.contingents.get(), "1", 9))
    assert drawn(world, 480)["Région Occitanie"] == (Fraction(24, 5), 5)
