"""What is read of counts.

* Do the counts of delays say what the steps of units say? Counted again by the function that their triggers call
  (attributions/sql/span_counts.sql); nothing is written.
* Do the counts of leases say what the leases say? Counted again over every lease, as they are declared
  (`models/counted.py`); nothing is written.
* What an act could leave wrong among households, or a hand in the database: found by the night, mended by an act.
* Nothing is written, and nobody is named: an alert says which unit, whose page opens to those who may read it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import batched
from typing import Any

from django.db import connection
from django.db.models import Count, F, IntegerField, Max, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from attributions.households.models import Lease, Proposal, SpanCount, UnitSpan
from attributions.households.models.counted import LEASE_COUNT
from attributions.households.models.lease_count import KEY
from attributions.households.queries.applications import numbers_adrift, readers_adrift
from attributions.households.queries.stage import adrift
from flux.models import FlowEntry, Vacancy
from flux.queries.controls.accounts import Check, Difference, about_vacancy, adrift_rows
from flux.queries.controls.folds import beside

#: So many units are read at once.
CHUNK = 500


def spans_adrift() -> list[tuple[Any, ...]]:
    """The counts that are not what the database counts again, as they are kept and as they should be; then the units
    (negative, by id) that are not in the counts of their own. Two queries for some hundred units: for the nightly
    control, not for screens."""
    counted = Counter[tuple[Any, ...]]()
    rows = list(SpanCount.objects.values_list("pk", "units", *KEY))
    ids = {row[2:]: row[0] for row in rows}
    kept = dict(UnitSpan.objects.values_list("vacancy", "counts"))
    astray: list[tuple[Any, ...]] = []
    for pks in batched(Vacancy.declared.order_by("pk").values_list("pk", flat=True).iterator(), CHUNK):
        computed: dict[int, list[int]] = {pk: [] for pk in pks}
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM attributions_spans_of(%s)", [list(pks)])
            for vacancy, *key, units in cursor:
                counted[tuple(key)] += units
                computed[vacancy] += [ids.get(tuple(key), 0)] * units
        astray += [(-pk,) for pk, found in computed.items() if sorted(kept.get(pk, [-1])) != sorted(found)]
    found = {(*row[2:], row[1]) for row in rows}
    return sorted(found ^ {(*key, units) for key, units in counted.items()}, key=str) + sorted(astray)


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
