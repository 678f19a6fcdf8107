"""What is read of counts.

* Do the counts of delays say what the steps of units say? Counted again from the steps that are shown of each, apart
  from the triggers that keep them (attributions/sql/span_counts.sql); nothing is written.
* Do the counts of leases say what the leases say? Counted again over every lease, as they are declared
  (`models/counted.py`); nothing is written.
* What an act could leave wrong among households, or a hand in the database: found by the night, mended by an act.
* Nothing is written, and nobody is named: an alert says which unit, whose page opens to those who may read it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

from django.db.models import Count, F, IntegerField, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from attributions.households.models import Lease, Proposal, SpanCount, UnitSpan
from attributions.households.models.counted import LEASE_COUNT
from attributions.households.models.lease_count import KEY
from attributions.households.queries.applications import numbers_adrift, readers_adrift
from attributions.households.queries.journey import MEASURED, StepKind, UnitStep, first, steps
from attributions.households.queries.stage import adrift
from flux.models import FlowEntry, Routing, Vacancy
from flux.queries.controls.accounts import Check, Difference, about_vacancy, adrift_rows
from flux.queries.controls.folds import beside
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
        state = Vacancy.objects.filter(pk__in=pks).select_related("unit", "description")
        computed: dict[int, Counter[Key]] = {pk: Counter() for pk in pks}
        for pk, key in _counted_keys(list(state)):
            computed[pk][key] += 1
        for pk, keys in computed.items():
            counted += keys
            if sorted(kept.get(pk, [-1])) != sorted(ids.get(key, 0) for key in keys.elements()):
                astray.append((-pk,))
    found = {(*row[2:], row[1]) for row in rows}
    return sorted(found ^ {(*key, units) for key, units in counted.items()}, key=str) + sorted(astray)


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


def counts_adrift() -> list[tuple[Any, ...]]:
    """The counts of leases that are not what the leases say: as they are kept, and as they should be. One query, over
    everything: for the nightly control, not for screens."""
    return sorted(beside(*LEASE_COUNT.beside()), key=str)


#: The request of a household, once those that merged into it are one with it.
HOUSEHOLD = Coalesce("application__merged_into", "application")


def stages_adrift() -> Iterator[Difference]:
    """Units whose kept stage is not the one that their candidates say. Three queries."""
    found = adrift()
    vacancies = Vacancy.declared.in_bulk([pk for pk, _, _ in found])
    for pk, kept, read in found:
        expected, shown = _last(read), _last(kept)
        if expected == shown:  # for whom it is followed is kept otherwise
            expected, shown = read, kept
        yield about_vacancy(Check.STAGE, vacancies[pk], {"stage": expected}, {"stage": shown})


def _last(text: str) -> str:
    return text.rpartition(", ")[2]


def lists_adrift() -> Iterator[Difference]:
    """The counts of leases and of delays, and who reads each request, beside what leases, steps and requests say."""
    yield from adrift_rows(
        Check.LISTS,
        {
            "attributions_leasecount": counts_adrift(),
            "attributions_spancount": spans_adrift(),
            "attributions_requestreader": readers_adrift(),
            "attributions_applicationalias": numbers_adrift(),
        },
    )


def leases_without_account() -> Iterator[Difference]:
    """Leases that stand, of units whose account does not count one lease. One query."""
    counted = (
        FlowEntry.objects.filter(
            stage=FlowEntry.Stage.LEASED,
            vacancy=OuterRef("vacancy"),
            ledger=OuterRef("vacancy__ledger"),
        )
        .order_by()
        .values("vacancy")
        .annotate(net=Sum("quantity"))
        .values("net")
    )
    current = Lease.objects.filter(cancelled_at=None, vacancy__ledger__isnull=False, vacancy__cancelled_at=None)
    counts = Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    for lease in current.annotate(counted=counts).exclude(counted=1).select_related("vacancy").order_by("pk"):
        number = vars(lease)["counted"]
        yield about_vacancy(Check.LEASE, lease.vacancy, {"leases": 1}, {"leases": number}, holder=lease.holder_id)


def housed_twice() -> Iterator[Difference]:
    """Households of which two leases stand: of the latest. Two queries."""
    current = Lease.objects.filter(cancelled_at=None, vacancy__cancelled_at=None, proposal__isnull=False)
    household = Coalesce("proposal__application__merged_into", "proposal__application")
    by_household = current.annotate(household=household).order_by().values("household")
    return _twice(Check.HOUSED, "leases", by_household.annotate(unit=Max("vacancy"), times=Count("pk")))


def candidates_twice() -> Iterator[Difference]:
    """Units for which one household is a candidate twice. Two queries."""
    live = Proposal.objects.live().annotate(household=HOUSEHOLD, unit=F("vacancy")).order_by()
    return _twice(Check.TWICE, "candidates", live.values("unit", "household").annotate(times=Count("pk")))


def _twice(check: Check, name: str, rows: QuerySet[Any, Any]) -> Iterator[Difference]:
    """Of each row found more than once, that its unit (`unit`) has so many (`times`) of what `name` says, and not
    one."""
    found = {row["unit"]: row["times"] for row in rows.filter(times__gt=1)}
    for vacancy in Vacancy.objects.filter(pk__in=found).order_by("pk"):
        yield about_vacancy(check, vacancy, {name: 1}, {name: found[vacancy.pk]})
