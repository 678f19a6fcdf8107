"""A year of vacancies for the pages to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flux.models import Vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from tests.flux.before_the_rule import decided_without_convention
from tests.world import MORNING
from tests.world_again import kept

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
@kept
def year(world: World) -> dict[str, Vacancy]:
    """A vacancy of each current, one by another landlord."""
    made = {
        "city": world.vacancy(),
        "als": world.vacancy(commune="Coursan", rooms=2),
        "to confirm": world.vacancy(),
        "excluded": world.vacancy(kind="EXCLUDED", exclusion="SALE_REHOUSING"),
        "other": world.vacancy(landlord=world.other_landlord, commune="Béziers"),
    }
    decided_without_convention(made["other"])
    sweep_waiting_vacancies(now=MORNING)
    for name in ("city", "als"):
        if made[name].recommendations.get().holder == world.holders[name]:
            confirm_recommendations(vacancies=[made[name].pk], by=world.people["aline"], now=MORNING)
        else:
            route_elsewhere(
                vacancy=made[name],
                holder=world.holders[name],
                motive="HOLDER_AGREEMENT",
                motive_text="Accord du 23.",
                by=world.people["aline"],
                now=MORNING,
            )
    made["waiting"] = world.vacancy()
    return made
