"""The rule, versions 1 and 2 (docs/engine.md, section 2): who is served, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.model.facts import UNIT


@dataclass(frozen=True)
class Seen:
    """A holder, as a decision sees it: what it is owed, its lack in the categories of the unit, its share, its turn."""

    name: str
    rank: int
    share: int
    delay: int
    lack: int
    last: int
    may_take: bool


@dataclass(frozen=True)
class Known:
    """A departure that waits behind: what it will credit, who may take it, and what each lacks there."""

    shares: Mapping[str, int]
    takers: frozenset[str]
    lacks: Mapping[str, int]


def decide(
    holders: Sequence[Seen], landlord: str, known: Sequence[Known], delays: Mapping[str, int], chain: str = ""
) -> tuple[str, str]:
    """(holder, reason). `known`: those behind the first; `delays`: what each holder of the account is owed."""
    if chain:
        return chain, "FALLBACK"
    able = [each for each in holders if each.name == landlord or (each.share and each.may_take)]
    if len(able) == 1:
        return landlord, "ONLY_ONE"
    floor = UNIT // (2 * len(able) - 2)
    must = guard(able, UNIT - floor)
    top = max(each.delay for each in must)
    safe = [each for each in must if each.delay >= floor or each.delay == top]
    band = sorted((each for each in safe if 2 * each.delay >= 2 * top - UNIT), key=preference, reverse=True)
    first, most = band[0], max(each.delay for each in able)
    equal = [each for each in band if preference(each)[:2] == preference(first)[:2]]
    reason = (
        ("DEADLINE" if most > top else "")
        or ("TIE" if len(equal) > 1 else "")
        or ("LARGEST_DELAY" if first.delay == most else "PROFILE")
    )
    if not known or len(band) == 1:
        return first.name, reason
    lacks = {each.name: each.lack for each in holders}
    takers = [frozenset(each.name for each in able), *(each.takers for each in known)]
    best = best_plan([each.name for each in band], takers, [lacks, *(each.lacks for each in known)], known, delays)
    chosen = band[best[2]].name
    if chosen == first.name:
        return chosen, reason
    forced = best_plan([first.name], takers, [lacks, *(each.lacks for each in known)], known, delays)
    return chosen, "KNOWN_DEADLINE" if forced[0] > best[0] else "KNOWN_MIX"


def preference(each: Seen) -> tuple[int, ...]:
    return 10 * each.delay + each.lack, each.delay, each.share, -each.last, -each.rank


def guard(able: Sequence[Seen], limit: int) -> list[Seen]:
    """Those that must be served soon: the units of each fall due one by one; at the first step that they fill, the
    holders met; all, once everybody with a share is met."""
    step = 0
    while True:
        step += 1
        due = {each.name: -((limit - each.delay - (step - 1) * each.share) // UNIT) for each in able}
        met = [each for each in able if due[each.name] > 0]
        if met and sum(due[each.name] for each in met) >= step:
            return met
        if all(each in met for each in able if each.share):
            return list(able)


def best_plan(
    first: Sequence[str],
    takers: Sequence[frozenset[str]],
    lacks: Sequence[Mapping[str, int]],
    known: Sequence[Known],
    delays: Mapping[str, int],
) -> tuple[int, int, int]:
    """(excess, less the mix, place in `first` of who has the first): the smallest over every plan. What a plan costs
    after a departure depends on how many each holder has by then only: plans that agree on that are weighed at once."""
    names = sorted(frozenset().union(*takers))
    cost = _excess(names, known, delays)
    plans: dict[tuple[int, ...], tuple[int, int, int]] = {(0,) * len(names): (0, 0, 0)}
    for step, able in enumerate(takers):
        following: dict[tuple[int, ...], tuple[int, int, int]] = {}
        for had, (excess, less, place) in plans.items():
            for number, name in enumerate(names):
                if name not in (able if step else first):
                    continue
                has = (*had[:number], had[number] + 1, *had[number + 1 :])
                at = place if step else first.index(name)
                price = (excess + cost(step, has), less - lacks[step].get(name, 0), at)
                following[has] = min(price, following.get(has, price))
        plans = following
    return min(plans.values())


def _excess(
    names: Sequence[str], known: Sequence[Known], delays: Mapping[str, int]
) -> Callable[[int, tuple[int, ...]], int]:
    owed = [[delays[name] for name in names]]
    for each in known:
        owed.append([before + each.shares.get(name, 0) for before, name in zip(owed[-1], names, strict=True)])
    limits = [4 * UNIT // 5] * len(known) + [2 * UNIT // 3]

    def cost(step: int, has: tuple[int, ...]) -> int:
        gaps = (due - UNIT * count for due, count in zip(owed[step], has, strict=True))
        return sum(max(0, abs(gap) - limits[step]) ** 2 for gap in gaps)

    return cost
