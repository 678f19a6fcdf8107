"""What is registered after a balance was sealed, for an act of its year: where it is stated (docs/decisions/0042).
Pure.

One rule: **an act counts in the year of its day, and what undoes it leaves that year. Where the balance of that year is
sealed, the difference goes to its next version, and until then to the first balance after it that is not sealed, as
« exercices antérieurs », with its sign.** So what the sealed balances state, and the one that is open, adds up to the
acts, once each, whatever is late, corrected, undone or sealed again. A sealed balance takes what its file states, and
nothing that came later: whoever names the balance that takes an act names the same.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

#: {whose and what: count}; a count of zero says nothing.
Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Stated:
    """What the sealed balance of a year states: the acts of its own year, and those of earlier years that it took."""

    own: Counts
    earlier: Mapping[int, Counts] = field(default_factory=dict)


def chain(year: int, sealed: Container[int]) -> list[int]:
    """The years before this one whose balances are sealed without a break, the latest first: what they do not state is
    stated here. Before a year that is not sealed, its own balance takes it."""
    found = []
    while (year := year - 1) in sealed:
        found.append(year)
    return found


def earlier(year: int, acts: Mapping[int, Counts], sealed: Mapping[int, Stated]) -> dict[int, Counts]:
    """« Exercices antérieurs » of the balance of a year: by year of the acts, what no sealed balance states of them
    yet, or states of them and is undone. Of a balance that is sealed, what its next version would say: its own says
    what it `stated`. `acts`: those of each year, as they are known today."""
    before = chain(year, sealed)
    found: dict[int, Counts] = {}
    for of in before:
        stated = [sealed[of].own, *(sealed[later].earlier.get(of, {}) for later in before if later > of)]
        if left := minus(acts.get(of, {}), *stated):
            found[of] = left
    return found


def stated(year: int, sealed: Mapping[int, Stated]) -> dict[int, Counts]:
    """« Exercices antérieurs » of a sealed balance, by year of the acts: what its file says, and nothing later."""
    return {of: left for of, counts in sorted(sealed[year].earlier.items()) if (left := minus(counts))}


def since(year: int, acts: Mapping[int, Counts], sealed: Mapping[int, Stated]) -> dict[int, Counts]:
    """The same seen from a sealed year: by year of the balance that takes it, what its own does not state. The balances
    sealed after it without a break took what they state; the first that is not sealed takes the rest."""
    found: dict[int, Counts] = {}
    left, taker = minus(acts.get(year, {}), sealed[year].own), year + 1
    while taker in sealed:
        if taken := minus(sealed[taker].earlier.get(year, {})):
            found[taker], left = taken, minus(left, taken)
        taker += 1
    return found | ({taker: left} if left else {})


def minus(counts: Counts, *taken: Counts) -> dict[tuple[str, str], int]:
    """What is left of counts once others are taken from them; nothing of it is zero."""
    found = dict(counts)
    for each in taken:
        for key, count in each.items():
            found[key] = found.get(key, 0) - count
    return {key: count for key, count in sorted(found.items()) if count}
