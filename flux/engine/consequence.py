"""What breaks if the unit goes to another holder than the rule says: the guard counted once more, after that choice.

Pure, exact integers, under version 1 of the rule. After a choice, the next units that fall vacant here are taken to
credit the same shares. A deadline of the guard (docs/engine.md, section 2) that no later choice can meet any more is
a promise lost: this says whose, how many units from now, and what the one furthest behind would then be owed at least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flux.engine.facts import HolderFacts, Situation
from flux.engine.rule import first_filled
from flux.engine.wording import counted, units


@dataclass(frozen=True, slots=True)
class Missed:
    """Deadlines that nobody can meet any more.

    `within`: how many more units fall vacant here until then, 0 for at once. `holders`: ids of those who have a
    deadline by then, in order of rank; at least one of them is left out. `owed`: what the one furthest behind of them
    is then owed at least, whoever gets the units between, in shares. `anyway`: no choice would have avoided it.
    """

    within: int
    holders: tuple[str, ...]
    owed: int
    anyway: bool


@dataclass(frozen=True, slots=True)
class Consequence:
    """What giving the unit to `holder` costs the guarantee: |due − received| at most `limit` shares for everybody.

    `safe`: it is in the safe set of the rule, and costs nothing: what `missed` says then, any choice would have cost.
    `delay`: its delay once served, negative when it is ahead.
    """

    holder: str
    safe: bool
    delay: int
    limit: int
    missed: Missed | None

    @property
    def ahead(self) -> int:
        """By how much the holder would be ahead, in shares, when that is beyond the guarantee; else 0."""
        return -self.delay if -self.delay > self.limit else 0


def consequences(situation: Situation) -> dict[str, Consequence]:
    """The consequence of each holder that may take the unit, by id. The guard's deadlines are counted once for all."""
    unit = situation.unit
    eligible = [h for h in situation.holders if (h.share > 0 and h.may_take) or h.id == situation.landlord]
    if len(eligible) == 1:
        only = eligible[0]
        return {only.id: Consequence(only.id, safe=True, delay=only.delay(unit) - unit, limit=unit, missed=None)}
    floor = unit // (2 * len(eligible) - 2)
    limit = unit - floor
    filled = first_filled(eligible, unit=unit, limit=limit)
    overfull = first_filled(eligible, unit=unit, limit=limit, more=1) if filled else 0
    must = [h for h in eligible if not filled or _due_by(h, filled, unit, limit)]
    top = max(h.delay(unit) for h in must)
    safe = {h.id for h in must if h.delay(unit) >= floor or h.delay(unit) == top}

    def missed(chosen: HolderFacts) -> Missed | None:
        """The first step whose deadlines outnumber the units left for them once the chosen one has this unit."""
        for step in (filled, overfull):
            if step and (step == overfull or not _due_by(chosen, step, unit, limit)):
                return _miss(chosen, eligible, step, unit, limit)
        return None

    return {h.id: Consequence(h.id, h.id in safe, h.delay(unit) - unit, limit, missed(h)) for h in eligible}


def _due_by(holder: HolderFacts, step: int, unit: int, limit: int) -> int:
    """How many of its units have their deadline by that step (1 is this very unit)."""
    grown = holder.delay(unit) + (step - 1) * holder.share - limit
    return max(0, -(-grown // unit))


def _miss(chosen: HolderFacts, eligible: Sequence[HolderFacts], step: int, unit: int, limit: int) -> Missed:
    """Who cannot all be served by that step, and the least that the furthest behind would be owed.

    The units left until then go, at best, always to whoever is owed most: their largest delay cannot be made smaller.
    """
    left = {h.id: _due_by(h, step, unit, limit) for h in eligible}
    overfull = sum(left.values()) > step
    left[chosen.id] = max(0, left[chosen.id] - 1)
    concerned = sorted((h for h in eligible if left[h.id]), key=lambda h: h.rank)
    owed = [h.delay(unit) + (step - 1) * h.share - unit * (h is chosen) for h in concerned]
    least = _least_worst(owed, step - 1, unit)
    return Missed(within=step - 1, holders=tuple(h.id for h in concerned), owed=least, anyway=overfull)


def _least_worst(owed: Sequence[int], served: int, unit: int) -> int:
    """The least that the largest of these can be brought down to by so many units.

    It is the lowest level that takes no more units than that to bring all of them down to: looked for by halves.
    """
    high = max(owed)
    low = high - served * unit
    while low < high:
        level = (low + high) // 2
        if sum(-(-(due - level) // unit) for due in owed if due > level) <= served:
            high = level
        else:
            low = level + 1
    return high


def consequence_words(situation: Situation, consequence: Consequence) -> str:
    """The consequence in one French sentence."""
    unit, limit, missed = situation.unit, consequence.limit, consequence.missed
    names = {holder.id: holder.name for holder in situation.holders}
    lost = _lost(missed, names, unit, limit) if missed else ""
    if consequence.safe and missed is None:
        return "Ne coûte rien à la garantie : chacun peut encore être servi à temps."
    if consequence.safe:
        return f"Ne coûte rien de plus : la garantie ne tient déjà plus, quel que soit le choix ({lost})."
    broken = [lost + (", quel que soit le choix" if missed.anyway else "")] if missed else []
    if ahead := consequence.ahead:
        taker = names[consequence.holder]
        broken.insert(0, f"{taker} aurait {counted(ahead, unit)} d’avance, {_beyond(ahead, unit, limit)}")
    return f"La garantie ne tient plus : {' ; '.join(broken)}."


def brief(situation: Situation, consequence: Consequence) -> str:
    """The same in the few words of a column: « rien », « 1,30 d’avance, tour manqué dans 4 logements »."""
    if consequence.safe:
        return "rien"
    ahead, missed = consequence.ahead, consequence.missed
    parts = [f"{units(ahead, situation.unit)} d’avance"] if ahead else []
    if missed:
        plural = "s" if missed.within > 1 else ""
        when = f"dans {missed.within} logement{plural}" if missed.within else "aussitôt"
        parts.append(f"tour manqué {when}")
    return ", ".join(parts)


def _lost(missed: Missed, names: Mapping[str, str], unit: int, limit: int) -> str:
    """Who, when, and how much at least."""
    *others, last = [names[holder] for holder in missed.holders]
    owed = f"{counted(missed.owed, unit)} à recevoir, {_beyond(missed.owed, unit, limit)}"
    if not missed.within:
        if not others:
            return f"{last} {'a déjà' if missed.anyway else 'aurait aussitôt'} {owed}"
        return f"{', '.join(others)} et {last} ne peuvent plus attendre, l’un aurait {owed}"
    when = (
        f"dans les {missed.within} prochains logements libérés ici" if missed.within > 1 else "au logement suivant ici"
    )
    if not others:
        return f"{when}, {last} aurait au moins {owed}"
    return (
        f"{when}, {', '.join(others)} et {last} ne pourraient plus tous être servis à temps, "
        f"l’un aurait au moins {owed}"
    )


def _beyond(shares: int, unit: int, limit: int) -> str:
    """By how much it passes one unit; or the guarantee, which is a little less."""
    if shares > unit:
        return f"{units(shares - unit, unit)} au-delà d’un logement"
    return f"au-delà de la garantie ({units(limit, unit)})"
