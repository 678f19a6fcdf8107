"""What one holder received in a commune beside what equal rates promise there (CCH, R441-5-2, II)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flux.apportion import apportion
from reservations.models import Territory
from reservations.models.convention import UNIT


@dataclass(frozen=True, slots=True)
class CommuneLine:
    """One commune: how many units there credited the holder (`entered`), what equal rates promise of them and what its
    shares made due (`equal` and `due`, in millionths of a unit), and how many units it received."""

    commune: Territory
    entered: int
    equal: int
    due: int
    received: int

    @property
    def gap(self) -> int:
        """What equal rates promise, less what was received; in millionths."""
        return self.equal - UNIT * self.received


def equal_rates(found: Mapping[int, tuple[int, int, int]], places: Mapping[int, Territory]) -> list[CommuneLine]:
    """`found`: units that credited the holder, what they made due and units received, by commune (id). Equal rates: all
    that is due spread over the units, wherever they are; the furthest from them first."""
    units = {str(commune): entered for commune, (entered, _, _) in found.items()}
    if not any(units.values()):
        return []
    equal = apportion(sum(due for _, due, _ in found.values()), units)
    lines = [
        CommuneLine(places[commune], entered, equal[str(commune)], due, received)
        for commune, (entered, due, received) in found.items()
    ]
    return sorted(lines, key=lambda line: (-abs(line.gap), line.commune.search_name, line.commune.pk))
