"""A SIREN and its key; the name that a contingent bears."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from reservations.models.party import validate_siren
from tests.world import World, siren


@pytest.mark.parametrize("good", ["999000003", "999000011", "732829320", "552100554"])
def test_siren_with_a_right_key_is_accepted(good: str) -> None:
    validate_siren(good)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("", "siren_shape"),
        ("99900000", "siren_shape"),
        ("9990000031", "siren_shape"),
        ("99900000A", "siren_shape"),
        ("999 000 003", "siren_shape"),
        ("٩٩٩٠٠٠٠٠٣", "siren_shape"),
        ("000000000", "siren_luhn"),
        ("999000004", "siren_luhn"),
        ("990000030", "siren_luhn"),
    ],
)
def test_wrong_siren_is_refused(wrong: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_siren(wrong)
    assert refused.value.code == code


def test_every_slip_of_one_digit_and_every_neighbour_swap_is_caught_but_09_for_90() -> None:
    """What the Luhn key promises: all single slips, all swaps of neighbours but 0 and 9."""
    good = siren(12345)
    validate_siren(good)
    slips = {good[:i] + digit + good[i + 1 :] for i in range(9) for digit in "0123456789"} - {good}
    swaps = {
        good[:i] + good[i + 1] + good[i] + good[i + 2 :] for i in range(8) if {good[i], good[i + 1]} != {"0", "9"}
    } - {good}
    for wrong in slips | swaps:
        with pytest.raises(ValidationError):
            validate_siren(wrong)


def test_contingent_bears_the_name_that_accounts_use(world: World) -> None:
    assert {name: str(holder) for name, holder in world.holders.items()} == {
        "priority": "État – publics prioritaires",
        "agents": "État – agents",
        "als": "Action Logement Services",
        "city": "Ville de Narbonne",
        "epci": "Le Grand Narbonne",
        "landlord": "Non réservé",
        "other_landlord": "Non réservé",
    }
