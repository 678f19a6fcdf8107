"""What the page of a letting says of what was just done."""

from __future__ import annotations

from datetime import date

import pytest

from attributions.households.pages.leases import signed_words


@pytest.mark.parametrize(
    ("held", "released", "expected"),
    [
        (True, 0, " Le réservataire est prévenu."),
        (True, 1, " L’autre candidat est libéré, les réservataires prévenus."),
        (True, 2, " Les autres candidats sont libérés, les réservataires prévenus."),
        (False, 0, ""),
    ],
)
def test_a_lease_says_whom_it_releases(held: bool, released: int, expected: str) -> None:
    assert (
        signed_words(date(2026, 11, 24), held=held, released=released) == f"Bail signé le 24 novembre 2026.{expected}"
    )
