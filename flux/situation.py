"""The one place where the database feeds the engine.

A holder's id in the engine is its primary key as text; shares are in millionths (reservations, `UNIT`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from flux.engine.counters import Counter, Counters
from flux.engine.facts import Situation
from flux.models import Ledger, LedgerLine, Recommendation, Vacancy
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.queries.rights import OverCommitment, Right, over_commitment_at, rights

DIMENSIONS = ("typology", "financing", "qpv", "period", "commune", "attractiveness")

#: Rank of the landlord's own row: it yields to every holder at the very last tie.
LANDLORD_RANK = 1_000_000


class OverCommitted(Exception):
    """More than the whole flow is promised where this vacancy lies: routing there stops, nothing is rescaled."""

    def __init__(self, excess: OverCommitment) -> None:
        super().__init__(f"{excess.commune}: {excess.total}")
        self.excess = excess


@dataclass(slots=True)
class LedgerSituation:
    """The counters of one ledger, and the rights that bear on it. Loaded in three queries, whatever its size."""

    ledger: Ledger
    counters: Counters
    holders: dict[str, ReservationHolder]
    rights: list[Right]
    landlord: str
    touched: set[str] = field(default_factory=set)

    def held_at(self, vacancy: Vacancy) -> list[Right]:
        """The rights that bear on a vacancy, on the day it was registered."""
        covering = vacancy.unit.commune.covering_ids()
        return [right for right in self.rights if right.holds(covering, vacancy.registered_on)]

    def shares(self, vacancy: Vacancy) -> dict[str, int]:
        """Each holder's share of a vacancy; the landlord has the remainder. The sum is exactly one unit.

        Raises OverCommitted when the conventions promise more than the whole.
        """
        held = self.held_at(vacancy)
        if excess := over_commitment_at(held, vacancy.unit.commune, vacancy.registered_on):
            raise OverCommitted(excess)
        shares: dict[str, int] = {}
        for right in held:
            key = str(right.holder.pk)
            shares[key] = shares.get(key, 0) + right.share
        shares[self.landlord] = UNIT - sum(shares.values())
        return shares

    def enter(self, vacancy: Vacancy, *, sequence: int) -> tuple[dict[str, int], Situation]:
        """Credit the shares of a vacancy, and freeze what its decision sees."""
        shares, categories = self.shares(vacancy), vacancy.categories
        self.counters.accrue(shares, categories)
        self.touched |= {holder for holder, share in shares.items() if share}
        return shares, self.counters.situation(shares, categories, sequence=sequence, place=vacancy.unit.commune.name)

    def receive(self, holder: str, vacancy: Vacancy, *, sequence: int) -> None:
        self.counters.receive(holder, vacancy.categories, sequence=sequence)
        self.touched.add(holder)

    def move(self, giver: str, taker: str, recommendation: Recommendation) -> None:
        """Take one received unit from a holder and give it to another, in the categories of the recommendation."""
        seen = recommendation.situation
        categories = dict(zip(seen["dimensions"], seen["categories"], strict=True))
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


def load(ledger: Ledger) -> LedgerSituation:
    """Read a ledger into the engine's terms. Three queries."""
    held = rights(ledger.landlord, since=date(ledger.exercise, 1, 1), until=date(ledger.exercise, 12, 31))
    lines = list(ledger.lines.select_related("holder__organisation").order_by("pk"))
    own = ReservationHolder.objects.select_related("organisation").get(
        organisation=ledger.landlord.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED
    )
    holders = {str(holder.pk): holder for holder in _each_once(own, held, lines)}
    landlord = str(own.pk)
    ranks = _ranks(held)
    counters = Counters(unit=UNIT, landlord=landlord, dimensions=DIMENSIONS)
    known = {str(line.holder_id): line for line in lines}
    for key, holder in holders.items():
        rank = LANDLORD_RANK if key == landlord else ranks.get(key, LANDLORD_RANK - 1)
        counters.holders[key] = Counter(name=str(holder), rank=rank)
        if line := known.get(key):
            counters.holders[key].due = line.due
            counters.holders[key].received = line.received
            counters.holders[key].last_served = line.last_served
            counters.holders[key].profile = line.profile
    return LedgerSituation(ledger, counters, holders, held, landlord)


def _each_once(
    own: ReservationHolder, held: Iterable[Right], lines: Iterable[LedgerLine]
) -> Iterable[ReservationHolder]:
    return {h.pk: h for h in (own, *(r.holder for r in held), *(line.holder for line in lines))}.values()


def _ranks(held: Iterable[Right]) -> Mapping[str, int]:
    """The smallest rank of each holder among its rights."""
    ranks: dict[str, int] = {}
    for right in held:
        key = str(right.holder.pk)
        ranks[key] = min(right.rank, ranks.get(key, right.rank))
    return ranks
