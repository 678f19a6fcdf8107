"""How many candidates a unit asks for, how many it has, and what may excuse fewer (CCH, R441-3)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from attributions.households.models import Designation, Proposal
from attributions.households.queries.committee import minimum_candidates
from flux.models import Routing, Vacancy
from reservations.models import ReservationHolder
from reservations.models.terms import Side

Exemption = Designation.Exemption

#: Ended so, a candidate was never there to be examined.
NEVER_THERE = (Side.HOLDER, Side.LANDLORD)


@dataclass(frozen=True, slots=True)
class Count:
    """Candidates for one unit under one routing: `sent` before, `ready` to be sent now, and the `minimum`. One that was
    sent counts even when it ended since (`gone`), but for those `taken_back` by whoever proposed them, or recorded by
    mistake: these were never there. `exemptions`: those that hold, and may be claimed; `claimed`: those that a
    designation tells."""

    sent: int
    ready: int
    minimum: int
    exemptions: tuple[str, ...]
    claimed: frozenset[str]
    gone: int = 0
    taken_back: int = 0

    @property
    def examined(self) -> int:
        """How many the law counts, of those sent and to be sent."""
        return self.sent + self.ready

    @property
    def missing(self) -> int:
        return max(0, self.minimum - self.examined)

    @property
    def excused(self) -> bool:
        """Was an exception claimed for those sent, that still holds?"""
        return not self.claimed.isdisjoint(self.exemptions)

    def lacking(self, *, aside: int = 0) -> int:
        """How many of those sent are missing before the committee; none when an exception excuses them. `aside`: sent,
        and not before it."""
        return 0 if self.excused else max(0, self.minimum - self.sent + aside)


def for_state_priority(routing: Routing | None) -> bool:
    """Is the unit for the State's priority contingent, whoever proposes in its name?"""
    return routing is not None and routing.holder.contingent == ReservationHolder.Contingent.STATE_PRIORITY


def _larger(routing: Routing | None, legal: int | None) -> int:
    """The larger of what the law asks and of what the convention applied asks; one when neither says."""
    agreed = routing.convention.minimum_candidates if routing and routing.convention else None
    return max(legal or 1, agreed or 0)


def count_of(vacancy: Vacancy, routing: Routing | None, drafts: Iterable[Proposal] = (), *, on: date) -> Count:
    """Count the candidates of a unit, with these drafts that would be sent now. Two queries."""
    ready = list(drafts)
    return _counts([(vacancy, routing)], ready, on=on)[vacancy.pk]


def counts_of(units: Iterable[tuple[Vacancy, Routing | None]], *, on: date) -> dict[int, Count]:
    """The same for those sent of several units, each under one routing, by vacancy. Two queries; the holders and the
    conventions of the routings are fetched."""
    return _counts(units, [], on=on)


def _counts(units: Iterable[tuple[Vacancy, Routing | None]], ready: list[Proposal], *, on: date) -> dict[int, Count]:
    given = list(units)
    sent: dict[tuple[int, int | None], list[bool]] = defaultdict(list)
    gone: Counter[tuple[int, int | None]] = Counter()
    taken_back: Counter[tuple[int, int | None]] = Counter()
    claimed: dict[tuple[int, int | None], set[str]] = defaultdict(set)
    rows = Designation.objects.filter(vacancy__in=[vacancy.pk for vacancy, _ in given]).order_by("pk")
    for vacancy_id, routing_id, exemption, proposal, designated, side in rows.values_list(
        "vacancy", "routing", "exemption", "proposals", "proposals__dalo_designated", "proposals__end__side"
    ):
        if exemption:
            claimed[vacancy_id, routing_id].add(exemption)
        if proposal is not None and side in NEVER_THERE:
            taken_back[vacancy_id, routing_id] += 1
        elif proposal is not None:
            sent[vacancy_id, routing_id].append(designated)
            gone[vacancy_id, routing_id] += side is not None
    legal = minimum_candidates(on)
    found = {}
    for vacancy, routing in given:
        key = vacancy.pk, routing.pk if routing else None
        holding = [Exemption.TOO_FEW]
        if for_state_priority(routing) and all([*sent[key], *(each.dalo_designated for each in ready)]):
            holding.append(Exemption.DALO)
        if vacancy.unit.is_adapted_plai:
            holding.append(Exemption.ADAPTED_PLAI)
        minimum = _larger(routing, legal)
        exemptions = tuple(map(str, holding))
        found[vacancy.pk] = Count(
            sent=len(sent[key]),
            ready=len(ready),
            minimum=minimum,
            exemptions=exemptions,
            claimed=frozenset(claimed[key]),
            gone=gone[key],
            taken_back=taken_back[key],
        )
    return found
