"""The routing rule, version 1 (docs/engine.md, section 2): four sieves, one order of choice, one reason.

The rule is three tables of small functions, read from top to bottom: SIEVES keep fewer and fewer holders, CRITERIA
choose among those that are left, REASONS say what made the difference. Guard after Tijdeman, « The chairman assignment
problem », 1980, and Hall's condition (1935): with one territory and constant quotas, |dû − reçu| ≤ 1 − 1/(2n−2) unit at
every moment, whatever the profile says.

This version is frozen: the decisions of the past replay under it for ever (`flux/engine/versions.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flux.engine.facts import Decision, HolderFacts, Rank, Situation

VERSION = 1

#: How much a unit of delay weighs beside a unit of lack in one dimension.
DELAY_WEIGHT = 10

ONLY_ONE = "ONLY_ONE"
DEADLINE = "DEADLINE"
TIE = "TIE"
LARGEST_DELAY = "LARGEST_DELAY"
PROFILE = "PROFILE"
FALLBACK = "FALLBACK"

Holders = Sequence[HolderFacts]


class Seen:
    """One situation, with the figures that the tables compare worked out once.

    `delay` and `priority` by holder, in shares; `floor` is S // (2n − 2) for n candidates: who is owed as much may be
    served early at no cost.
    """

    __slots__ = ("delay", "floor", "landlord", "priority", "unit")

    def __init__(self, situation: Situation) -> None:
        self.unit = situation.unit
        self.landlord = situation.landlord
        self.delay = {h.id: h.delay(self.unit) for h in situation.holders}
        self.priority = {h.id: DELAY_WEIGHT * self.delay[h.id] + sum(h.weighed) for h in situation.holders}
        self.floor = self.unit // max(1, 2 * len(candidates(self, situation.holders)) - 2)

    def top(self, holders: Holders) -> int:
        """The largest delay among these holders."""
        return max(self.delay[h.id] for h in holders)


# --- who may be chosen ---------------------------------------------------------------------------------------------


def candidates(seen: Seen, holders: Holders) -> Holders:
    """Those that have a share here and may take the unit, and the landlord."""
    return [h for h in holders if (h.share > 0 and h.may_take) or h.id == seen.landlord]


def due_soon(seen: Seen, holders: Holders) -> Holders:
    """Those among which one must be served now, so that nobody can fall behind later."""
    return guard(holders, unit=seen.unit, limit=seen.unit - seen.floor)


def safe(seen: Seen, holders: Holders) -> Holders:
    """Those that may be served now at no cost to the guarantee: owed the floor, or the most."""
    top = seen.top(holders)
    return [h for h in holders if seen.delay[h.id] >= seen.floor or seen.delay[h.id] == top]


def band(seen: Seen, holders: Holders) -> Holders:
    """Those within half a unit of the most owed."""
    top = seen.top(holders)
    return [h for h in holders if 2 * seen.delay[h.id] >= 2 * top - seen.unit]


class Sieve(NamedTuple):
    """One step: its name and meaning in French, where it comes from, and whom it keeps of those the last one kept."""

    name: str
    meaning: str
    source: str
    keep: Callable[[Seen, Holders], Holders]


SIEVES = (
    Sieve(
        "candidats",
        "a une part là où se trouve le logement et peut le prendre ; le bailleur l’est toujours",
        "CCH, R441-5",
        candidates,
    ),
    Sieve(
        "garde",
        "ceux parmi lesquels il faut servir quelqu’un maintenant pour que personne ne puisse prendre de retard",
        "Tijdeman (1980), condition de Hall (1935)",
        due_soon,
    ),
    Sieve(
        "choix sans coût",
        "les servir maintenant ne coûte rien à la garantie : le reste dû est assez grand, ou le plus grand",
        "Tijdeman (1980) : S ÷ (2n − 2)",
        safe,
    ),
    Sieve(
        "bande",
        "à un demi-logement au plus du plus grand reste dû : entre eux, le genre de logement décide",
        "spécification, section 2",
        band,
    ),
)


# --- who is chosen among them --------------------------------------------------------------------------------------


class Criterion(NamedTuple):
    """One figure to compare, the largest first; the next one speaks only at a tie."""

    name: str
    figure: Callable[[Seen, HolderFacts], int]


CRITERIA = (
    Criterion("dix fois le reste dû, plus les manques du genre de ce logement", lambda seen, h: seen.priority[h.id]),
    Criterion("reste dû", lambda seen, h: seen.delay[h.id]),
    Criterion("part ici", lambda _, h: h.share),
    Criterion("dernier logement reçu le plus ancien", lambda _, h: -h.last_served),
    Criterion("rang de la part dans les conventions", lambda _, h: -h.rank),
)


def preference(seen: Seen, h: HolderFacts) -> tuple[int, ...]:
    """The figures of CRITERIA, in order."""
    return tuple(criterion.figure(seen, h) for criterion in CRITERIA)


# --- why -----------------------------------------------------------------------------------------------------------


class Kept(NamedTuple):
    """Whom each sieve kept, in the order of SIEVES."""

    candidates: Holders
    due_soon: Holders
    safe: Holders
    band: Holders


def _only_one(seen: Seen, chosen: HolderFacts, kept: Kept) -> bool:
    return len(kept.candidates) == 1


def _deadline(seen: Seen, chosen: HolderFacts, kept: Kept) -> bool:
    return seen.top(kept.candidates) > seen.top(kept.due_soon)


def _tie(seen: Seen, chosen: HolderFacts, kept: Kept) -> bool:
    equal = preference(seen, chosen)[:2]
    return any(preference(seen, h)[:2] == equal for h in kept.band if h is not chosen)


def _largest_delay(seen: Seen, chosen: HolderFacts, kept: Kept) -> bool:
    return seen.delay[chosen.id] == seen.top(kept.candidates)


def _profile(seen: Seen, chosen: HolderFacts, kept: Kept) -> bool:
    return True


class Reason(NamedTuple):
    """One answer to « pourquoi lui ? », and when it holds."""

    code: str
    meaning: str
    holds: Callable[[Seen, HolderFacts, Kept], bool]


#: The first that holds is given.
REASONS = (
    Reason(ONLY_ONE, "seule destination possible", _only_one),
    Reason(DEADLINE, "un reste dû plus grand peut encore attendre, celui-ci ne le peut plus", _deadline),
    Reason(TIE, "à égalité avec un autre : la part décide, puis l’ancienneté, puis le rang", _tie),
    Reason(LARGEST_DELAY, "plus grand reste dû", _largest_delay),
    Reason(PROFILE, "voisin du plus grand reste dû, et plus grand manque dans ce genre de logement", _profile),
)


def decide(situation: Situation) -> Decision:
    """Say to which holder the vacancy goes, and rank all the others behind it.

    Where a convention's chain names the destination, the rule only ranks the others.
    """
    seen = Seen(situation)
    groups: list[Holders] = [situation.holders]
    for sieve in SIEVES:
        groups.append(sieve.keep(seen, groups[-1]))
    kept = Kept(*groups[1:])
    if situation.chain is not None:
        [named] = [h for h in situation.holders if h.id == situation.chain.holder]
        return _decision(situation, seen, named, FALLBACK, Kept(kept.candidates, [named], [named], [named]))
    chosen = max(kept.band, key=lambda h: preference(seen, h))
    reason = next(reason.code for reason in REASONS if reason.holds(seen, chosen, kept))
    return _decision(situation, seen, chosen, reason, kept)


def _decision(situation: Situation, seen: Seen, chosen: HolderFacts, reason: str, kept: Kept) -> Decision:
    """Rank everybody: the chosen one, then those that more sieves kept, and by preference."""
    passed = [frozenset(h.id for h in group) for group in kept]
    eligible, must, harmless, near = passed

    def place(h: HolderFacts) -> tuple[int, ...]:
        return (h.id != chosen.id, *(h.id not in ids for ids in reversed(passed)), *(-n for n in preference(seen, h)))

    ranking = tuple(
        Rank(
            id=h.id,
            delay=seen.delay[h.id],
            priority=seen.priority[h.id],
            eligible=h.id in eligible,
            must_soon=h.id in must,
            in_band=h.id in near,
            safe=h.id in harmless,
        )
        for h in sorted(situation.holders, key=place)
    )
    return Decision(holder=chosen.id, reason=reason, ranking=ranking, version=VERSION)


# --- the guard -----------------------------------------------------------------------------------------------------


def guard(eligible: Sequence[HolderFacts], *, unit: int, limit: int) -> list[HolderFacts]:
    """The holders among which one must be served now, so that nobody can fall behind later.

    The m-th unit of a holder falls due at the first step e ≥ 1 where its delay, grown by e − 1 shares, passes
    `limit` + (m − 1) units. Deadlines are walked by (step, rank); as soon as the k deadlines met by step e fill
    it (k ≥ e), only the holders met so far may be chosen. Once every holder with a share has been met, all may.

    The walk is not made deadline by deadline: those met by step e are counted, and the first step that they fill
    is looked for between one first deadline and the next, where the holders met are the same.
    """
    filled = first_filled(eligible, unit=unit, limit=limit)
    if filled:
        return [h for h in eligible if h.delay(unit) + (filled - 1) * h.share > limit]
    return list(eligible)


def first_filled(eligible: Sequence[HolderFacts], *, unit: int, limit: int, more: int = 0) -> int:
    """The first step e of the guard's walk that has at least e + `more` deadlines by then; 0 for none.

    The walk ends at the step where the last holder with a share is met.
    """
    first_due: dict[int, list[HolderFacts]] = {}
    last = 0  # when the last holder with a share is met
    for holder in eligible:
        step = _first_deadline(holder, unit, limit)
        if step:
            first_due.setdefault(step, []).append(holder)
            last = max(last, step if holder.share else 0)
    met: list[tuple[int, int]] = []
    steps = sorted(step for step in first_due if step <= last)
    for step, following in zip(steps, [*steps[1:], last + 1], strict=False):
        met += [(h.delay(unit) - limit - 1, h.share) for h in first_due[step]]
        filled = _first_filled(met, step, following - 1, unit, more)
        if filled:
            return filled
    return 0


def _first_deadline(holder: HolderFacts, unit: int, limit: int) -> int:
    """The step at which the first unit of a holder falls due; 0 for never."""
    margin = limit - holder.delay(unit)
    if margin < 0:
        return 1
    return margin // holder.share + 2 if holder.share else 0


def _first_filled(met: Sequence[tuple[int, int]], begin: int, end: int, unit: int, more: int) -> int:
    """The first step from `begin` to `end` that the units due by then fill (as many, `more` left out); 0 for none.

    `met` has, of each holder met by `begin`, its delay beyond the limit, less one, and its share. Two shortcuts, both
    exact. Rounding aside, those holders are due Σ (delay beyond + (e − 1)·share)/unit + 1 each: where that is under e,
    and the others’ shares make it fall further behind at each step, no later step is filled. And if d < e units are
    due by e, no step after d and up to e is filled, since no more than d are due by any of them: a stretch is read
    downwards by such leaps, stretches growing so that a step filled early is found early.
    """
    count = len(met) - more
    spare = unit - sum(share for _, share in met)
    if spare > 0:
        end = min(end, 1 + (sum(beyond for beyond, _ in met) + (count - 1) * unit) // spare)
    length = 1
    while begin <= end:
        found, step = 0, min(end, begin + length - 1)
        following = step + 1
        while step >= begin:
            due = count + sum([(beyond + (step - 1) * share) // unit for beyond, share in met])
            if due >= step:
                found, step = step, step - 1
            else:
                step = due
        if found:
            return found
        begin, length = following, 2 * length
    return 0
