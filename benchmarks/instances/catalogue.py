"""The instances of FluxBench by name: A, B, C, D, E, a size, and a seed."""

from __future__ import annotations

import random
from dataclasses import replace

from benchmarks.instances import one_territory, territories
from benchmarks.instances.flow import LANDLORD, Flow

#: B: EPCI, communes, vacancies.
DEPARTEMENTS = {
    "B1": (2, 5, 200),
    "B2": (4, 12, 1000),
    "B3": (10, 50, 500),
    "B4": (10, 50, 2000),
    "B5": (10, 60, 50_000),
}

ORDERS = ("bursty", "sorted", "seasonal")


def build(name: str) -> Flow:
    """The instance of that name: « A/usual/8/1000/0 », « B4/0 », « C/bursty/0 », « D/A/0 », « E/B/0 »; its seed last.

    Raises KeyError or ValueError when there is none.
    """
    family, *rest = name.split("/")
    chance = random.Random(name)
    match family, rest:
        case "A", [kind, holders, units, _]:
            draw = {"usual": one_territory.usual_shares, "uneven": one_territory.uneven_shares}[kind]
            found = one_territory.year(chance, name, draw(chance, int(holders)), int(units))
        case "C", [order, _]:
            reorder = {
                "bursty": territories.bursty,
                "sorted": territories.sorted_by_commune,
                "seasonal": territories.seasonal,
            }[order]
            found = reorder(chance, _departement(chance, name, "B4"))
        case "D", ["A", _]:
            shares = one_territory.usual_shares(chance, 30)
            found = refusing(chance, one_territory.year(chance, name, shares, 1000))
        case "D", ["B", _]:
            found = refusing(chance, _departement(chance, name, "B4"))
        case "E", ["A", _]:
            shares = one_territory.fully_reserved(one_territory.usual_shares(chance, 30))
            found = one_territory.year(chance, name, shares, 1000)
        case "E", ["B", _]:
            groups, communes, size = DEPARTEMENTS["B4"]
            places = territories.fully_reserved(territories.departement(chance, groups=groups, communes=communes))
            found = territories.year(chance, name, places, size)
        case size_name, [_]:
            found = _departement(chance, name, size_name)
        case _:
            raise ValueError(name)
    return found


def _departement(chance: random.Random, name: str, size: str) -> Flow:
    groups, communes, units = DEPARTEMENTS[size]
    return territories.year(chance, name, territories.departement(chance, groups=groups, communes=communes), units)


def refusing(chance: random.Random, year: Flow) -> Flow:
    """D: three holders in ten may not take the PLS, or may not take the T5 and more."""
    others = [holder for holder in year.ranks if holder != LANDLORD]
    refused = {
        holder: chance.choice([("financing", "PLS"), ("typology", "T5+")])
        for holder in chance.sample(others, round(len(others) * 0.3))
    }
    return replace(
        year,
        vacancies=tuple(
            replace(
                vacancy,
                may_take=frozenset(
                    holder
                    for holder in year.ranks
                    if holder not in refused or vacancy.categories[refused[holder][0]] != refused[holder][1]
                ),
            )
            for vacancy in year.vacancies
        ),
    )


def quick() -> list[str]:
    """What the continuous checks run, in under a minute: every family once."""
    return [
        *(f"A/{kind}/{size}/0" for kind in ("usual", "uneven") for size in ("4/200", "8/1000", "30/200")),
        *(f"{size}/0" for size in ("B1", "B2", "B3", "B4")),
        "C/bursty/0",
        *(f"{family}/{where}/0" for family in "DE" for where in "AB"),
    ]


def full(seeds: int) -> list[str]:
    """What the published figures rest on."""
    return [
        *(
            f"A/{kind}/{holders}/{units}/{seed}"
            for kind in ("usual", "uneven")
            for holders in (4, 8, 30, 60)
            for units in (200, 2000)
            for seed in range(seeds)
        ),
        *(f"A/usual/{holders}/50000/0" for holders in (8, 60)),
        *(f"{size}/{seed}" for size in ("B1", "B2", "B3", "B4") for seed in range(seeds)),
        "B5/0",
        *(f"C/{order}/{seed}" for order in ORDERS for seed in range(seeds)),
        *(f"{family}/{where}/{seed}" for family in "DE" for where in "AB" for seed in range(seeds)),
    ]
