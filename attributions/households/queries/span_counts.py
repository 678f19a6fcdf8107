"""Do the counts of delays say what the steps of units say? Counted again from the steps that are told of each, apart
from the triggers that keep them (attributions/sql/span_counts.sql); nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

from attributions.households.models import Lease, Proposal, SpanCount, UnitSpan
from attributions.households.models.span_count import KEY
from attributions.households.queries.steps import MEASURED, StepKind, UnitStep, first, steps
from flux.models import Routing, Vacancy
from reservations.deadlines import working_days

#: Steps of the unit itself: it has them once, before any routing.
OF_THE_UNIT = (StepKind.NOTICE, StepKind.REGISTERED)

#: So many units are read at once.
CHUNK = 500

Key = tuple[Any, ...]


def spans_adrift() -> list[tuple[Any, ...]]:
    """The counts that are not what steps say, as they are kept and as they should be; then the units (negative, by id)
    that are not in the counts of their own. Nine queries for some hundred units: for the nightly control, not for
    screens."""
    counted = Counter[Key]()
    rows = list(SpanCount.objects.values_list("pk", "units", *KEY))
    ids = {row[2:]: row[0] for row in rows}
    kept = dict(UnitSpan.objects.values_list("vacancy", "counts"))
    astray: list[tuple[Any, ...]] = []
    for pks in batched(Vacancy.declared.order_by("pk").values_list("pk", flat=True).iterator(), CHUNK):
        standing = Vacancy.objects.filter(pk__in=pks).select_related("unit", "description")
        told: dict[int, Counter[Key]] = {pk: Counter() for pk in pks}
        for pk, key in _told(list(standing)):
            told[pk][key] += 1
        for pk, keys in told.items():
            counted += keys
            if sorted(kept.get(pk, [-1])) != sorted(ids.get(key, 0) for key in keys.elements()):
                astray.append((-pk,))
    found = {(*row[2:], row[1]) for row in rows}
    return sorted(found ^ {(*key, units) for key, units in counted.items()}, key=str) + sorted(astray)


def _told(vacancies: Sequence[Vacancy]) -> Iterator[tuple[int, Key]]:
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


def _spans(told: Sequence[UnitStep]) -> Iterator[tuple[UnitStep, UnitStep, int]]:
    """Each pair of steps of one unit, with the working days between."""
    for place, start in enumerate(MEASURED):
        parts = [None] if start in OF_THE_UNIT else list(dict.fromkeys(step.routing for step in told))
        for routing in parts:
            part = told if start in OF_THE_UNIT else [step for step in told if step.routing == routing]
            begun = first(part, start)
            for end in MEASURED[place + 1 :] if begun else ():
                assert begun is not None, "looked at above"
                ended = first(part, end, since=begun.on)
                if ended:
                    applied = ended.routing.convention if ended.routing else None
                    local = applied is not None and applied.local_holidays
                    yield begun, ended, working_days(begun.on, ended.on, local=local)
