"""What came since a seal, on a paper of one page."""

from __future__ import annotations

from datetime import date

from attributions.bilan.pages.overview import ON_ONE_PAGE, acts_on_one_page
from attributions.bilan.queries.changes import Cause, Change
from flux.queries.cells import Axis
from tests.flux.exports.test_lists import CITY, ROBINE

APRIL = date(2027, 4, 6)


def moved(vacancy: int, cell: str, cause: Cause = Cause.LATE, **figures: int) -> Change:
    axes = {Axis.TYPOLOGY: cell}
    return Change(1, "Aude", cause, vacancy, "", date(2026, 12, 18), APRIL, CITY, axes, figures, None)


def test_each_act_is_one_line_without_a_hundredth() -> None:
    """« L’élu ne lit pas de centième »: what it moves of what is due is on the page of the territory."""
    late = (moved(1, "T3", due=-250_000, routed=1), moved(1, "T2", due=250_000))
    corrected = (moved(2, "T3", Cause.DESCRIBED, routed=-1), moved(2, "T2", Cause.DESCRIBED, routed=1))
    settled = moved(3, "T4", due=1_250_000)
    found, more = acts_on_one_page((*late, *corrected, settled), {1: ROBINE})
    assert more == 0
    assert found == [
        "acte tardif, acte du 18 décembre 2026, Robine Habitat : orientés +1",
        "description corrigée, acte du 18 décembre 2026, Robine Habitat",
        "acte tardif, acte du 18 décembre 2026, Robine Habitat",
    ]


def test_those_that_the_page_does_not_hold_are_counted() -> None:
    every = [moved(number, "T3", leased=1) for number in range(ON_ONE_PAGE + 3)]
    found, more = acts_on_one_page(every, {1: ROBINE})
    assert (len(found), more) == (ON_ONE_PAGE, 3)
