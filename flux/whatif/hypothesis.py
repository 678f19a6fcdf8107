"""The rule run again over a year with other shares, categories or rotation. No query, no write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from flux.engine import versions
from flux.engine.counters import Counter, Counters
from flux.engine.facts import Decision, Situation
from flux.models import Vacancy
from flux.models.unit import TYPOLOGIES
from flux.situation import DIMENSIONS, LedgerSituation, in_yearly_units, spread
from flux.whatif.past import Event, Past
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.queries.rights import OverCommitment, Right, over_commitment_at

#: Departures that a page replays itself, some 0.3 ms of processor each, read included; a worker replays a longer year.
AT_ONCE = 500
#: Units replayed between two tellings of how far it is.
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """The hypothesis. `shares`: {(convention id, holder id): millionths} in the place of those signed; `included`:
    categories of subtraction put back in the flow; `rotation`: what the number of departures is multiplied by.
    """

    shares: Mapping[tuple[int, int], int] = field(default_factory=dict)
    included: frozenset[str] = frozenset()
    rotation: Fraction = Fraction(1)

    def copies(self, rank: int) -> int:
        """How often the rank-th departure (from 1) counts: at 11/10 every tenth counts twice, at 9/10 one in ten does
        not count. Over k departures, the whole part of k × rotation."""
        return rank * self.rotation.numerator // self.rotation.denominator - (
            (rank - 1) * self.rotation.numerator // self.rotation.denominator
        )

    def as_json(self) -> dict[str, Any]:
        """To be kept, and known by: the same hypothesis is the same value."""
        shares = sorted([*key, share] for key, share in self.shares.items())
        rotation = [self.rotation.numerator, self.rotation.denominator]
        return {"shares": shares, "included": sorted(self.included), "rotation": rotation}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Changes:
        """What `as_json` kept."""
        shares = {(convention, holder): share for convention, holder, share in kept["shares"]}
        return cls(shares, frozenset(kept["included"]), Fraction(*kept["rotation"]))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one unit goes in the hypothesis: nowhere (`decision` None) when the rotation leaves it out. `facts`, what
    its decision saw, are kept of those that go elsewhere alone."""

    event: Event
    facts: Situation | None
    decision: Decision | None

    @property
    def holder(self) -> int | None:
        return int(self.decision.holder) if self.decision else None

    @property
    def moved(self) -> bool:
        """Would it have gone elsewhere than where it is?"""
        return self.holder != self.event.held


@dataclass(frozen=True, slots=True)
class SupposedLine:
    """One holder, as it happened and in the hypothesis: due in millionths, received in whole units."""

    holder: ReservationHolder
    due_then: int
    received_then: int
    due: int
    received: int
    mix: tuple[tuple[str, int, int], ...]

    @property
    def difference(self) -> int:
        """Units received more (or less) than what happened."""
        return self.received - self.received_then


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What the year would have given. With `excess`, the hypothesis promises over 100 % there: there is no result.

    `outcomes`: each unit of the flow once, the units put back in the flow included; `entered`: units counted, those
    that the rotation counts twice included.
    """

    lines: tuple[SupposedLine, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    entered: int = 0
    excess: tuple[OverCommitment, ...] = ()

    @property
    def moved(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.moved]


def replay(past: Past, changes: Changes, report: Callable[[int, int], None] | None = None) -> Hypothesis:
    """Run the rule again over the year with other shares, categories or rotation. No query, no write. `report` is
    called from time to time with how many units are replayed, and of how many."""
    counted = [
        event
        for event in past.events
        if event.recommended or event.taker or event.vacancy.exclusion in changes.included
    ]
    situation = at_the_start(past, changes)
    if excess := _excess(situation, counted):
        return Hypothesis(excess=excess)
    outcomes: list[Outcome] = []
    mix: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    sequence = rank = 0
    needs = list(past.needs)
    for place, event in enumerate(counted):
        if report and place % MOST_SHOWN == 0:
            report(place, len(counted))
        while needs and event.sequence is not None and needs[0][0] <= event.sequence:
            situation.needs = needs.pop(0)[1]
        typology = event.vacancy.unit.typology
        if event.taker is not None:
            sequence += 1
            let_first(situation, event, sequence)
            continue
        rank += 1
        if event.held is not None:
            mix[str(event.held)][typology][0] += 1
        decided = None
        for _ in range(changes.copies(rank)):
            sequence += 1
            known = known_to(situation, event)
            seen = situation.enter(event.vacancy, sequence=sequence, waiting=known, window=1 + len(known)).facts
            chosen = versions.VERSIONS[event.version](seen)
            situation.receive(chosen.holder, event.vacancy.categories, sequence=sequence)
            mix[chosen.holder][typology][1] += 1
            decided = decided or (seen, chosen)
        facts, decision = decided or (None, None)
        stays = decision is not None and int(decision.holder) == event.held
        outcomes.append(Outcome(event, None if stays else facts, decision))
    lines = _lines(past, situation, mix)
    return Hypothesis(lines, tuple(outcomes), sum(line.received for line in lines))


def known_to(situation: LedgerSituation, event: Event) -> list[Vacancy]:
    """What was known beside a unit, but for what the hypothesis could not decide: over the whole is promised there."""
    return [
        each
        for each in event.known
        if over_commitment_at(situation.held_at(each), each.unit.commune, each.registered_on) is None
    ]


def at_the_start(past: Past, changes: Changes) -> LedgerSituation:
    """The ledger before its first unit, with the shares of the hypothesis; a share of nothing is no right, and another
    one than what units a year make of the flow is a percentage: nothing caps what is due. One that changes takes the
    place of its table."""
    held = []
    for right in past.known.rights:
        share = changes.shares.get((right.convention.pk, right.holder.pk), right.share)
        held.append(right if share == right.share else replace(right, share=share, yearly_units=None, rates=()))
    counters = Counters(unit=UNIT, landlord=past.known.landlord, dimensions=DIMENSIONS)
    for key, counter in past.known.counters.holders.items():
        counters.holders[key] = Counter(name=counter.name, rank=counter.rank)
    given, holders, carries = [right for right in held if right.share], past.known.holders, spread(past.carried, {})
    start = LedgerSituation(past.ledger, counters, holders, given, past.known.landlord, carries)
    start.credited = in_yearly_units(held)
    return start


def _excess(situation: LedgerSituation, counted: list[Event]) -> tuple[OverCommitment, ...]:
    """Each commune where more than the whole would be promised, at its first unit. Nothing is rescaled."""
    found: dict[int, OverCommitment] = {}
    for event in counted:
        commune = event.vacancy.unit.commune
        if commune.pk not in found:
            held = _held(situation, event)
            if excess := over_commitment_at(held, commune, event.vacancy.registered_on):
                found[commune.pk] = excess
    return tuple(found.values())


def _held(situation: LedgerSituation, event: Event) -> list[Right]:
    """The rights that bear on a unit; on a first letting, those of the conventions that count it."""
    held = situation.held_at(event.vacancy)
    return held if event.taker is None else [right for right in held if right.convention.first_letting_counts]


def let_first(situation: LedgerSituation, event: Event, sequence: int) -> None:
    """A first letting keeps its agreed destination, and credits the shares of the hypothesis."""
    shares = situation.shares_of(_held(situation, event))
    situation.credit(shares, event.vacancy)
    situation.receive(str(event.taker), event.vacancy.categories, sequence=sequence)


def _lines(
    past: Past, situation: LedgerSituation, mix: Mapping[str, Mapping[str, list[int]]]
) -> tuple[SupposedLine, ...]:
    """One line a holder that has a figure on either side, by rank, the landlord last."""
    typologies = [each for each in TYPOLOGIES if any(each in of_holder for of_holder in mix.values())]
    agreed: dict[int, int] = defaultdict(int)
    for event in past.events:
        if event.taker is not None:
            agreed[event.taker] += 1
    lines = []
    for key, counter in sorted(situation.counters.holders.items(), key=lambda pair: pair[1].rank):
        of_holder = mix.get(key, {})
        cells = tuple((each, *of_holder.get(each, (0, 0))) for each in typologies)
        then = past.due.get(int(key), 0)
        received_then = sum(cell[1] for cell in cells) + agreed[int(key)]
        if then or received_then or counter.due or counter.received:
            lines.append(
                SupposedLine(past.known.holders[key], then, received_then, counter.due, counter.received, cells)
            )
    return tuple(lines)
