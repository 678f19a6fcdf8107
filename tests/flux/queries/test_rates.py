"""Rates that vary: each unit is due by the row that its facts of the day designate, and by no other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, transaction

from flux.models import FlowEntry, Recommendation, Vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.queries.controls.accounts import audit
from reservations.models import Rate, Territory
from reservations.models.convention import UNIT
from tests.guards import unguarded
from tests.world import MORNING, World

NEXT_YEAR = datetime(2027, 3, 2, 8, tzinfo=UTC)


def tabled(
    world: World, who: str, share: int, *categories: str, where: Territory | None = None, **given: object
) -> Rate:
    """One more row in the table of a signed convention, as if it had been drafted so."""
    quota = world.conventions[who].quotas.order_by("rank")[0]
    with unguarded("reservations_rate.kept_once_out_of_draft"):
        return Rate.objects.create(quota=quota, share=share, territory=where, categories=list(categories), **given)


def due(world: World, who: str, *, now: datetime = MORNING, **facts: object) -> int:
    """What one more unit credits a holder."""
    vacancy = world.vacancy(now=now, **facts)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    credited = dict(vacancy.entries.filter(stage=FlowEntry.Stage.DUE).values_list("holder", "quantity"))
    assert sum(credited.values()) == UNIT
    return credited.get(world.holders[who].pk, 0)


def test_each_unit_is_due_by_the_most_precise_row_of_its_day(world: World) -> None:
    """CCH, R441-5-2 II: the share may differ in and out of QPV where the convention says so; and by steps of years
    without an amendment. Units are T3 PLUS out of QPV unless stated otherwise."""
    tabled(world, "city", 150_000, "typology:T3")
    tabled(world, "city", 200_000, "typology:T3", "qpv:hors QPV")
    tabled(world, "city", 0, "typology:T1")
    tabled(world, "city", 250_000, "typology:T3", "qpv:hors QPV", since_year=2027)
    assert due(world, "city") == 200_000
    assert due(world, "city", in_qpv=True) == 150_000
    assert due(world, "city", rooms=2) == 120_000
    assert due(world, "city", in_qpv=None) == 150_000
    assert due(world, "city", rooms=1) == 0
    assert str(world.holders["city"].pk) not in {
        seen["id"] for seen in Recommendation.objects.latest("pk").situation["holders"]
    }
    assert due(world, "city", now=NEXT_YEAR) == 250_000
    ledgers = set(Vacancy.objects.order_by("pk").values_list("ledger", flat=True))
    assert audit(ledgers).differences == ()


def test_the_narrowest_territory_wins(world: World) -> None:
    tabled(world, "state", 350_000, where=world.places["Le Grand Narbonne"])
    tabled(world, "state", 300_000, where=world.places["Narbonne"])
    assert due(world, "priority") == 300_000
    assert due(world, "priority", commune="Coursan") == 350_000


def test_rows_are_written_with_the_draft_and_kept_once_it_is_signed(world: World) -> None:
    row = tabled(world, "city", 150_000, "typology:T3")
    for act in (row.delete, lambda: Rate.objects.filter(pk=row.pk).update(share=1)):
        with pytest.raises(DatabaseError, match="kept once it leaves the draft"), transaction.atomic():
            act()
