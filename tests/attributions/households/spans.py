"""The counts of delays, made from the steps that are shown of each unit: the rule of attributions/sql/span_counts.sql,
written apart (docs/decisions/0169)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from attributions.households.models import Lease, Proposal, SpanCount
from attributions.households.models.lease_count import KEY
from attributions.households.queries.counts import spans_adrift
from attributions.households.queries.journey import MEASURED, StepKind, UnitStep, first, steps
from flux.models import Routing, Vacancy
from reservations.deadlines import working_days

#: Steps of the unit itself: it has them once, before any routing.
OF_THE_UNIT = (StepKind.NOTICE, StepKind.REGISTERED)

Key = tuple[Any, ...]


def counts_are_right() -> bool:
    """Are the counts what steps say, and does the control of the night find nothing?"""
    units = list(Vacancy.objects.select_related("unit", "description"))
    kept = {row[1:]: row[0] for row in SpanCount.objects.values_list("units", *KEY)}
    assert kept == Counter(key for _, key in _counted_keys(units))
    assert spans_adrift() == []
    return True


def _counted_keys(vacancies: Sequence[Vacancy]) -> Iterator[tuple[int, Key]]:
    """What each unit counts for, once for each time."""
    routings = {each.pk: each for each in Routing.objects.filter(vacancy__in=vacancies).order_by("pk")}
    opened = {each.vacancy_id: each for each in routings.values() if each.closed_at is None}
    seen = {each.pk: each for each in vacancies}

    def key(vacancy: int, start: str, reached: str, routing: Routing | None, days: int) -> Key:
        unit, now = seen[vacancy], opened.get(vacancy)
        assert unit.description is not None, "every vacancy is described"
        return (
            unit.unit.landlord_id,
            unit.registered_on.year,
            start,
            reached,
            unit.unit.commune_id,
            unit.description.commune_id,
            days,
            routing.holder_id if routing else None,
            routing.acting_id if routing else None,
            now.holder_id if now else None,
            now.acting_id if now else None,
        )

    for vacancy, found in steps(vacancies).items():
        for start, end, days in _spans(found):
            yield vacancy, key(vacancy, start.kind, end.kind, end.routing, days)
    sent = Proposal.objects.sent().filter(vacancy__in=vacancies).order_by().values_list("vacancy", "routing")
    for vacancy, routing in sent:
        yield vacancy, key(vacancy, "", StepKind.SENT, routings.get(routing or 0), 0)
    leases = Lease.objects.filter(vacancy__in=vacancies, cancelled_at=None, proposal__isnull=False).order_by()
    for vacancy, routing in leases.values_list("vacancy", "routing"):
        yield vacancy, key(vacancy, "", StepKind.LEASED, routings.get(routing or 0), 0)


def _spans(found: Sequence[UnitStep]) -> Iterator[tuple[UnitStep, UnitStep, int]]:
    """Each pair of steps of one unit, with the working days between."""
    for place, start in enumerate(MEASURED):
        parts = [None] if start in OF_THE_UNIT else list(dict.fromkeys(step.routing for step in found))
        for routing in parts:
            part = found if start in OF_THE_UNIT else [step for step in found if step.routing == routing]
            begun = first(part, start)
            for end in MEASURED[place + 1 :] if begun else ():
                assert begun is not None, "looked at above"
                ended = first(part, end, since=begun.on)
                if ended:
                    applied = ended.routing.convention if ended.routing else None
                    local = applied is not None and applied.local_holidays
                    yield begun, ended, working_days(begun.on, ended.on, local=local)
