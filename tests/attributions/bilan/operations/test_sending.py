"""The day that a région tolerates for the balances of a year, after the one of the law (CCH, R441-5-1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from attributions.bilan.models import BalanceTolerance
from attributions.bilan.operations.sending import BalanceRefused, tolerate
from reservations.models import HistoryEntry
from tests.attributions.bilan.balances import YEAR
from tests.world import World

pytestmark = pytest.mark.django_db

FIRST, NEXT = date(2027, 3, 15), date(2027, 3, 31)


def given(world: World, **other: Any) -> tuple[BalanceTolerance, BalanceTolerance | None]:
    about = {"region": world.places["Occitanie"], "exercise": YEAR, "until": FIRST, "source": " Lettre du 2 mars. "}
    return tolerate(**{**about, **other}, by=world.people["adam"])


def test_a_day_takes_the_place_of_the_one_before_which_stays_in_the_history(world: World) -> None:
    first, before = given(world)
    assert (before, first.region, first.exercise) == (None, world.places["Occitanie"], YEAR)
    assert (first.until, first.source) == (FIRST, "Lettre du 2 mars.")
    again, before = given(world, until=NEXT, source="Lettre du 10 mars.")
    assert before is not None
    assert (before.pk, before.until, before.source) == (first.pk, FIRST, "Lettre du 2 mars.")
    assert (again.pk, again.until, again.source) == (first.pk, NEXT, "Lettre du 10 mars.")
    other, none = given(world, exercise=YEAR + 1, until=date(2028, 3, 15))
    assert (none, BalanceTolerance.objects.count(), other.exercise) == (None, 2, YEAR + 1)
    rows = [(each.act, each.by, each.details) for each in HistoryEntry.objects.about(first).order_by("pk")]
    adam = world.people["adam"]
    assert rows == [
        ("RECORDED", adam, {"until": [None, "2027-03-15"], "source": [None, "Lettre du 2 mars."]}),
        (
            "EDITED",
            adam,
            {"until": ["2027-03-15", "2027-03-31"], "source": ["Lettre du 2 mars.", "Lettre du 10 mars."]},
        ),
    ]


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"region": "Aude"}, "region"),
        ({"source": "  "}, "source"),
        ({"until": date(2027, 2, 27)}, "until"),
        ({"until": date(2028, 2, 29)}, "until"),
    ],
)
def test_a_day_that_cannot_be_is_refused(world: World, other: dict[str, Any], field: str) -> None:
    if field == "region":
        other = {"region": world.places[other["region"]]}
    with pytest.raises(BalanceRefused) as refused:
        given(world, **other)
    assert (refused.value.field, BalanceTolerance.objects.exists()) == (field, False)


def test_the_day_of_the_law_and_the_last_one_a_year_after_are_possible(world: World) -> None:
    for until in (date(2027, 2, 28), date(2028, 2, 28)):
        assert given(world, until=until)[0].until == until
