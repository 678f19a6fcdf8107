"""What is read of minimum.

* How many candidates a unit asks for, how many it has, and what may excuse fewer (CCH, R441-3).
* What can be put on an agenda, and why the rest cannot.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from attributions.households.models import AgendaItem, Committee, Designation, Proposal
from attributions.households.queries.committees import minimum_candidates
from flux.models import Routing, Vacancy
from reservations.models import Landlord, ReservationHolder
from reservations.models.terms import Side
from reservations.models.territory import within

Exemption = Designation.Exemption

#: Ended so, a candidate was never there to be examined.
NEVER_THERE = (Side.HOLDER, Side.LANDLORD)


@dataclass(frozen=True, slots=True)
class Count:
    """Candidates for one unit under one routing: `sent` before, `ready` to be sent now, and the `minimum`. One that was
    sent counts even when it ended since (`gone`), but for those `taken_back` by whoever proposed them, or recorded by
    mistake: these were never there. `exemptions`: those that hold, and may be claimed; `claimed`: those that a
    designation states."""

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


Status = Proposal.Status


class Why(StrEnum):
    """What keeps the candidates of a unit from an agenda."""

    ON_AGENDA = "ON_AGENDA"
    KEPT = "KEPT"
    TO_INSTRUCT = "TO_INSTRUCT"
    NONE_READY = "NONE_READY"
    TOO_FEW = "TOO_FEW"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One of them. `number`: of files to instruct, or the least that the committee examines; `day`: of the session."""

    why: Why
    number: int = 0
    day: date | None = None


def obstacle(proposals: Iterable[Proposal], *, count: Count) -> Obstacle | None:
    """What keeps these live candidates of one unit from an agenda; None when nothing does. No query."""
    sent = [each for each in proposals if each.designation_id is not None]
    of = Counter(each.status for each in sent)
    if any(of[status] for status in Proposal.KEPT):
        return Obstacle(Why.KEPT)
    if waiting := of[Status.SENT]:
        return Obstacle(Why.TO_INSTRUCT, waiting)
    if not of[Status.READY]:
        return Obstacle(Why.NONE_READY)
    return Obstacle(Why.TOO_FEW, count.minimum) if count.lacking() else None


@dataclass(frozen=True, slots=True)
class ReadyUnit:
    """A unit with candidates before the committee. `since`: the oldest of those ready; `blocked`: what keeps it from
    an agenda; `item`: where it is already; `joining`: candidates ready since, that may join it."""

    vacancy: Vacancy
    routing: Routing | None
    ready: int
    to_instruct: int
    since: datetime
    blocked: Obstacle | None
    item: AgendaItem | None
    joining: int


def ready_units(landlord: Landlord, *, on: date, committee: Committee | None = None) -> list[ReadyUnit]:
    """The units of a landlord whose candidates were sent and are not decided, those that can be called first, the
    oldest ready first. `committee`: those of its territory only. Four queries."""
    found = Proposal.objects.live().sent().filter(vacancy__landlord=landlord)
    if committee is not None and committee.territory_id is not None:
        found = found.filter(within(committee.territory_id, commune="vacancy__unit__commune"))
    by_unit: dict[int, list[Proposal]] = defaultdict(list)
    related = (
        "vacancy__unit__commune",
        "vacancy__unit__programme",
        "routing__holder__organisation",
        "routing__convention",
    )
    for proposal in found.select_related(*related).order_by("vacancy", "position", "pk"):
        by_unit[proposal.vacancy_id].append(proposal)
    pending = {
        item.vacancy_id: item
        for item in AgendaItem.objects.pending()
        .filter(vacancy__in=list(by_unit))
        .select_related("session__committee", "routing", "vacancy")
        .order_by("pk")
    }
    counts = counts_of([(proposals[0].vacancy, proposals[0].routing) for proposals in by_unit.values()], on=on)
    units = []
    for pk, proposals in by_unit.items():
        first = proposals[0]
        item = pending.get(pk)
        if item is not None and item.is_void:
            item = None
        ready = [each for each in proposals if each.status == Status.READY]
        to_instruct = sum(each.status == Status.SENT for each in proposals)
        if not (ready or to_instruct or item):
            continue
        blocked = (
            Obstacle(Why.ON_AGENDA, day=item.session.day) if item is not None else obstacle(proposals, count=counts[pk])
        )
        units.append(
            ReadyUnit(
                vacancy=first.vacancy,
                routing=first.routing,
                ready=len(ready),
                to_instruct=to_instruct,
                since=min(each.since for each in ready or proposals),
                blocked=blocked,
                item=item,
                joining=len(ready) if item is not None else 0,
            )
        )
    return sorted(units, key=lambda unit: (bool(unit.blocked), unit.since, unit.vacancy.pk))
