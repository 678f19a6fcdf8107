"""A lease of the past shows the unit as it was that day, on every page that shows it (CCH, R441-5-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.operations.description import change_unit
from tests.flux.views.pages import text_of
from tests.leases import let
from tests.world import MORNING, World

TODAY = MORNING.date()
#: What the unit is from the day after its lease.
SINCE = {"rooms": 5, "in_qpv": True}


@pytest.mark.parametrize("changed", [False, True])
def test_a_lease_of_the_past_shows_the_unit_as_it_was_that_day(
    world: World, sign_in: Callable[[str], Client], time_machine: Any, *, changed: bool
) -> None:
    time_machine.move_to(MORNING + timedelta(days=3), tick=False)
    vacancy = let(world, world.vacancy(rooms=3, in_qpv=False))
    if changed:
        change_unit(
            unit=vacancy.unit,
            since=TODAY + timedelta(days=1),
            changes=SINCE,
            source="Décret n° 2023-1314",
            by=world.people["aline"],
            today=TODAY + timedelta(days=3),
        )
        vacancy.unit.refresh_from_db()
        assert (vacancy.unit.rooms, vacancy.unit.in_qpv) == (5, True)
    aline = sign_in("aline")
    figure = f"{reverse('balance-units', args=[world.landlord.pk, TODAY.year])}?measure=leased"
    for address in (
        reverse("vacancy-detail", args=[vacancy.pk]),
        reverse("letting", args=[vacancy.pk]),
        figure,
    ):
        page = text_of(aline.get(address))
        assert "T3" in page, address
        assert "T5" not in page, address
    assert f"T3 {vacancy.unit.financing_group}, hors QPV" in text_of(aline.get(figure))
    # Let again, it is what it is today.
    assert ("T5" in text_of(aline.get(reverse("unit-detail", args=[vacancy.unit_id])))) is changed
