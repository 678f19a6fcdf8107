"""How many candidates a unit has before the law’s minimum, in words."""

from __future__ import annotations

from typing import Any

import pytest

from attributions.households.pages.applications import count_words
from attributions.households.queries.minimum import Count

PLAIN = {"sent": 0, "ready": 0, "minimum": 3, "exemptions": (), "claimed": frozenset()}


@pytest.mark.parametrize(
    ("given", "drafts", "expected"),
    [
        ({}, 0, "0 sur 3 au moins : il en manque 3, sauf exception de la loi."),
        ({"sent": 2, "ready": 1}, 1, "3 sur 3 au moins, dont 1 en préparation."),
        (
            {"exemptions": ("DALO",), "claimed": frozenset({"DALO"})},
            0,
            "0 sur 3 au moins : il en manque 3, mais une exception de la loi est demandée.",
        ),
        (
            {"sent": 3, "taken_back": 1},
            0,
            "3 sur 3 au moins. Un candidat retiré par le réservataire ou le bailleur n’y compte pas.",
        ),
        (
            {"sent": 3, "gone": 1},
            0,
            "3 transmis, dont 1 n’est plus en cours : le minimum de 3 est tenu. Un candidat transmis compte pour ce "
            "minimum, même s’il n’est plus en cours.",
        ),
        (
            {"sent": 1, "gone": 1, "taken_back": 1},
            2,
            "1 transmis, qui n’est plus en cours, et 2 en préparation : il en manque 2 pour le minimum de 3, sauf "
            "exception de la loi. Un candidat transmis compte pour ce minimum, même s’il n’est plus en cours, sauf "
            "celui que le réservataire ou le bailleur a retiré.",
        ),
    ],
)
def test_what_counts_for_the_minimum_is_stated(given: dict[str, Any], drafts: int, expected: str) -> None:
    assert count_words(Count(**PLAIN | given), drafts) == expected
