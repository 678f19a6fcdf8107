"""Each code that queries give has its words: none is shown as it is written."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pytest

from attributions.bilan.pages import charts, reconciliation, scales, scores, territory_board
from attributions.bilan.pages import scales as axes
from attributions.bilan.pages.sheets import SHOWN, difference_words
from attributions.bilan.queries.files import FileDifference
from attributions.bilan.queries.publics import PUBLICS
from attributions.bilan.queries.scales import TYPES, HolderKind
from attributions.bilan.queries.steps import By
from attributions.bilan.queries.territory_board import Judgement
from flux.models import Vacancy
from flux.queries.cells import Axis
from reservations.models import ReservationHolder


@pytest.mark.parametrize(
    ("words", "codes"),
    [(scales.KINDS, HolderKind), (charts.BY, By), (territory_board.VERDICTS, Judgement)],
)
def test_each_code_has_its_words(words: Mapping[str, object], codes: type[StrEnum]) -> None:
    assert set(words) == set(codes)


def test_what_is_missed_is_what_is_late_or_to_do() -> None:
    pills = {judgement: pill for judgement, (_, pill) in territory_board.VERDICTS.items()}
    shown = {judgement for judgement, pill in pills.items() if pill in ("todo", "late")}
    # A ceiling passed by rounding is looked at, as in the controls, and is nothing that was missed.
    assert shown - {judgement for judgement in Judgement if judgement.is_missed} == {Judgement.ROUNDING}
    assert {judgement for judgement in Judgement if judgement.is_missed} <= shown


def test_each_axis_is_called_as_a_remark_calls_its_lines() -> None:
    names = ["typologie", "financement", "quartier prioritaire (QPV)", "commune", "période de construction"]
    assert list(map(axes.axis_name, Axis)) == names


def test_each_contingent_is_of_one_kind_of_holders() -> None:
    assert sorted(each for contingents in TYPES.values() for each in contingents) == sorted(
        ReservationHolder.Contingent.values
    )


def test_each_exclusion_has_its_line_between_the_stock_and_the_flow() -> None:
    assert set(Vacancy.Exclusion.values) <= set(reconciliation.FLOW)


def test_each_public_has_its_name() -> None:
    assert list(scores.NAMES) == [public.code for public in PUBLICS]


def test_a_difference_is_a_value_or_a_byte() -> None:
    """A long value is cut; the file that ends before has nothing there."""
    assert difference_words(FileDifference("total.due", 0, 3, "é")) == ("total.due", "3", '"é"')
    long = difference_words(FileDifference("note", 0, "a" * 100, ""))[1]
    assert (len(long), long[-1]) == (SHOWN, "…")
    assert difference_words(FileDifference("", 12, 10, None)) == ("octet 12", "0x0a", "fin du fichier")
