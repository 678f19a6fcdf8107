"""B: rights of the département, of its EPCI and of its communes; C: the same flow in an order that tries the rule."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchmarks.instances.dwellings import Mix, dwelling, mix
from benchmarks.instances.flow import LANDLORD, Flow, Vacancy
from benchmarks.instances.one_territory import UNIT

ZIPF = 0.9


@dataclass(frozen=True, slots=True)
class Commune:
    """Its code, how much of the flow it has, its mix, and the shares of a vacancy there."""

    code: str
    weight: float
    mix: Mix
    shares: Mapping[str, int]


def departement(chance: random.Random, *, groups: int, communes: int) -> list[Commune]:
    """A département of `communes` in `groups` EPCI, the largest commune first (Zipf).

    The State and Action Logement (15 to 20 %) everywhere, the département (0 to 3 %), each EPCI (3 to 10 %), and 70 %
    of the communes (5 to 20 %); the landlord has the remainder.
    """
    everywhere = {"ETAT": 2500, "AGENTS": 500, "ALS": chance.randint(1500, 2000), "DEPT": chance.randint(0, 300)}
    of_group = [chance.randint(300, 1000) for _ in range(groups)]
    with_a_right = set(chance.sample(range(communes), round(communes * 0.7)))
    belongs = [place % groups for place in range(communes)]
    chance.shuffle(belongs)
    found = []
    for place in range(communes):
        shares = {**everywhere, f"EPCI{belongs[place]:02}": of_group[belongs[place]]}
        if place in with_a_right:
            shares[f"C{place:02}"] = chance.randint(500, 2000)
        shares = {holder: share for holder, share in shares.items() if share}
        shares[LANDLORD] = UNIT - sum(shares.values())
        found.append(Commune(f"C{place:02}", (place + 1) ** -ZIPF, mix(chance), shares))
    return found


def fully_reserved(communes: list[Commune]) -> list[Commune]:
    """What the landlord had in each commune goes to the last right there: the commune’s own, or its EPCI’s."""
    found = []
    for commune in communes:
        *_, last = (holder for holder in commune.shares if holder != LANDLORD)
        raised = {**commune.shares, last: commune.shares[last] + commune.shares[LANDLORD], LANDLORD: 0}
        found.append(replace(commune, shares=raised))
    return found


def year(chance: random.Random, name: str, communes: list[Commune], units: int) -> Flow:
    """`units` vacancies, each in a commune drawn by its weight."""
    places = chance.choices(communes, [commune.weight for commune in communes], k=units)
    return flow(name, communes, [_vacancy(chance, number, place) for number, place in enumerate(places, 1)])


def flow(name: str, communes: list[Commune], vacancies: list[Vacancy]) -> Flow:
    """These vacancies of these communes. Ranks: the widest right first, the landlord last."""
    holders = dict.fromkeys(holder for commune in communes for holder in commune.shares)
    wide = {"ETAT": 0, "AGENTS": 1, "ALS": 2, "DEPT": 3}
    order = sorted(
        holders, key=lambda holder: (holder == LANDLORD, wide.get(holder, 4 if holder.startswith("E") else 5), holder)
    )
    dimensions = (*communes[0].mix, "commune")
    return Flow(name, UNIT, LANDLORD, dimensions, {h: rank for rank, h in enumerate(order)}, tuple(vacancies))


def _vacancy(chance: random.Random, number: int, commune: Commune) -> Vacancy:
    categories = dwelling(chance, commune.mix) | {"commune": commune.code}
    return Vacancy(f"v{number}", commune.shares, categories, place=commune.code)


def bursty(chance: random.Random, year: Flow) -> Flow:
    """The same vacancies, by runs of 5 to 40 of one commune: buildings emptied for works, programmes handed over."""
    waiting: dict[str, list[Vacancy]] = {}
    for vacancy in year.vacancies:
        waiting.setdefault(vacancy.place, []).append(vacancy)
    order: list[Vacancy] = []
    while waiting:
        place = chance.choices(list(waiting), [len(those) for those in waiting.values()])[0]
        length = chance.randint(5, 40)
        order += waiting[place][:length]
        waiting[place] = waiting[place][length:]
        if not waiting[place]:
            del waiting[place]
    return replace(year, vacancies=tuple(order))


def sorted_by_commune(_chance: random.Random, year: Flow) -> Flow:
    """The same vacancies, one commune after the other."""
    return replace(year, vacancies=tuple(sorted(year.vacancies, key=lambda vacancy: vacancy.place)))


def seasonal(chance: random.Random, year: Flow) -> Flow:
    """The same vacancies, small homes mostly in summer and large ones in winter."""
    small = {"T1": 0.55, "T2": 0.52, "T3": 0.5, "T4": 0.45, "T5+": 0.4}
    moment = {v.id: chance.gauss(small[v.categories["typology"]], 0.1) for v in year.vacancies}
    return replace(year, vacancies=tuple(sorted(year.vacancies, key=lambda vacancy: moment[vacancy.id])))
