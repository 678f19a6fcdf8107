"""Income ceilings: by financing, zone and number of persons, read on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from flux.models import IncomeCeiling
from flux.operations.reference_figures import CeilingRefused, record_income_ceiling
from flux.queries.needs import ceilings_for, zone_at
from reservations.models import HistoryEntry, Territory
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()
TERMS = {
    "financing": "PLAI",
    "zone": "ELSEWHERE",
    "household": 6,
    "amount": 33_085,
    "extra": 3_689,
    "starts_on": date(2027, 1, 1),
    "source": "arrêté du 20 décembre 2026",
}


@pytest.mark.parametrize(
    ("code", "persons", "on", "euros"),
    [
        ("13", 1, TODAY, 23_403),  # PLUS, 2026
        ("13", 6, TODAY, 60_156),
        ("13", 8, TODAY, 60_156 + 2 * 6_710),
        ("13", 4, date(2025, 12, 31), 44_982),
        ("14", 1, TODAY, 30_424),  # PLS: 130 % of PLUS
        ("14", 2, date(2025, 1, 1), 40_279),
        ("10", 3, TODAY, 22_356),  # PLAI: that of 2025 goes on
        ("13", 1, date(2024, 12, 31), None),
        ("16", 1, TODAY, None),  # PLI has none of this order
        ("", 1, TODAY, None),
    ],
)
def test_ceiling_is_that_of_the_day(world: World, code: str, persons: int, on: date, euros: int | None) -> None:
    assert ceilings_for(world.unit(financing_code=code), on=on).most(persons) == euros


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("75056", "PARIS"),
        ("75113", "PARIS"),
        ("93048", "PARIS"),  # Montreuil touches Paris
        ("93008", "ILE_DE_FRANCE"),
        ("77288", "ILE_DE_FRANCE"),
        ("11262", "ELSEWHERE"),
        ("2A004", "ELSEWHERE"),
        ("97411", ""),
    ],
)
def test_zone_comes_from_the_commune(world: World, code: str, zone: str) -> None:
    unit = world.unit()
    unit.commune = Territory(kind=Territory.Kind.COMMUNE, code=code, name="Ici")
    assert zone_at(unit.commune.code) == zone


def test_table_says_its_figures_and_whether_they_are_of_the_year(world: World, django_assert_num_queries) -> None:
    plus, plai = world.unit(), world.unit(financing_code="10")
    with django_assert_num_queries(1):
        table = ceilings_for(plus, on=TODAY)
    assert (table.rows[0], table.rows[-1], table.extra, table.stale) == ((1, 23_403), (6, 60_156), 6_710, False)
    assert ceilings_for(plai, on=TODAY).stale is True


def test_new_figure_ends_the_running_one_and_says_who(world: World) -> None:
    recorded = record_income_ceiling(**TERMS, by=world.people["adam"], today=TODAY)
    before = IncomeCeiling.objects.get(financing="PLAI", zone="ELSEWHERE", household=6, starts_on__year=2025)
    assert before.ends_on == date(2026, 12, 31)
    entry = HistoryEntry.objects.about(recorded).get()
    assert (entry.by, entry.details["amount"]) == (world.people["adam"], [32_800, 33_085])
    again = record_income_ceiling(**TERMS | {"amount": 33_086}, by=world.people["adam"], today=TODAY)
    assert (again.pk, again.amount) == (recorded.pk, 33_086)
    assert HistoryEntry.objects.about(recorded).last().details == {"amount": [33_085, 33_086]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"financing": "PLI"}, "financing"),
        ({"zone": "MOON"}, "zone"),
        ({"household": 7}, "household"),
        ({"amount": 0}, "amount"),
        ({"household": 5}, "extra"),
        ({"source": "  "}, "source"),
        ({"starts_on": date(2025, 1, 1)}, "starts_on"),
    ],
)
def test_figure_that_cannot_be_is_refused(world: World, wrong: dict[str, object], field: str) -> None:
    before = IncomeCeiling.objects.count()
    with pytest.raises(CeilingRefused) as refused:
        record_income_ceiling(**TERMS | wrong, by=world.people["adam"], today=TODAY)
    assert refused.value.field == field
    assert IncomeCeiling.objects.count() == before
