"""The State's cap in units: where a whole unit rounds, and where the cap is passed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db.models import Sum

from flux.models import Ledger
from flux.operations.cancellation import cancel_vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import route_elsewhere, route_waiting_vacancies
from flux.pages.checks import PILLS, read_checks
from flux.queries.state_cap import CapAccount, Verdict, fold, state_caps
from reservations.models import Convention, LegalParameter
from reservations.models.convention import UNIT
from reservations.operations.derogation import record_derogation
from reservations.operations.party import register_landlord
from tests.guards import unguarded
from tests.world import World, siren

YEARS = (2026, 2027, 2028)


def vacate(world: World, year: int, count: int) -> Ledger:
    """So many units of the flow, declared and routed in January."""
    now = datetime(year, 1, 15, 8, 0, tzinfo=UTC)
    vacancies = [world.vacancy(now=now) for _ in range(count)]
    ledger = vacancies[0].ledger
    assert ledger is not None
    route_waiting_vacancies(ledger_id=ledger.pk, now=now)
    return ledger


def accounts(world: World, on: date) -> dict[str, CapAccount]:
    return {account.capped.code.value: account for account in state_caps([world.landlord], on=on)[world.landlord.pk]}


@pytest.mark.parametrize(
    ("years", "expected"),
    [
        ([(2026, 6, 1_800_000, 1)], [(-800_000, Verdict.UNDER)]),
        ([(2026, 6, 1_800_000, 2)], [(200_000, Verdict.ROUNDING)]),
        ([(2026, 0, 0, 0)], [(0, Verdict.UNDER)]),
        (
            [(2026, 6, 1_800_000, 2), (2027, 6, 1_800_000, 2), (2028, 6, 1_800_000, 2)],
            [(200_000, Verdict.ROUNDING), (400_000, Verdict.ROUNDING), (600_000, Verdict.ROUNDING)],
        ),
        (
            [(2026, 6, 1_800_000, 2), (2027, 6, 1_800_000, 2), (2028, 6, 1_800_000, 1)],
            [(200_000, Verdict.ROUNDING), (400_000, Verdict.ROUNDING), (-400_000, Verdict.UNDER)],
        ),
        # Three of six pass this year's cap, though the year before left room for them.
        (
            [(2026, 6, 1_800_000, 0), (2027, 6, 1_800_000, 3)],
            [(-1_800_000, Verdict.UNDER), (-600_000, Verdict.MADE_UP)],
        ),
        ([(2026, 10, 3_000_000, 4)], [(1_000_000, Verdict.BREACH)]),
        (
            [(2026, 6, 1_800_000, 2), (2027, 6, 1_800_000, 3)],
            [(200_000, Verdict.ROUNDING), (1_400_000, Verdict.BREACH)],
        ),
    ],
)
def test_gap_is_carried_and_is_a_breach_from_one_whole_unit(
    years: list[tuple[int, int, int, int]], expected: list[tuple[int, Verdict]]
) -> None:
    assert [(year.cumulated, year.verdict) for year in fold(years)] == expected


@pytest.mark.parametrize("received", range(61))
@pytest.mark.parametrize(("net", "cap"), [(42, 2_100_000), (42, 12_600_000), (100, 30_000_000), (6, 300_000)])
def test_over_a_cap_is_never_reported_as_kept(received: int, net: int, cap: int) -> None:
    """« 3 sur 42 = 7,1 % » against 5 %, « 31 % » against 30 %: a whole unit explains it, and nothing is green.
    CCH, R441-5-2: the share is of « au plus » so much."""
    for before in ((), ((2025, 40, 12_000_000, 2),)):
        year = fold([*before, (2026, net, cap, received)], contingents=2)[-1]
        over = UNIT * received > cap or year.cumulated > 0
        assert year.verdict.is_kept is (PILLS[year.verdict] == "ok") is not over
        assert (year.verdict == Verdict.UNDER) is not over


def test_rounding_that_adds_up_to_a_whole_unit_is_stated() -> None:
    """Two of six, year after year: the fifth year owes a whole unit back, which a carry-over would have given."""
    years = fold([(year, 6, 1_800_000, 2) for year in range(2026, 2032)])
    assert [year.verdict for year in years] == [Verdict.ROUNDING] * 4 + [Verdict.BREACH] * 2


def test_net_flow_of_six_a_year_is_not_driven_over_thirty_percent_by_rounding(world: World) -> None:
    """30 % of 6 units are 1.8: no year is a breach, and three years stay within one unit of 5.4."""
    for year in YEARS:
        vacate(world, year, 6)
    account = accounts(world, date(2028, 12, 31))["STATE_SHARE"]
    assert [(year.exercise, year.net, year.cap) for year in account.years] == [(year, 6, 1_800_000) for year in YEARS]
    assert (account.net, account.exact) == (18, 5_400_000)
    assert [(year.received, year.gap, year.cumulated) for year in account.years] == [
        (2, 200_000, 200_000),
        (2, 200_000, 400_000),
        (2, 200_000, 600_000),
    ]
    assert [year.verdict for year in account.years] == [Verdict.ROUNDING] * 3
    (reading,) = read_checks([world.landlord], on=date(2028, 6, 30))
    assert reading.refusals == ()


def test_two_contingents_round_twice() -> None:
    """Each contingent may be ahead by less than a unit: one unit and a half together is still rounding."""
    years = [(2026, 5, 1_500_000, 3)]
    assert [year.verdict for year in fold(years, contingents=2)] == [Verdict.ROUNDING]
    assert [year.verdict for year in fold(years)] == [Verdict.BREACH]
    assert [year.verdict for year in fold([(2026, 10, 3_000_000, 5)], contingents=2)] == [Verdict.BREACH]


def test_unit_offered_again_after_a_counted_return_entered_once(world: World) -> None:
    with unguarded("reservations_convention.terms_kept"):
        Convention.objects.update(returns_effect="YES", fallback=[])
    ledger = vacate(world, 2026, 1)
    vacancy, now = ledger.vacancies.get(), datetime(2026, 1, 16, 8, 0, tzinfo=UTC)
    given = {"vacancy": vacancy, "by": world.people["aline"], "now": now}
    routing = route_elsewhere(holder=world.holders["city"], motive="OTHER", motive_text="Convenu.", **given)
    return_vacancy(routing=routing, reason="DECLINED", text="Non.", by=world.people["aline"], now=now)
    assert ledger.entries.filter(stage="DUE").aggregate(due=Sum("quantity"))["due"] == 1_000_000
    account = accounts(world, date(2026, 12, 31))["STATE_SHARE"]
    assert (account.net, account.exact) == (1, 300_000)


def test_agents_have_an_account_of_their_own(world: World) -> None:
    vacate(world, 2026, 6)
    account = accounts(world, date(2026, 12, 31))["STATE_AGENTS_SHARE"]
    assert (account.cap.share, account.exact, account.net) == (50_000, 300_000, 6)


def test_units_of_later_days_are_not_read(world: World) -> None:
    vacate(world, 2026, 6)
    assert accounts(world, date(2026, 1, 14)) == {}
    assert accounts(world, date(2026, 1, 15))["STATE_SHARE"].net == 6


def test_cap_of_each_day_is_the_one_in_force_on_that_day(world: World) -> None:
    """Six units under an order of 50 %, six the next year under the law's 30 %."""
    record_derogation(
        landlord=world.landlord,
        departement=world.places["Aude"],
        code=LegalParameter.Code.STATE_SHARE_MAX,
        value=Decimal(50),
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        order="arrêté n° 2026-7",
        by=world.people["bob"],
    )
    for year in (2026, 2027):
        vacate(world, year, 6)
    account = accounts(world, date(2027, 12, 31))["STATE_SHARE"]
    assert [year.cap for year in account.years] == [3_000_000, 1_800_000]
    assert account.cap.share == 300_000


def test_units_over_the_cap_by_one_or_more_are_a_refusal(world: World) -> None:
    """The law lowers the cap to 1 %: what the State received already passes it by more than a unit."""
    vacate(world, 2026, 12)
    LegalParameter.objects.filter(code="STATE_SHARE_MAX").update(value=1)
    account = accounts(world, date(2026, 12, 31))["STATE_SHARE"]
    assert (account.verdict, account.exact) == (Verdict.BREACH, 120_000)
    (reading,) = read_checks([world.landlord], on=date(2026, 12, 31))
    found = [check for check in reading.refusals if check.code == "STATE_RECEIVED"]
    assert [(check.where, check.article) for check in found] == [("Aude", "CCH, R441-5-2")]
    assert f"{account.received} logements sur 12 entrés dans le flux sont allés à l’État" in found[0].what


def test_cap_passed_by_rounding_is_a_warning_that_says_why(world: World) -> None:
    """One unit of two goes to the State: over the cap of 30 % by less than a unit a contingent."""
    vacate(world, 2026, 2)
    account = accounts(world, date(2026, 12, 31))["STATE_SHARE"]
    assert account.verdict == Verdict.ROUNDING
    (reading,) = read_checks([world.landlord], on=date(2026, 12, 31))
    assert "STATE_RECEIVED" not in {check.code for check in reading.refusals}
    (found,) = [check for check in reading.warnings if check.code == "STATE_RECEIVED"]
    assert found.what == (
        "En 2026, 1 logement sur 2 entrés dans le flux est allé à l’État : le plafond est de 30 %, et il est "
        "passé de 0,40 logement, par arrondi : moins d’un logement par contingent"
    )
    assert "Un logement ne se partage pas" in found.todo


def test_departements_out_of_sight_are_left_out(world: World) -> None:
    vacate(world, 2026, 3)
    found = state_caps([world.landlord], on=date(2026, 12, 31), departements=[world.places["Hérault"].pk])
    assert found == {world.landlord.pk: []}


@pytest.mark.parametrize("count", [1, 12])
def test_queries_are_as_many_for_several_landlords(
    world: World, django_assert_num_queries: Callable, count: int
) -> None:
    vacate(world, 2026, 3)
    landlords = [world.landlord] + [
        register_landlord(siren=siren(100 + number), name=f"Bailleur {number}", acronym=f"B{number}")
        for number in range(1, count)
    ]
    with django_assert_num_queries(2):
        state_caps(landlords, on=date(2026, 12, 31))


def test_cancelled_unit_is_under_no_cap(world: World) -> None:
    ledger = vacate(world, 2026, 6)
    on = date(2026, 6, 30)
    before = accounts(world, on)["STATE_SHARE"].net
    cancel_vacancy(
        vacancy=ledger.vacancies.order_by("pk")[0],
        reason="DECLARED_BY_MISTAKE",
        text="Erreur.",
        by=world.people["aline"],
        now=datetime(2026, 7, 1, 8, 0, tzinfo=UTC),
    )
    assert (before, accounts(world, on)["STATE_SHARE"].net) == (6, 6), "it was counted in June"
    assert accounts(world, date(2026, 7, 1))["STATE_SHARE"].net == 5
