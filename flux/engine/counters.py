"""Dues, units received and lacks of each holder of one ledger: a fold of what happened so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from flux.apportion import apportion
from flux.engine.facts import Chain, Elsewhere, HolderFacts, Known, Situation
from flux.engine.window import limits

#: {dimension: {category: [due, received]}}
Profile = dict[str, dict[str, list[int]]]

#: How many times the lack of a commune counts for a holder whose convention asks for uniformity over communes: as many
#: as the five other dimensions, and once more (docs/engine.md, section 2). Kept in each situation, never read again.
UNIFORM_WEIGHT = 6

#: {dimension: {category: category due}}: what a movement adds elsewhere than to the unit's own categories.
Spread = Mapping[str, Mapping[str, int]]


@dataclass(slots=True)
class Counter:
    """One holder's figures. `due` in shares; `received` in whole units; `last_served` a rank, 0 for never.

    `inside`: its name inside a sentence, « la Ville de Narbonne », where it is not `name`.
    """

    name: str
    rank: int
    due: int = 0
    received: int = 0
    last_served: int = 0
    profile: Profile = field(default_factory=dict)
    inside: str = ""

    def add(
        self, categories: Mapping[str, str], *, due: int = 0, received: int = 0, spread: Spread | None = None
    ) -> None:
        """Add to the totals and, in each dimension, to the category of the unit; or, in those that `spread` names, to
        these category dues instead, which sum to what the delay gains: due − unit × received."""
        self.due += due
        self.received += received
        elsewhere = spread or {}
        for dimension, category in categories.items():
            if dimension not in elsewhere:
                figures = self.profile.setdefault(dimension, {}).setdefault(category, [0, 0])
                figures[0] += due
                figures[1] += received
        for dimension, parts in elsewhere.items():
            known = self.profile.setdefault(dimension, {})
            for category, part in parts.items():
                known.setdefault(category, [0, 0])[0] += part

    def usual_mix(self, dimension: str, *, without: frozenset[str] = frozenset()) -> dict[str, int]:
        """What the holder was due so far in each category of a dimension, by category code; nothing below zero."""
        known = self.profile.get(dimension, {})
        return {name: max(0, known[name][0]) for name in sorted(known) if name not in without}

    def lacks(self, dimension: str, unit: int) -> dict[str, int]:
        """Every lack of a dimension, by category code; they sum to the delay."""
        known = self.profile.get(dimension, {})
        return {name: known[name][0] - unit * known[name][1] for name in sorted(known)}

    def forgive(self, categories: Mapping[str, str], *, unit: int) -> Spread:
        """The holder gave back a unit of these categories, and keeps its turn: one received less, and no category
        turn given back, else the same unit that nobody wants would come back for ever.

        In each dimension the unit it is owed again is spread on its usual mix (what it was due so far), so that its
        lacks still sum to its delay. Returns that spread.
        """
        spread: dict[str, dict[str, int]] = {}
        for dimension, category in categories.items():
            mix = self.usual_mix(dimension)
            spread[dimension] = apportion(unit, mix if any(mix.values()) else {category: 1})
        self.add({}, received=-1, spread=spread)
        return spread

    def lack(self, dimension: str, category: str, unit: int) -> int:
        """Category due − unit × category received; over a dimension, the lacks sum to the delay."""
        due, received = self.profile.get(dimension, {}).get(category, (0, 0))
        return due - unit * received

    def lack_of(self, categories: Mapping[str, str], unit: int, weights: Sequence[int] = ()) -> int:
        """The sum over the dimensions of its lacks in the categories of one unit, each as many times as `weights` say
        (once, where they do not)."""
        lacking = 0
        for place, (dimension, category) in enumerate(categories.items()):
            cell = self.profile[dimension].get(category) if dimension in self.profile else None
            if cell:
                lacking += (cell[0] - unit * cell[1]) * (weights[place] if weights else 1)
        return lacking


@dataclass(frozen=True, slots=True)
class Waiting:
    """One vacancy that is registered and not decided: what the decision on another one reads of it.

    `vacancy` is its id, `registered` its order of registration (its primary key), `label` and `place` (the commune)
    name it for the reader. `shares`, by holder: what it would credit at its own decision, by the rights of the day of
    its registration (`LedgerSituation.shares`); they sum to one unit, the landlord's remainder included, and zeros do
    no harm. `categories`: one a dimension. `may_take` (all, when None): who may be served it; only a holder with a
    share above zero may anyway, and the landlord always. `uniform`: as in `Counters.situation`.
    """

    vacancy: str
    registered: int
    shares: Mapping[str, int]
    categories: Mapping[str, str]
    may_take: frozenset[str] | None = None
    place: str = ""
    label: str = ""
    uniform: Collection[str] = ()

    def takers(self, landlord: str) -> set[str]:
        """Who may be served it: a share above zero, and nothing against it; and the landlord."""
        allowed = self.may_take
        return {landlord} | {key for key, share in self.shares.items() if share and (allowed is None or key in allowed)}


class WrongSharesError(ValueError):
    """The shares of a vacancy do not sum to one unit: an error of configuration, never rescaled silently."""


@dataclass(slots=True)
class Counters:
    """The counters of one ledger. Routing one vacancy is: `accrue`, `situation`, a decision, `receive`."""

    unit: int
    landlord: str
    dimensions: tuple[str, ...]
    holders: dict[str, Counter] = field(default_factory=dict)

    def flow_mix(self, dimension: str, *, without: frozenset[str] = frozenset()) -> dict[str, int]:
        """What all holders were due so far in each category of a dimension: the mix of the flow."""
        mix: dict[str, int] = {}
        for counter in self.holders.values():
            for name, due in counter.usual_mix(dimension, without=without).items():
                mix[name] = mix.get(name, 0) + due
        return {name: mix[name] for name in sorted(mix)}

    def accrue(
        self,
        shares: Mapping[str, int],
        categories: Mapping[str, str],
        *,
        targets: Mapping[str, Spread] | None = None,
    ) -> dict[str, Spread]:
        """Credit each holder with its share of one vacancy.

        `targets`: for some holders and dimensions, the weights on which the category due is spread instead of going to
        the category of the unit (declared needs; what a holder cannot take). Returns how it was spread, by holder.

        Raises WrongSharesError, before anything is credited, unless the shares sum to exactly one unit.
        """
        if sum(shares.values()) != self.unit or min(shares.values()) < 0:
            raise WrongSharesError(f"shares sum to {sum(shares.values())}, not to {self.unit}")
        return self._credit(shares, categories, targets or {})

    def carry(
        self,
        steps: Mapping[str, int],
        categories: Mapping[str, str],
        *,
        targets: Mapping[str, Spread] | None = None,
    ) -> dict[str, Spread]:
        """Give back, with one vacancy, steps of what an earlier year left; they sum to nothing. As `accrue` otherwise.

        Raises WrongSharesError, before anything is credited, unless they do.
        """
        if sum(steps.values()):
            raise WrongSharesError(f"steps sum to {sum(steps.values())}, not to 0")
        return self._credit(steps, categories, targets or {})

    def _credit(
        self, quantities: Mapping[str, int], categories: Mapping[str, str], targets: Mapping[str, Spread]
    ) -> dict[str, Spread]:
        spreads: dict[str, Spread] = {}
        for holder, quantity in quantities.items():
            if not quantity:
                continue
            spread = {
                dimension: {
                    name: part if quantity > 0 else -part
                    for name, part in apportion(abs(quantity), weights).items()
                    if part
                }
                for dimension, weights in targets.get(holder, {}).items()
            }
            self.holders[holder].add(categories, due=quantity, spread=spread)
            if spread:
                spreads[holder] = spread
        return spreads

    def receive(self, holder: str, categories: Mapping[str, str], *, sequence: int) -> None:
        """`holder` gets the unit, at this rank of the ledger."""
        self.holders[holder].add(categories, received=1)
        self.holders[holder].last_served = max(sequence, self.holders[holder].last_served)

    def give_up(self, holder: str, categories: Mapping[str, str]) -> None:
        """`holder` no longer gets the unit: a person sent it elsewhere."""
        self.holders[holder].add(categories, received=-1)

    def forgive(self, holder: str, categories: Mapping[str, str]) -> Spread:
        """`holder` gave the unit back and keeps its turn. Returns how the unit it is owed again was spread."""
        return self.holders[holder].forgive(categories, unit=self.unit)

    def forfeit(self, holder: str, amount: int) -> tuple[Spread, Spread]:
        """`amount` of what the holder is owed goes to the landlord, taken in each dimension on what it lacks, in
        proportion. Returns how both were spread.

        Raises ValueError unless the holder is owed that much and is not the landlord.
        """
        counter = self.holders[holder]
        if holder == self.landlord or not 0 < amount <= counter.due - self.unit * counter.received:
            raise ValueError(f"{holder} cannot forfeit {amount}")
        given: dict[str, dict[str, int]] = {}
        for dimension in self.dimensions:
            wanted = {name: max(0, lack) for name, lack in counter.lacks(dimension, self.unit).items()}
            given[dimension] = apportion(amount, wanted)
        return self._pass_on(holder, self.landlord, amount, given)

    def forfeit_as_reported(self, holder: str, amount: int, categories: Mapping[str, str]) -> tuple[Spread, Spread]:
        """The same, of what was forfeited before and is only told: in the category of the unit given back, whatever the
        holder is owed by now. Raises ValueError unless something is, by another than the landlord."""
        if holder == self.landlord or amount <= 0:
            raise ValueError(f"{holder} did not forfeit {amount}")
        given = {dimension: {name: amount} for dimension, name in categories.items()}
        return self._pass_on(holder, self.landlord, amount, given)

    def transfer(self, giver: str, taker: str) -> tuple[int, Spread, Spread]:
        """All that `giver` is owed, or is ahead, goes to `taker`, category by category: its right has ended.

        Returns the amount (in shares, negative for an advance) and how both were spread.
        """
        counter = self.holders[giver]
        amount = counter.due - self.unit * counter.received
        lacks = {dimension: counter.lacks(dimension, self.unit) for dimension in self.dimensions}
        return (amount, *self._pass_on(giver, taker, amount, lacks))

    def hand_on(self, giver: str, taker: str, *, kept: int) -> tuple[int, Spread, Spread]:
        """The same, with what earlier years left to `giver`, not given back yet (`kept`), spread on its usual mix, else
        on that of the flow. Nothing moves where it comes to nothing, or nobody was due anything yet."""
        counter = self.holders[giver]
        amount = counter.due - self.unit * counter.received + kept
        if not amount:
            return 0, {}, {}
        lacks = {dimension: counter.lacks(dimension, self.unit) for dimension in self.dimensions}
        for dimension, parts in lacks.items() if kept else ():
            mix = counter.usual_mix(dimension)
            mix = mix if any(mix.values()) else self.flow_mix(dimension)
            if not any(mix.values()):
                return 0, {}, {}
            for name, part in apportion(abs(kept), mix).items():
                parts[name] = parts.get(name, 0) + (part if kept > 0 else -part)
        return (amount, *self._pass_on(giver, taker, amount, lacks))

    def take_over(self, giver: str, taker: str, amount: int, parts: Spread) -> tuple[Spread, Spread]:
        """What was handed on in the account of another landlord, category by category, is owed by this one."""
        return self._pass_on(giver, taker, amount, parts)

    def _pass_on(
        self, giver: str, taker: str, amount: int, parts: Mapping[str, Mapping[str, int]]
    ) -> tuple[Spread, Spread]:
        taken = {d: {name: part for name, part in of.items() if part} for d, of in parts.items()}
        given = {dimension: {name: -part for name, part in of.items()} for dimension, of in taken.items()}
        self.holders[giver].add({}, due=-amount, spread=given)
        self.holders[taker].add({}, due=amount, spread=taken)
        return given, taken

    def post(
        self,
        holder: str,
        categories: Mapping[str, str],
        *,
        due: int = 0,
        received: int = 0,
        spread: Spread | None = None,
        sequence: int = 0,
    ) -> None:
        """Fold one movement of the account: what the acts above did, or its opposite."""
        counter = self.holders[holder]
        counter.add(categories, due=due, received=received, spread=spread)
        counter.last_served = max(sequence, counter.last_served)

    def situation(
        self,
        shares: Mapping[str, int],
        categories: Mapping[str, str],
        *,
        sequence: int,
        may_take: frozenset[str] | None = None,
        place: str = "",
        chain: Chain | None = None,
        passed: str = "",
        declines: Mapping[str, str] | None = None,
        uniform: Collection[str] = (),
        waiting: Sequence[Waiting] = (),
        window: int = 1,
    ) -> Situation:
        """Freeze what the decision on one vacancy sees, after `accrue`.

        Only holders with a share here are seen, and the landlord. `may_take` (all, when None) removes
        candidates, never dues; so does `declines`, which says of some holders what they do not take. `place` names the
        commune, for the sentence. `uniform`: the holders whose convention asks for uniformity over communes.

        `waiting`: the vacancies that wait behind this one, in order of registration, those that cannot be decided left
        out; the decision looks at the first `window` − 1 of them, this vacancy being the first known. None of them is
        credited. Whatever this vacancy is (the head of the queue, one asked for out of order, one given back), what
        waits is told in the same way.

        Raises WrongSharesError when a share is below zero, or when those of a waiting vacancy do not sum to one unit.
        """
        if min(shares.values(), default=0) < 0:
            raise WrongSharesError(f"a share is below zero: {dict(shares)}")
        known = tuple(self._known(one) for one in waiting[: max(0, window - 1)])
        seen = [
            (holder, counter)
            for holder, counter in self.holders.items()
            if shares.get(holder, 0) or holder == self.landlord
        ]
        seen.sort(key=lambda pair: pair[1].rank)
        declined = declines or {}
        return Situation(
            unit=self.unit,
            sequence=sequence,
            landlord=self.landlord,
            dimensions=self.dimensions,
            categories=tuple(categories[dimension] for dimension in self.dimensions),
            holders=tuple(
                HolderFacts(
                    id=holder,
                    name=counter.name,
                    rank=counter.rank,
                    share=shares.get(holder, 0),
                    due=counter.due,
                    received=counter.received,
                    last_served=counter.last_served,
                    may_take=(may_take is None or holder in may_take) and holder not in declined,
                    lacks=tuple(
                        counter.lack(dimension, categories[dimension], self.unit) for dimension in self.dimensions
                    ),
                    declines=declined.get(holder, ""),
                    inside=counter.inside if known else "",
                    weights=self._weights if holder in uniform else (),
                )
                for holder, counter in seen
            ),
            place=place,
            chain=chain,
            passed=passed,
            known=known,
            elsewhere=self._elsewhere(known, {holder for holder, _ in seen}),
            window=window if known else 0,
            limits=limits(self.unit) if known else (),
        )

    @property
    def _weights(self) -> tuple[int, ...]:
        """Those of a holder that is to be served uniformly over communes."""
        return tuple(UNIFORM_WEIGHT if dimension == "commune" else 1 for dimension in self.dimensions)

    def _known(self, waiting: Waiting) -> Known:
        """One waiting vacancy, as a decision sees it."""
        if sum(waiting.shares.values()) != self.unit or min(waiting.shares.values()) < 0:
            raise WrongSharesError(f"shares of {waiting.vacancy} sum to {sum(waiting.shares.values())}")
        may_take = sorted(waiting.takers(self.landlord), key=lambda key: self.holders[key].rank)
        categories = {dimension: waiting.categories[dimension] for dimension in self.dimensions}
        weights = {key: self._weights if key in waiting.uniform else () for key in may_take}
        lacks = {key: self.holders[key].lack_of(categories, self.unit, weights[key]) for key in may_take}
        return Known(
            vacancy=waiting.vacancy,
            registered=waiting.registered,
            categories=tuple(categories.values()),
            shares={key: share for key, share in waiting.shares.items() if share},
            may_take=tuple(may_take),
            lacks={key: lack for key, lack in lacks.items() if lack},
            place=waiting.place,
            label=waiting.label,
            uniform=tuple(key for key in may_take if weights[key]),
        )

    def _elsewhere(self, known: Sequence[Known], seen: set[str]) -> tuple[Elsewhere, ...]:
        """The holders that only the known vacancies concern, by rank."""
        others = {key: self.holders[key] for one in known for key in one.may_take if key not in seen}
        return tuple(
            Elsewhere(key, counter.name, counter.rank, counter.due, counter.received, counter.inside)
            for key, counter in sorted(others.items(), key=lambda pair: pair[1].rank)
        )
