"""What can be put on an agenda, and why the rest cannot."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from attributions.households.models import AgendaItem, Committee, Proposal
from attributions.households.queries.minimum import Count, counts_of
from flux.models import Routing, Vacancy
from reservations.models import Landlord
from reservations.models.territory import within

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
