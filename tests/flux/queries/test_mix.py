"""Mix equity of an account, read from its cells."""

from __future__ import annotations

from typing import Any

import pytest

from flux.mix import Verdict
from flux.models import FlowCell, Ledger, NeedsDeclaration
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.mix import HolderMix, Mix, equity
from reservations.models import ReservationHolder
from tests.guards import unguarded
from tests.world import MORNING, World, territory

#: By holder, units offered in Narbonne by rooms: T2, T3, T4.
FAIR = {"priority": (25, 50, 25), "als": (20, 40, 20), "city": (12, 24, 12), "epci": (1, 1, 1)}


def opened(world: World) -> Ledger:
    return Ledger.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=2026)


def offer(world: World, ledger: Ledger, holder: ReservationHolder, units: int, **given: Any) -> None:
    """Cells as the entries of so many offers would make them."""
    facts = {"year": 2026, "rooms": 3, "financing_code": "13", "in_qpv": False, "construction_year": 1984}
    place = world.places[given.pop("commune", "Narbonne")]
    FlowCell.objects.create(ledger=ledger, holder=holder, commune=place, offered=units, **(facts | given))


def year(world: World, **changed: tuple[int, int, int]) -> Ledger:
    ledger = opened(world)
    for name, counts in (FAIR | changed).items():
        for rooms, units in enumerate(counts, 2):
            offer(world, ledger, world.holders[name], units, rooms=rooms)
    return ledger


def of(ledger: Ledger, holder: ReservationHolder) -> HolderMix:
    return next(each for each in equity(ledger).holders if each.holder == holder)


def typology(ledger: Ledger, holder: ReservationHolder) -> Mix:
    return of(ledger, holder).mixes[0]


@pytest.mark.django_db
def test_a_fair_year_has_nothing_to_explain(world: World) -> None:
    found = equity(year(world))
    assert found.alarms == []
    assert [each.offered for each in found.judged] == [100, 80, 48]
    assert found.offered == 228
    city = typology(Ledger.objects.ordinary().get(), world.holders["city"])
    assert [(row.reading.category, row.reading.base, row.reading.offered) for row in city.flow] == [
        ("T2", 58, 12),
        ("T3", 115, 24),
        ("T4", 58, 12),
    ]
    assert all(row.reading.verdict == Verdict.EXPECTED for row in city.flow)


@pytest.mark.django_db
def test_a_city_that_is_given_the_small_ones_is_named(world: World) -> None:
    found = equity(year(world, city=(30, 15, 3)))
    holder, mix, row = found.alarms[0]
    assert (holder.holder, mix.dimension, row.reading.category) == (world.holders["city"], "typology", "T2")
    assert row.reading.verdict == Verdict.MORE
    assert {alarm[0].holder for alarm in found.alarms} == {world.holders["city"]}


@pytest.mark.django_db
def test_three_units_never_alarm(world: World) -> None:
    """The EPCI is offered three T2 and nothing else."""
    ledger = year(world, epci=(3, 0, 0))
    epci = of(ledger, world.holders["epci"])
    assert (epci.is_enough, epci.alarms) == (False, [])
    assert {row.reading.verdict for row in epci.mixes[0].flow} == {Verdict.FEW}


@pytest.mark.django_db
def test_a_holder_is_set_beside_its_own_perimeter_only(world: World) -> None:
    """Coursan has only T5, which the city of Narbonne has no right to: they are not in its draw."""
    ledger = year(world)
    offer(world, ledger, world.holders["priority"], 90, rooms=5, commune="Coursan")
    assert "T5" not in [row.reading.category for row in typology(ledger, world.holders["city"]).flow]
    assert "T5" in [row.reading.category for row in typology(ledger, world.holders["als"]).flow]


@pytest.mark.django_db
def test_what_is_served_outside_any_right_is_shown_all_the_same(world: World) -> None:
    ledger = year(world)
    offer(world, ledger, world.holders["city"], 2, rooms=5, commune="Coursan")
    assert of(ledger, world.holders["city"]).offered == 50


@pytest.mark.django_db
def test_the_draw_is_made_apart_where_the_share_differs(world: World) -> None:
    """The landlord keeps less of Narbonne, where the T4 are; it is not reported to shun them."""
    ledger = opened(world)
    own = ReservationHolder.objects.get(
        organisation=world.landlord.organisation, contingent=ReservationHolder.Contingent.NOT_RESERVED
    )
    offer(world, ledger, own, 32, rooms=4)
    offer(world, ledger, world.holders["als"], 68, rooms=4)
    offer(world, ledger, own, 90, rooms=2, commune="Coursan")
    offer(world, ledger, world.holders["epci"], 60, rooms=2, commune="Coursan")
    assert of(ledger, own).alarms == []


@pytest.mark.django_db
def test_what_the_convention_declines_is_not_drawn(world: World) -> None:
    """The city takes no T2: that it has none is no bias, and the T2 are not in its flow."""
    with unguarded("reservations_quota.kept_once_out_of_draft"):
        world.conventions["city"].quotas.update(declined=["typology:T2"])
    ledger = year(world, city=(0, 32, 16))
    city = typology(ledger, world.holders["city"])
    assert [row.reading.category for row in city.flow] == ["T3", "T4"]
    assert city.alarms == []


@pytest.mark.django_db
def test_declared_needs_are_set_beside_what_was_offered(world: World) -> None:
    ledger = year(world, city=(30, 15, 3))

    def declare(name: str, mix: dict[str, dict[str, int]]) -> None:
        NeedsDeclaration.objects.create(
            ledger=ledger,
            holder=world.holders[name],
            mix=mix,
            targets={"x": {}},
            from_sequence=1,
            declared_at=MORNING,
            declared_by=world.people["chloe"],
        )

    declare("city", {"typology": {"T2": 60, "T3": 40}})
    declare("als", {"typology": {"T4": 70, "T3": 30}})
    city, als = typology(ledger, world.holders["city"]), typology(ledger, world.holders["als"])
    assert city.alarms == []
    assert [row.reading.category for row in city.wanted] == ["T2", "T4"]
    assert city.unmet == []
    assert [row.reading.verdict for row in city.needs] == [Verdict.EXPECTED, Verdict.EXPECTED, Verdict.NOT_ASKED]
    assert [row.reading.category for row in als.unmet] == ["T4"]
    assert of(ledger, world.holders["priority"]).mixes[0].needs == ()


@pytest.mark.django_db
def test_missing_data_are_a_category_of_their_own(world: World) -> None:
    ledger = year(world)
    offer(world, ledger, world.holders["city"], 7, in_qpv=None)
    qpv = of(ledger, world.holders["city"]).mixes[2]
    assert qpv.flow[-1].reading.category == ""
    assert (qpv.flow[-1].reading.offered, qpv.flow[-1].reading.verdict) == (7, Verdict.UNKNOWN)


@pytest.mark.django_db
@pytest.mark.parametrize("communes", [1, 12])
def test_it_costs_three_queries_whatever_there_is(world: World, communes: int, django_assert_num_queries: Any) -> None:
    ledger = year(world)
    for number in range(communes):
        place = territory("COMMUNE", f"119{number:02d}", f"Commune {number}", departement=world.places["Aude"])
        world.places[place.name] = place
        offer(world, ledger, world.holders["als"], 4, rooms=1, commune=place.name)
    with django_assert_num_queries(3):
        equity(ledger)


@pytest.mark.django_db
def test_who_was_offered_nothing_in_all_is_not_in_it_without_a_share(world: World) -> None:
    """Of units offered in an earlier year it designates candidates; what it was offered was cancelled."""
    ledger = year(world)
    unserved = ReservationHolder.objects.exclude(pk__in=equity_holders(ledger)).order_by("pk")[0]
    offer(world, ledger, unserved, 0, designated=1)
    offer(world, ledger, unserved, 1, rooms=2)
    offer(world, ledger, unserved, -1, rooms=2, construction_year=1990)
    assert unserved.pk not in equity_holders(ledger)
    offer(world, ledger, unserved, 1, rooms=5)
    assert unserved.pk in equity_holders(ledger)


def equity_holders(ledger: Ledger) -> set[int]:
    return {each.holder.pk for each in equity(ledger).holders}


@pytest.mark.django_db
def test_it_is_read_from_what_was_routed(world: World) -> None:
    vacancies = [world.vacancy(rooms=2 + number % 3) for number in range(6)]
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    confirm_recommendations(vacancies=[each.pk for each in vacancies], by=world.people["aline"], now=MORNING)
    found = equity(ledger)
    assert sum(each.offered for each in found.holders) == 6
    assert found.judged == []
