"""Ledger.

* What one unit credits, and what its decision sees.
* The counters of one ledger, and the rights that bear on it: what each decision sees, and what it moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flux.apportion import apportion
from flux.engine.allotment import Carry
from flux.engine.counters import Counter, Counters, Spread, Waiting
from flux.engine.facts import Chain, Situation
from flux.models import Ledger, LedgerLine, Recommendation, Routing, Vacancy
from flux.models.needs import Targets
from flux.queries.conventions import bearing, declining, elsewhere, without_declined
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.queries.rights import OverCommitment, Right, over_commitment_at
from reservations.words import towards

DIMENSIONS = ("typology", "financing", "qpv", "period", "commune", "attractiveness")


class OverCommitted(Exception):
    """More than the whole flow is promised where this vacancy lies: routing there stops, nothing is rescaled."""

    def __init__(self, excess: OverCommitment) -> None:
        super().__init__(f"{excess.commune}: {excess.total}")
        self.excess = excess


@dataclass(frozen=True, slots=True)
class Entered:
    """One unit that entered the ledger: the shares of the rights, the steps of earlier years, what the engine sees.

    Shares sum to one unit, and steps to nothing. `spreads`, by holder: the category dues of its share, and those of its
    step, where they do not go to the unit's own categories.
    """

    shares: Mapping[str, int]
    facts: Situation
    spreads: Mapping[str, Spread] = field(default_factory=dict)
    carried: Mapping[str, int] = field(default_factory=dict)
    carried_spreads: Mapping[str, Spread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credited:
    """What one unit credited to whom: shares, steps of earlier years, and how each was spread (`Entered`)."""

    shares: Mapping[str, int]
    spreads: Mapping[str, Spread]
    carried: Mapping[str, int]
    carried_spreads: Mapping[str, Spread]


#: Rank of the landlord's own row: it yields to every holder at the very last tie.
LANDLORD_RANK = 1_000_000


@dataclass(slots=True)
class LedgerSituation:
    """The counters of one ledger, and the rights that bear on it. Loaded in a fixed number of queries.

    `needs`: the targets drawn from what holders declared; empty when nobody did.
    `credited`: what shares credited so far to each holder, kept for those to whom units a year are promised.
    """

    ledger: Ledger
    counters: Counters
    holders: dict[str, ReservationHolder]
    rights: list[Right]
    landlord: str
    carries: dict[str, Carry] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    needs: Targets = field(default_factory=dict)
    credited: dict[str, int] = field(default_factory=dict)

    def held_at(self, vacancy: Vacancy) -> list[Right]:
        """The rights that bear on a vacancy, on the day of its rights, each with its share of it."""
        return bearing(self.rights, vacancy)

    def suspended(self, vacancy: Vacancy, *, on: date) -> set[str]:
        """Who has no turn for a vacancy that is offered again on a day: those whose shares of it are all of conventions
        suspended then."""
        there = [right.on(on) for right in self.held_at(vacancy) if right.share]
        running = {str(right.holder.pk) for right in there if not right.suspended}
        return {str(right.holder.pk) for right in there} - running

    def shares(self, vacancy: Vacancy, held: Sequence[Right] | None = None) -> dict[str, int]:
        """Each holder's share of a vacancy; the landlord has the remainder. The sum is exactly one unit. `held`: what
        bears on it, when it is found already.

        Raises OverCommitted when the conventions promise more than the whole.
        """
        held = self.held_at(vacancy) if held is None else held
        if excess := over_commitment_at(held, vacancy.unit.commune, vacancy.rights_on):
            raise OverCommitted(excess)
        return self.shares_of(held)

    def shares_of(self, held: Iterable[Right]) -> dict[str, int]:
        """What these rights credit of one unit, at most the whole; the landlord has the remainder.

        A right of N units a year credits no more once N are due: what is left of its share is the landlord's.
        """
        shares: dict[str, int] = {}
        for right in held:
            key = str(right.holder.pk)
            share = right.share
            if right.yearly_units is not None:
                share = max(0, min(share, UNIT * right.yearly_units - self.credited.get(key, 0)))
            shares[key] = shares.get(key, 0) + share
        shares[self.landlord] = UNIT - sum(shares.values())
        return shares

    def seen(
        self, held: Iterable[Right], shares: Mapping[str, int], carried: Mapping[str, int] | None = None
    ) -> dict[str, int]:
        """The shares that a decision sees, those of the unit and the steps that it `carried` being credited.

        A holder whose units of the year are all due, and not all received, is seen with the share of its right: only
        who has a share here may take the unit, and it still has one to come. The landlord is seen with so much less;
        what steps of earlier years took of its remainder cannot be taken twice.
        """
        steps = carried or {}
        seen = {key: share + steps.get(key, 0) for key, share in shares.items()}
        for right in held:
            key = str(right.holder.pk)
            spared = min(right.share - shares[key], seen[self.landlord])
            if right.yearly_units is not None and spared > 0 and self._owed(key) > 0:
                seen[key] += spared
                seen[self.landlord] -= spared
        return seen

    def _owed(self, key: str) -> int:
        counter = self.counters.holders[key]
        return counter.due - UNIT * counter.received

    def destinations(self, vacancy: Vacancy) -> set[str]:
        """Who has a share of a vacancy, as its decision sees it, and the landlord. Raises OverCommitted."""
        seen = self.seen(self.held_at(vacancy), self.shares(vacancy))
        return {key for key, share in seen.items() if share} | {self.landlord}

    def declining(self, vacancy: Vacancy, categories: Mapping[str, str] | None = None) -> dict[str, str]:
        """The holders that do not take this unit, and the first category for which the convention applied says so."""
        return declining(self.held_at(vacancy), categories or vacancy.categories)

    def steps(self, shares: dict[str, int]) -> dict[str, int]:
        """What this unit gives back of earlier years to the holders it credits; the landlord gives or gets the rest."""
        if not self.carries:
            return {}
        spare = shares[self.landlord]
        steps: dict[str, int] = {}
        for key in sorted(self.carries, key=lambda key: (self.carries[key].remaining > 0, int(key))):
            carry, share = self.carries[key], shares.get(key, 0)
            if share and carry.remaining and (step := carry.next(share, spare)):
                carry.remaining -= step
                spare -= step
                steps[key] = step
        if given := sum(steps.values()):
            steps[self.landlord] = -given
        return steps

    def targets(
        self,
        vacancy: Vacancy,
        shares: Mapping[str, int],
        categories: Mapping[str, str] | None = None,
        held: Sequence[Right] | None = None,
    ) -> dict[str, Spread]:
        """On which categories a holder's dues go, by holder, where not on those of the unit.

        Those of a holder that does not take a category go to its usual mix of the others, or to that of the flow; in
        the dimensions where needs were declared, every holder's go to what they made of the flow, without what it does
        not take. First lettings are agreed unit by unit, and who does not take a unit for one turn is credited nothing
        of it: each is due as what it is.
        """
        if self.ledger.kind != Ledger.Kind.ORDINARY:
            return {}
        held = self.held_at(vacancy) if held is None else held
        found = elsewhere(self.counters, held, categories or vacancy.categories)
        needs = {key: self.needs[key] for key in shares if key in self.needs}
        for key, wanted in without_declined(held, needs).items():
            found[key] = {**found.get(key, {}), **wanted}
        return found

    def spread_of(
        self, key: str, share: int, vacancy: Vacancy, categories: Mapping[str, str], held: Sequence[Right]
    ) -> Spread:
        """On which category dues a share of one unit goes, in the dimensions where it does not go to those of the unit:
        as `credit` spreads it. Nothing is credited."""
        wanted = self.targets(vacancy, {key: share}, categories, held).get(key, {})
        return {dimension: apportion(share, weights) for dimension, weights in wanted.items()}

    def _count(self, shares: Mapping[str, int]) -> None:
        for key, share in shares.items():
            if key in self.credited:
                self.credited[key] += share

    def credit(self, shares: dict[str, int], vacancy: Vacancy, held: Sequence[Right] | None = None) -> Credited:
        """Credit these shares of one unit, with what it gives back of earlier years."""
        categories = vacancy.categories
        carried, targets = self.steps(shares), self.targets(vacancy, shares, categories, held)
        spreads = self.counters.accrue(shares, categories, targets=targets)
        carried_spreads = self.counters.carry(carried, categories, targets=targets)
        self._count(shares)
        self.touched |= {holder for holder, share in shares.items() if share} | set(carried)
        return Credited(shares, spreads, carried, carried_spreads)

    def admit(self, holders: Iterable[ReservationHolder]) -> None:
        """Make room for holders that have neither a right nor a figure here: those of an allotment."""
        for holder in holders:
            if str(holder.pk) not in self.holders:
                self.holders[str(holder.pk)] = holder
                self.counters.holders[str(holder.pk)] = opened(holder, LANDLORD_RANK - 1)

    def known(self, waiting: Iterable[Vacancy]) -> tuple[Waiting, ...]:
        """What the decision on another vacancy reads of these, that wait behind it: the rights of the day on which each
        was registered, as they stand now. Nothing is credited. Raises OverCommitted."""
        return tuple(self._waiting(each) for each in waiting)

    def _waiting(self, vacancy: Vacancy) -> Waiting:
        held, categories = self.held_at(vacancy), vacancy.categories
        seen = self.seen(held, self.shares(vacancy, held))
        return Waiting(
            vacancy=str(vacancy.pk),
            registered=vacancy.pk,
            shares=seen,
            categories=categories,
            may_take=frozenset(seen) - frozenset(declining(held, categories)),
            place=vacancy.unit.commune.name,
            label=vacancy.unit.reference,
            uniform=uniform(held),
        )

    def enter(self, vacancy: Vacancy, *, sequence: int, waiting: Sequence[Vacancy] = (), window: int = 1) -> Entered:
        """Credit the shares of a vacancy, and freeze what its decision sees; the first `window` − 1 that are `waiting`
        behind it too, of which nothing is credited. Raises OverCommitted."""
        held, categories = self.held_at(vacancy), vacancy.categories
        shares = self.shares(vacancy, held)
        credited = self.credit(shares, vacancy, held)
        facts = self.counters.situation(
            self.seen(held, shares, credited.carried),
            categories,
            sequence=sequence,
            place=vacancy.unit.commune.name,
            declines=declining(held, categories),
            uniform=uniform(held),
            waiting=self.known(waiting[: window - 1]),
            window=window,
        )
        return Entered(shares, facts, credited.spreads, credited.carried, credited.carried_spreads)

    def offer_again(
        self,
        vacancy: Vacancy,
        *,
        sequence: int,
        categories: Mapping[str, str],
        counted: bool,
        returned: Collection[str],
        chain: Chain | None,
        passed: str = "",
        waiting: Sequence[Vacancy] = (),
        window: int = 1,
    ) -> Entered:
        """Freeze what the decision on a unit given back sees; those who gave it back may not take it.

        When the last return used its holder's turn (`counted`), this is an event of the account where the unit is
        offered, that of units handed on for one turn: the share of each who may take it is credited, the others going
        to the landlord. In an account of before (`Ledger.accounting` 1) it is the yearly one, where all but those who
        gave it back are. Otherwise the unit was credited once and for all. Earlier years give nothing back on a second
        offer. What is `waiting` is read as by `enter`.

        Raises OverCommitted.
        """
        held = self.held_at(vacancy)
        shares = self.shares(vacancy, held)
        credited: dict[str, int] = {}
        spreads: Mapping[str, Spread] = {}
        if counted:
            out = set(returned)
            if self.ledger.credits_once:
                out |= set(self.declining(vacancy, categories))
            credited = {holder: share for holder, share in shares.items() if holder not in out}
            credited[self.landlord] = UNIT - sum(share for key, share in credited.items() if key != self.landlord)
            targets = self.targets(vacancy, credited, categories)
            spreads = self.counters.accrue(credited, categories, targets=targets)
            self._count(credited)
            self.touched |= {holder for holder, share in credited.items() if share}
        facts = self.counters.situation(
            self.seen(held, shares),
            categories,
            sequence=sequence,
            declines=self.declining(vacancy, categories),
            uniform=uniform(held),
            may_take=frozenset(shares) - frozenset(returned),
            place=vacancy.unit.commune.name,
            chain=chain,
            passed=passed,
            waiting=self.known(waiting[: window - 1]),
            window=window,
        )
        return Entered(credited, facts, spreads)

    def receive(self, holder: str, categories: Mapping[str, str], *, sequence: int) -> None:
        self.counters.receive(holder, categories, sequence=sequence)
        self.touched.add(holder)

    def forgive(self, holder: str, categories: Mapping[str, str]) -> Spread:
        """A holder gives a unit back and keeps its turn: how the unit it is owed again is spread."""
        self.touched.add(holder)
        return self.counters.forgive(holder, categories)

    def delay(self, holder: str) -> int:
        """Due − received, in millionths of a unit."""
        counter = self.counters.holders[holder]
        return counter.due - UNIT * counter.received

    def forfeit(self, holder: str, amount: int) -> tuple[Spread, Spread]:
        """Part of what a holder is owed goes to the landlord: how it is spread, for each of the two."""
        self.touched |= {holder, self.landlord}
        return self.counters.forfeit(holder, amount)

    def forfeit_as_reported(self, holder: str, amount: int, categories: Mapping[str, str]) -> tuple[Spread, Spread]:
        """The same, reported of a unit given back before the account was kept here."""
        self.touched |= {holder, self.landlord}
        return self.counters.forfeit_as_reported(holder, amount, categories)

    def transfer(self, giver: str, taker: str) -> tuple[int, Spread, Spread]:
        """All that a holder is owed, or is ahead, goes to another: the amount, and how it is spread for each."""
        self.touched |= {giver, taker}
        return self.counters.transfer(giver, taker)

    def hand_on(self, giver: str, taker: str) -> tuple[int, Spread, Spread]:
        """The same, with what earlier years left to give back to it: of a landlord that another absorbs."""
        self.touched |= {giver, taker}
        kept = self.carries[giver].remaining if giver in self.carries else 0
        return self.counters.hand_on(giver, taker, kept=kept)

    def take_over(self, giver: str, taker: str, amount: int, parts: Spread) -> tuple[Spread, Spread]:
        """What was handed on in the account of another landlord: how it is spread, for each."""
        self.touched |= {giver, taker}
        return self.counters.take_over(giver, taker, amount, parts)

    def move(self, giver: str, taker: str, recommendation: Recommendation) -> None:
        """Take one received unit from a holder and give it to another, in the categories of the recommendation."""
        categories = categories_of(recommendation)
        self.counters.give_up(giver, categories)
        self.counters.receive(taker, categories, sequence=recommendation.sequence)
        self.touched |= {giver, taker}

    def lines(self) -> list[LedgerLine]:
        """The lines to write back: those of the holders whose figures moved."""
        return [self._line(holder) for holder in sorted(self.touched, key=int)]

    def _line(self, holder: str) -> LedgerLine:
        counter = self.counters.holders[holder]
        return LedgerLine(
            ledger=self.ledger,
            holder=self.holders[holder],
            due=counter.due,
            received=counter.received,
            last_served=counter.last_served,
            profile=counter.profile,
        )


def uniform(held: Iterable[Right]) -> frozenset[str]:
    """The holders whose convention asks, where these rights bear, that they be served uniformly over communes."""
    return frozenset(str(right.holder.pk) for right in held if right.convention.uniform_communes)


def opened(holder: ReservationHolder, rank: int) -> Counter:
    """The counter of a holder that has no figure yet: its name as it is, and as a sentence has it when that differs."""
    name, inside = str(holder), towards(holder)
    return Counter(name=name, rank=rank, inside="" if inside == name else inside)


def categories_of(recommendation: Recommendation) -> dict[str, str]:
    """The category of the unit in each dimension, as the decision saw it: what is undone is what was done."""
    seen = recommendation.situation
    return dict(zip(seen["dimensions"], seen["categories"], strict=True))


def seen_of(routing: Routing) -> dict[str, str]:
    """The category of the unit in each dimension, as its past routing saw it."""
    assert routing.recommendation is not None, "a past routing has its own"
    return categories_of(routing.recommendation)
