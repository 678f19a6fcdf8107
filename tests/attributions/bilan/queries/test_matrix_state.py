"""Who sent what: the days of the law and those tolerated, what each holder answered, a fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from attributions.bilan.models import BalanceTolerance
from attributions.bilan.queries.deadlines import Deadline, deadlines, first_sent, followed_exercise, to_send
from attributions.bilan.queries.matrix import HolderState, MatrixState
from attributions.bilan.queries.states import matrix_state
from flux.models import Ledger
from flux.operations.routing import confirm_recommendations
from reservations.models import Organisation
from reservations.operations.party import register_landlord, register_organisation
from tests.attributions.bilan.matrix_states import contested, opened, sent, signed
from tests.flux.before_the_rule import route_all
from tests.flux.forecasts import forecast
from tests.world import World, convention, siren
from tests.world_again import kept

NumQueries = Callable[[int], Any]
WEDNESDAY = date(2027, 2, 24)
#: Tuesday 16 February 2027.
BEFORE = datetime(2027, 2, 16, 9, tzinfo=UTC)


def read(world: World, today: date = WEDNESDAY, **given: Any) -> MatrixState:
    return matrix_state(world.places["Le Grand Narbonne"], 2026, today=today, **given)


@pytest.fixture
@kept
def housed(world: World) -> World:
    """Robine has units in Narbonne, Toits de l’Orb in Coursan and in Béziers; each fell vacant, out of the flow."""
    excluded = {"kind": "EXCLUDED", "exclusion": "URBAN_RENEWAL"}
    world.vacancy(**excluded)
    world.vacancy(**excluded, landlord=world.other_landlord, commune="Coursan")
    world.vacancy(**excluded, landlord=world.other_landlord, commune="Béziers")
    return world


def test_balance_is_owed_alike_on_the_home_of_the_landlord_and_on_the_board(world: World) -> None:
    """Nothing fell vacant, and there is no account: nothing is awaited. One unit, even out of the flow: it is owed."""
    unit = world.unit()
    [row] = read(world).rows
    assert (row.owed, read(world).absent, read(world).late, read(world).expected) == (False, [], 0, 0)
    assert to_send(world.landlord, today=WEDNESDAY) == []
    world.vacancy(unit, kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    assert not Ledger.objects.exists()
    assert [each.landlord for each in read(world).lacking] == [world.landlord]
    assert [place for place, _ in to_send(world.landlord, today=WEDNESDAY)] == [world.places["Aude"]]


def test_landlords_are_those_with_units_on_the_territory_in_its_departements(housed: World) -> None:
    found = read(housed)
    assert [(str(row.landlord), row.departement.name) for row in found.rows] == [
        ("Robine Habitat", "Aude"),
        ("Toits de l’Orb", "Aude"),
    ]
    assert (found.sent, found.forecasts, found.unanswered, len(found.lacking)) == (0, 0, 0, 2)
    beziers = matrix_state(housed.places["Béziers Méditerranée"], 2026, today=WEDNESDAY)
    assert [str(row.landlord) for row in beziers.rows] == ["Toits de l’Orb"]


@pytest.mark.parametrize(
    ("day", "late"), [(date(2027, 2, 27), 0), (date(2027, 2, 28), 1), (date(2027, 3, 10), 11), (date(2026, 12, 31), 0)]
)
def test_law_says_before_the_28_of_february(world: World, day: date, late: int) -> None:
    due = deadlines(2026, [None])[None]
    assert (due.named, due.days_late(day), due.is_past(day)) == (date(2027, 2, 28), late, late > 0)


def test_tolerance_of_a_region_is_its_last_day(housed: World) -> None:
    BalanceTolerance.objects.create(
        region=housed.places["Occitanie"], exercise=2026, until=date(2027, 3, 31), source="Lettre de la DREAL"
    )
    sent(housed, housed.landlord, housed.city, at=datetime(2027, 3, 31, 9, tzinfo=UTC))
    robine, other = read(housed, date(2027, 4, 2)).rows
    assert robine.balance is not None
    assert robine.balance.late == 0
    assert (other.late, other.left, read(housed).days_left) == (2, 0, 35)
    assert deadlines(2025, [housed.places["Occitanie"].pk])[housed.places["Occitanie"].pk].tolerance is None


def test_a_balance_is_sent_once_its_year_is_over(housed: World) -> None:
    """CCH, R441-5: a balance of the year before; what was sent in the course of the year is a stage of it."""
    sent(housed, housed.landlord, housed.city, at=datetime(2026, 10, 5, 9, tzinfo=UTC))
    sent(housed, housed.other_landlord, housed.city, at=BEFORE)
    aude, both = housed.places["Aude"].pk, (housed.landlord.pk, housed.other_landlord.pk)
    assert first_sent(both, [2026]) == {(both[1], aude, 2026): BEFORE.date()}
    assert (first_sent(both, [2025]), first_sent(both[:1], [2026])) == ({}, {})


def test_no_parameter_no_deadline() -> None:
    none = Deadline(None, None)
    assert (none.days_late(WEDNESDAY), none.days_left(WEDNESDAY), none.is_past(WEDNESDAY)) == (0, 0, False)


def test_one_follows_the_year_before_until_the_summer() -> None:
    assert [followed_exercise(day) for day in (date(2027, 1, 1), date(2027, 6, 30), date(2027, 7, 1))] == [
        2026,
        2026,
        2027,
    ]


def test_each_holder_stands_where_its_last_act_put_it(housed: World) -> None:
    world = housed
    version = sent(world, world.landlord, world.state, world.als, world.city, world.epci, at=BEFORE)
    signed(version, world.als, at=BEFORE, world=world)
    contested(version, world.city, at=datetime(2027, 2, 19, 9, tzinfo=UTC), world=world)
    opened(version, world.state, at=BEFORE, world=world)
    found = read(world, reader=world.epci.pk)
    robine, orb = found.rows
    cells = {name: robine.cell(getattr(world, name).pk) for name in ("state", "als", "city", "epci")}
    assert {name: cell.state for name, cell in cells.items()} == {
        "state": HolderState.READ,
        "als": HolderState.SIGNED,
        "city": HolderState.REMARK,
        "epci": HolderState.UNOPENED,
    }
    assert (cells["city"].on, cells["als"].on, cells["epci"].own) == (date(2027, 2, 19), date(2027, 2, 16), True)
    assert orb.cell(world.city.pk).state == HolderState.NONE
    assert (found.signed, found.expected, found.unanswered, robine.open_remarks) == (1, 5, 1, 1)
    assert len(orb.signatures) == 1, "the landlord that has a balance to send signs it too"
    assert found.columns[0].name == "Préfecture de l’Aude"


def test_next_version_is_signed_again_and_its_first_sending_is_the_one_on_time(housed: World) -> None:
    world = housed
    first = sent(world, world.landlord, world.als, at=BEFORE)
    signed(first, world.als, at=BEFORE, world=world)
    remark = contested(first, world.city, at=BEFORE, world=world)
    sent(world, world.landlord, world.als, at=datetime(2027, 3, 15, 9, tzinfo=UTC))
    robine = read(world, date(2027, 3, 16)).rows[0]
    assert robine.balance is not None
    assert robine.balance.late == 0
    assert robine.cell(world.als.pk).state == HolderState.UNOPENED
    assert robine.cell(world.city.pk).state == HolderState.REMARK
    assert robine.cell(world.epci.pk).state == HolderState.NOT_SENT
    remark.answer, remark.answer_text = "MAINTAINED", "Deux propositions distinctes."
    remark.answered_at, remark.answered_by = datetime(2027, 3, 15, 10, tzinfo=UTC), world.people["alice"]
    remark.save()
    assert read(world, date(2027, 3, 16)).unanswered == 0


def test_complete_counts_units_offered_that_lack_nothing(housed: World) -> None:
    world = housed
    for given in ({}, {"financing_code": ""}, {"in_qpv": None}, {"construction_year": None}):
        world.vacancy(commune="Narbonne", **given)
    ledger = Ledger.objects.ordinary().get()
    route_all(ledger)
    confirm_recommendations(vacancies=list(ledger.vacancies.values_list("pk", flat=True)), by=world.people["aline"])
    robine = read(world).rows[0]
    assert (robine.complete, robine.units, robine.missing) == (1, 4, 3)


def test_forecast_of_the_next_year_stands_beside(housed: World) -> None:
    forecast(housed, 2027, sent=True, now=datetime(2027, 3, 2, 9, tzinfo=UTC))
    robine, orb = read(housed, date(2027, 3, 3)).rows
    assert robine.forecast is not None
    assert (robine.forecast.late, robine.forecast_is_late) == (3, False), "sent late, it is awaited no more"
    assert (orb.forecast, orb.forecast_is_late) == (None, True)


def test_standing_costs_the_same_whatever_there_is(housed: World, django_assert_num_queries: NumQueries) -> None:
    world = housed
    counted = 4
    signed(sent(world, world.landlord, world.als, at=BEFORE), world.als, at=BEFORE, world=world)
    for number in (1, 3, 12):
        while Organisation.objects.filter(kind="LANDLORD").count() < number:
            extra = 100 + Organisation.objects.count()
            landlord = register_landlord(siren=siren(extra), name=f"Bailleur {extra}", acronym=f"B{extra}")
            world.unit(landlord=landlord)
            other = register_organisation(siren=siren(extra + 500), name=f"Ville {extra}", article="la", kind="OTHER")
            holder = other.contingents.get()
            convention(landlord, other, world.places["Aude"], (holder, "10", 1))
            signed(sent(world, landlord, other, at=BEFORE), other, at=BEFORE, world=world)
        with django_assert_num_queries(counted):
            found = read(world)
    assert len(found.rows) == 12
    assert len(found.columns) == 8
    assert sum(found.beside(row).expected for row in found.rows) == len(found.others)
