"""The balances of the demonstration: as far as they have come, on any morning."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from attributions.bilan.models import BalanceRemark, BalanceVersion
from attributions.bilan.pages.reviews import arrival_words
from attributions.bilan.queries.deadlines import arrivals
from attributions.bilan.queries.review import State, review
from attributions.demonstration import cast as casting
from attributions.demonstration import stock
from attributions.demonstration.balances import tell_reviews
from attributions.demonstration.years import departures, live_a_day
from flux.models import FlowEntry
from reservations.models import Landlord, Territory
from tests.aude import load_the_aude

pytestmark = pytest.mark.django_db


def tell(today: date) -> casting.Cast:
    """Thirty units of last year at each landlord, and what became of its balance by this morning."""
    load_the_aude()
    cast = casting.gather(since=date(today.year - 1, 1, 1), until=date(today.year + 1, 12, 31))
    stock.build(cast)
    for landlord, login in ((cast.robine, "robine-habitat"), (cast.corbieres, "corbieres-logis")):
        clerk = cast.person(f"attribution@{login}.example")
        eve = date(today.year - 1, 12, 31)
        leaving = [replace(each, day=eve) for each in departures(landlord, eve.year, rotation=0.1)][:30]
        live_a_day(leaving, eve, clerk, automatic=landlord == cast.robine)
    rows: list[str] = []
    tell_reviews(cast, today=today, say=rows.append)
    assert rows == [f"Bilans {today.year - 1} : envoyés, contestés, signés"]
    return cast


def state(landlord: Landlord, today: date) -> str:
    return review(
        landlord, Territory.objects.get(kind="DEPARTEMENT", code="11"), today.year - 1, None, today=today
    ).state


def test_one_is_sealed_and_one_came_late_with_a_remark_open() -> None:
    today = date(2026, 11, 24)
    cast = tell(today)
    assert (state(cast.robine, today), state(cast.corbieres, today)) == (State.SEALED, State.CONTESTED)
    place = Territory.objects.get(kind="DEPARTEMENT", code="11").pk
    keys = [(landlord.pk, place, 2025) for landlord in (cast.robine, cast.corbieres)]
    found = arrivals(keys, today=today).values()
    first, second = (arrival_words(each) for each in found)
    assert first == "Envoyé à temps"
    assert re.fullmatch(r"Envoyé le \d+ \w+ 2026, après le \d+ \w+ 2026", second)
    assert [(each.answer, each.corrected_in is None) for each in BalanceRemark.objects.order_by("pk")] == [
        ("CORRECTED", False),
        ("", True),
    ]
    assert FlowEntry.objects.filter(stage="REFUSED").count() == 1


@pytest.mark.parametrize(
    ("today", "versions", "states"),
    [
        # In an ordinary run, one morning before everything has come and, above, one after.
        pytest.param(date(2027, 1, 2), 0, ("DRAFT", "DRAFT"), marks=pytest.mark.nightly),
        (date(2026, 2, 10), 1, ("CONTESTED", "DRAFT")),
        pytest.param(date(2028, 2, 29), 2, ("SEALED", "DRAFT"), marks=pytest.mark.nightly),
    ],
)
def test_what_is_to_come_has_not_happened(today: date, versions: int, states: tuple[str, str]) -> None:
    cast = tell(today)
    assert BalanceVersion.objects.count() == versions
    assert (state(cast.robine, today), state(cast.corbieres, today)) == states
