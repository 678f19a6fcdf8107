"""A year whose units are let in it and in the next, its balance sealed, and an act that comes late."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from attributions.bilan.models import BalanceVersion
from attributions.households.models import Lease
from attributions.households.operations.lease import record_outside_lease
from flux.models import Routing
from tests.attributions.bilan.balances import YEAR, lived, people, send, sign
from tests.world import World
from tests.world_again import done_once

DECEMBER, JANUARY = date(YEAR, 12, 15), date(YEAR + 1, 1, 12)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def let(world: World, routing: Routing, day: date, *, on: date | None = None, **facts: Any) -> Lease:
    """The lease of a unit followed in another tool, signed on a day, recorded then or later."""
    aline = world.people["aline"]
    return record_outside_lease(vacancy=routing.vacancy, signed_on=day, facts=facts, by=aline, now=at(on or day))


@done_once
def lived_by_act(world: World) -> None:
    """Ten units routed in the year: one let in December, two in January; a T5 given back."""
    lived(world)
    people(world)
    routings = list(Routing.objects.filter(closed_at=None, holder__isnull=False).order_by("pk"))
    for routing, day in zip(routings, (DECEMBER, JANUARY, JANUARY), strict=False):
        let(world, routing, day)


def sealed_then_late(world: World) -> tuple[BalanceVersion, Routing]:
    """The balance of the year, sealed in February, and a unit let in December that is recorded in April."""
    version = send(world)
    sign(world, version)
    version.refresh_from_db()
    assert version.sealed_at is not None
    late = Routing.objects.filter(closed_at=None, leases=None).order_by("pk").first()
    assert late is not None
    let(world, late, date(YEAR, 12, 20), on=date(YEAR + 1, 4, 2))
    return version, late
