"""What a committee lacks to be lawful (CCH, R441-9 II)."""

from __future__ import annotations

from attributions.households.queries.seats import Composition, Seat

SEATS = {
    Seat.TENANTS: "le représentant des locataires, parmi les membres désignés",
    Seat.PRESIDENT: "le président, élu par les membres désignés",
    Seat.PREFECT: "le préfet ou son représentant",
    Seat.SECRETARY: "le secrétariat, qui enregistre les décisions",
}


def lacks(composition: Composition) -> list[str]:
    """« le préfet ou son représentant », for each seat that nobody fills."""
    return [_lack(composition, seat) for seat in composition.missing]


def _lack(composition: Composition, seat: Seat) -> str:
    if seat != Seat.APPOINTED:
        return SEATS[seat]
    short = composition.wanted - composition.appointed
    return f"{short} membre{'s' * (short > 1)} sur {composition.wanted} à désigner par le conseil d’administration"
