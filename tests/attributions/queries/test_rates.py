"""One rounding of a share, the same on each page."""

from __future__ import annotations

import pytest

from attributions.queries.landlord_figures import Figures
from attributions.queries.publics import Tally
from attributions.queries.rates import rate_of
from attributions.queries.state_rights import Ratio


@pytest.mark.parametrize(
    ("part", "whole", "rate"),
    [
        (20, 44, 455_000),  # 45.4545… %
        (1, 16, 63_000),  # 6.25 %: half up
        (1, 32, 31_000),  # 3.125 %
        (0, 7, 0),
        (7, 7, 1_000_000),
        (0, 0, None),
    ],
)
def test_a_share_reads_alike_everywhere(part: int, whole: int, rate: int | None) -> None:
    assert rate_of(part, whole) == rate
    assert Ratio(part, whole).rate == Ratio(part, whole, is_ceiling=False).rate == rate
    assert Tally(part, whole, 0, 0).rate == rate
    assert Figures(offered=whole, allocated=part).allocation_rate == rate
