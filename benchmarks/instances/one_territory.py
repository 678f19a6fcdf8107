"""A, D and E where every right bears on the whole département: the case of the theorem."""

from __future__ import annotations

import random

from benchmarks.instances.dwellings import cut, dirichlet, dwelling, mix
from benchmarks.instances.flow import LANDLORD, Flow, Vacancy

UNIT = 10_000


def usual_shares(chance: random.Random, holders: int) -> dict[str, int]:
    """The State’s two contingents, Action Logement, `holders` − 4 others on 30 %, the landlord with what remains."""
    shares = {"ETAT": 2500, "AGENTS": 500, "ALS": 2000}
    others = cut(3000, dirichlet(chance, [1.0] * (holders - 4))) if holders > 4 else []
    shares |= {f"R{number:02}": share for number, share in enumerate(others, 1)}
    return shares | {LANDLORD: UNIT - sum(shares.values())}


def uneven_shares(chance: random.Random, holders: int) -> dict[str, int]:
    """Any shares, some very small, some large: Dirichlet(0.7)."""
    ids = [*(f"R{number:02}" for number in range(1, holders)), LANDLORD]
    return dict(zip(ids, cut(UNIT, dirichlet(chance, [0.7] * holders)), strict=True))


def fully_reserved(shares: dict[str, int]) -> dict[str, int]:
    """What the landlord had goes to the others, in proportion."""
    others = [holder for holder in shares if holder != LANDLORD]
    return dict(zip(others, cut(UNIT, [shares[holder] for holder in others]), strict=True)) | {LANDLORD: 0}


def year(chance: random.Random, name: str, shares: dict[str, int], units: int) -> Flow:
    """`units` vacancies of one mix, each with these shares."""
    usual = mix(chance)
    vacancies = tuple(Vacancy(f"v{number}", shares, dwelling(chance, usual)) for number in range(1, units + 1))
    return Flow(name, UNIT, LANDLORD, tuple(usual), {holder: rank for rank, holder in enumerate(shares)}, vacancies)
