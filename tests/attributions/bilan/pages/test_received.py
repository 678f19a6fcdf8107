"""« Reçus » is never above « Proposés » without its reason on the spot, on each table that has both."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from attributions.bilan.pages.cil import figures_table
from attributions.bilan.pages.states import lines_table
from attributions.bilan.queries.landlord_figures import LandlordFigures
from reservations.models import Territory
from reservations.pages.table import Table

WHY = "dont 2 à confirmer, pas encore proposés, 1 proposé une autre année"


def of_the_state(figures: LandlordFigures) -> Table:
    read: Any = SimpleNamespace(lines=[], by_contingent=[("Prioritaires", figures)])
    return lines_table(read, Territory(name="Aude", code="11"), 2026)


def of_the_conference(figures: LandlordFigures) -> Table:
    return figures_table("t", "Flux", "Bailleur", [], (figures, figures))


@pytest.mark.parametrize("drawn", [of_the_state, of_the_conference])
def test_more_received_than_offered_says_why_beside_the_figure(drawn: Any) -> None:
    more = LandlordFigures(routed=3, awaiting=2, offered=1, received=4)
    less = LandlordFigures(routed=3, offered=4, received=3)
    assert WHY in "".join(line.html for line in drawn(more).totals)
    assert "dont" not in "".join(line.html for line in drawn(less).totals)
