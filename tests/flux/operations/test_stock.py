"""Acts on the stock: units kept in stock, classes of programmes, routing mode."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from flux.models import OutsideFlow, Programme, RoutingPolicy, StockAssignment
from flux.operations.routing import route_waiting_vacancies
from flux.operations.stock import (
    OutsideRefused,
    classify_programme,
    end_outside_flow,
    keep_in_stock,
    set_outside_flow,
    set_routing_policy,
)
from reservations.models import HistoryEntry, StockRight, User
from reservations.refusals import Refusal
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()


def by(world: World) -> User:
    return world.people["alice"]


def test_keep_in_stock_records_the_title_and_the_unit_that_bears_it(world: World) -> None:
    unit = world.unit()
    assignment = keep_in_stock(
        unit=unit,
        holder=world.holders["agents"],
        ground="INTERNAL_SECURITY",
        starts_on=TODAY,
        ends_on=None,
        by=by(world),
    )
    right = StockRight.objects.get()
    assert StockAssignment.objects.get() == assignment
    assert (assignment.right, assignment.unit, assignment.starts_on, assignment.ends_on) == (right, unit, TODAY, None)
    assert (right.landlord, right.holder, right.ground) == (
        world.landlord,
        world.holders["agents"],
        "INTERNAL_SECURITY",
    )


def test_unit_bears_one_living_right_at_a_time(world: World) -> None:
    unit = world.unit()
    until = TODAY + timedelta(days=10)
    keep_in_stock(
        unit=unit, holder=world.holders["als"], ground="UNCONVERTED", starts_on=TODAY, ends_on=until, by=by(world)
    )
    with pytest.raises(Refusal, match="Ce logement porte déjà un droit en stock à cette date"):
        keep_in_stock(unit=unit, holder=world.holders["agents"], ground="DEFENCE", starts_on=until, by=by(world))
    assert (StockRight.objects.count(), StockAssignment.objects.count()) == (1, 1)
    keep_in_stock(
        unit=unit, holder=world.holders["agents"], ground="DEFENCE", starts_on=until + timedelta(days=1), by=by(world)
    )
    assert StockAssignment.objects.count() == 2


def test_stock_right_refused_writes_nothing(world: World) -> None:
    unit = world.unit()
    with pytest.raises(Refusal, match="Le droit finit avant de commencer"):
        keep_in_stock(
            unit=unit,
            holder=world.holders["als"],
            ground="LAND",
            starts_on=TODAY,
            ends_on=date(2026, 1, 1),
            by=by(world),
        )
    with pytest.raises(Refusal) as refused:
        keep_in_stock(unit=unit, holder=world.holders["landlord"], ground="DEFENCE", starts_on=TODAY, by=by(world))
    assert refused.value.field == "holder"
    with pytest.raises(Refusal) as refused:
        keep_in_stock(unit=unit, holder=world.holders["als"], ground="HABIT", starts_on=TODAY, by=by(world))
    assert refused.value.field == "ground"
    assert (StockRight.objects.count(), StockAssignment.objects.count()) == (0, 0)


def test_class_of_a_programme_counts_from_the_next_recommendation(world: World) -> None:
    before = world.vacancy()
    route_waiting_vacancies(ledger_id=before.ledger_id, now=MORNING)
    classify_programme(by=world.people["alice"], programme=before.unit.programme, attractiveness="A")
    after = world.vacancy()
    route_waiting_vacancies(ledger_id=before.ledger_id, now=MORNING)
    assert [vacancy.recommendations.get().situation["categories"][-1] for vacancy in (before, after)] == ["", "A"]


def test_unknown_class_is_refused(world: World) -> None:
    programme = world.unit().programme
    with pytest.raises(Refusal) as refused:
        classify_programme(by=world.people["alice"], programme=programme, attractiveness="D")
    assert refused.value.field == "attractiveness"
    assert Programme.objects.get().attractiveness == ""


def test_routing_mode_starts_today_at_the_earliest_and_is_put_right(world: World) -> None:
    yesterday = TODAY - timedelta(days=1)
    with pytest.raises(Refusal) as refused:
        set_routing_policy(
            by=world.people["alice"], landlord=world.landlord, mode="AUTOMATIC", starts_on=yesterday, today=TODAY
        )
    assert refused.value.field == "starts_on"
    with pytest.raises(Refusal) as refused:
        set_routing_policy(
            by=world.people["alice"], landlord=world.landlord, mode="LOTTERY", starts_on=TODAY, today=TODAY
        )
    assert refused.value.field == "mode"
    assert RoutingPolicy.objects.count() == 0
    set_routing_policy(
        by=world.people["alice"], landlord=world.landlord, mode="AUTOMATIC", starts_on=TODAY, today=TODAY
    )
    set_routing_policy(by=world.people["alice"], landlord=world.landlord, mode="CONFIRM", starts_on=TODAY, today=TODAY)
    policy = RoutingPolicy.objects.get()
    assert (policy.landlord, policy.mode, policy.starts_on) == (world.landlord, "CONFIRM", TODAY)


def test_routing_mode_is_that_of_the_date_and_of_the_landlord(world: World) -> None:
    is_automatic = RoutingPolicy.objects.is_automatic
    assert is_automatic(world.landlord, TODAY) is False
    set_routing_policy(
        by=world.people["alice"], landlord=world.landlord, mode="AUTOMATIC", starts_on=TODAY, today=TODAY
    )
    later = TODAY + timedelta(days=7)
    set_routing_policy(by=world.people["alice"], landlord=world.landlord, mode="CONFIRM", starts_on=later, today=TODAY)
    assert [is_automatic(world.landlord, TODAY + timedelta(days=n)) for n in (-1, 0, 6, 7, 30)] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert is_automatic(world.other_landlord, TODAY) is False


def test_who_classed_a_programme_or_chose_a_mode_is_kept(world: World) -> None:
    programme, alice = world.unit().programme, world.people["alice"]
    for attractiveness in ("A", "A", ""):
        classify_programme(programme=programme, attractiveness=attractiveness, by=alice)
    assert [entry.details for entry in HistoryEntry.objects.about(programme)] == [
        {"attractiveness": ["", "A"]},
        {"attractiveness": ["A", ""]},
    ]
    for mode in ("AUTOMATIC", "CONFIRM"):
        policy = set_routing_policy(landlord=world.landlord, mode=mode, starts_on=TODAY, by=alice, today=TODAY)
    assert [(entry.act, entry.by, entry.details) for entry in HistoryEntry.objects.about(policy)] == [
        ("RECORDED", alice, {"mode": ["CONFIRM", "AUTOMATIC"]}),
        ("EDITED", alice, {"mode": ["AUTOMATIC", "CONFIRM"]}),
    ]


def test_a_unit_comes_back_into_the_flow_once(world: World) -> None:
    """The second of two people reads that it is done, and the day of the first stands."""
    unit = world.unit()
    outside = set_outside_flow(unit=unit, reason="STUDENT", starts_on=TODAY, source="Bail.", by=by(world), today=TODAY)
    end_outside_flow(outside=outside, ends_on=TODAY + timedelta(days=9), why="Fin.", by=by(world))
    with pytest.raises(OutsideRefused, match="déjà revenu dans l’assiette : rechargez la page"):
        end_outside_flow(outside=outside, ends_on=TODAY, why="Fin.", by=by(world))
    assert OutsideFlow.objects.get(unit=unit).ends_on == TODAY + timedelta(days=9)
