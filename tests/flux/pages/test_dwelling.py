"""What a unit is, in a few words."""

from __future__ import annotations

import pytest

from flux.pages.units import floor


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (None, ""),
        (0, "rez-de-chaussée"),
        (-1, "sous-sol"),
        (1, "1er étage"),
        (2, "2e étage"),
    ],
)
def test_a_floor_is_stated_in_words(number: int | None, words: str) -> None:
    assert floor(number) == words
