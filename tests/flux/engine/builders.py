"""Small situations for the tests of the engine. One unit is 100 shares unless stated otherwise: a share reads as a
%."""

from __future__ import annotations

from flux.engine.facts import HolderFacts, Situation

LANDLORD = "NR"


def holder(
    key: str,
    *,
    share: int,
    delay: int = 0,
    rank: int = 0,
    unit: int = 100,
    lacks: tuple[int, ...] = (0,),
    last_served: int = 0,
    may_take: bool = True,
    weights: tuple[int, ...] = (),
) -> HolderFacts:
    """One holder whose delay (dû − reçu, in shares) is given, its own share of this vacancy included."""
    received = 7  # so that due and delay are never confused
    return HolderFacts(
        id=key,
        name=f"Réservataire {key}",
        rank=rank,
        share=share,
        due=delay + unit * received,
        received=received,
        last_served=last_served,
        may_take=may_take,
        lacks=lacks,
        weights=weights,
    )


def situation(
    *holders: HolderFacts,
    unit: int = 100,
    sequence: int = 43,
    dimensions: tuple[str, ...] = ("typology",),
    categories: tuple[str, ...] = ("T3",),
    place: str = "Narbonne",
) -> Situation:
    """One vacancy, a T3, before these holders; « NR » is the landlord's own row."""
    return Situation(
        unit=unit,
        sequence=sequence,
        landlord=LANDLORD,
        dimensions=dimensions,
        categories=categories,
        holders=holders,
        place=place,
    )
