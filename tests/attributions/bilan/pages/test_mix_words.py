"""The equity of the mix: every verdict has its words, and a gap that the holder asked for is no alarm."""

from __future__ import annotations

from fractions import Fraction

import pytest

from attributions.bilan.pages.charts import READINGS, answer, reading
from flux.mix import Reading, Verdict
from flux.queries.mix import Equity, EquityRow


def row(verdict: Verdict, *, wanted: bool = False) -> EquityRow:
    return EquityRow(Reading("T2", 12, Fraction(5), 2, 8, 0.01, verdict), wanted=wanted)


def test_every_verdict_has_its_words() -> None:
    assert set(READINGS) == set(Verdict)


@pytest.mark.parametrize(("verdict", "words"), [(Verdict.MORE, "Plus que"), (Verdict.LESS, "Moins que")])
def test_what_the_holder_asked_for_is_no_alarm(verdict: Verdict, words: str) -> None:
    assert reading(row(verdict)).pill == "late"
    asked = reading(row(verdict, wanted=True))
    assert (asked.text, asked.pill) == (f"{words} le flux, comme demandé", "part")


def test_without_enough_units_nothing_is_stated_of_anybody() -> None:
    assert answer(Equity((), 0), 2).startswith("Trop tôt pour le dire : <b>aucun</b> réservataire")
