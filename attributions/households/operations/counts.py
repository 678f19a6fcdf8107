"""Writing again what the database keeps of candidates and leases, where it is not what they say: for a command of the
operator. The functions of the database that keep each row write it (docs/triggers.md)."""

from __future__ import annotations

from itertools import batched

from django.db import connection

from attributions.households.models import HouseholdCandidacy, LeaseCount, Proposal, SpanCount, UnitSpan
from attributions.households.models.lease_count import KEY
from attributions.households.operations.application import current
from attributions.households.queries.applications import readers_adrift
from attributions.households.queries.candidates import candidacies_adrift
from attributions.households.queries.lease_counts import MEASURES, counts_adrift, leases_counted
from attributions.households.queries.span_counts import CHUNK, spans_adrift
from attributions.households.queries.stage import adrift
from flux.models import Vacancy
from flux.operations.counts import hold
from reservations.models.acting import atomic
from reservations.models.wall import atomic_act


@atomic_act
def keep_candidacies() -> None:
    """Keep the household of each candidacy that lacks it, where nothing stands against it any more: those that were
    there before the database kept them (docs/triggers.md)."""
    lacking = Proposal.objects.filter(pk__in=candidacies_adrift()).select_related("application__merged_into")
    HouseholdCandidacy.objects.bulk_create(
        [
            HouseholdCandidacy(
                proposal=each,
                household=current(each.application),
                vacancy_id=each.vacancy_id,
                routing_id=each.routing_id,
                is_housed=each.status == Proposal.Status.HOUSED,
            )
            for each in lacking.order_by("pk")
        ],
        ignore_conflicts=True,
    )


@atomic
def write_counts() -> dict[str, int]:
    """Write what differs: by table, how many rows did. Who writes meanwhile waits."""
    hold(
        [
            *("attributions_unitstage", "attributions_requestreader", "attributions_leasecount"),
            *("attributions_spancount", "attributions_unitspan"),
        ]
    )
    stages, readers, leases, spans = adrift(), readers_adrift(), counts_adrift(), spans_adrift()
    with connection.cursor() as cursor:
        for vacancy, _, _ in stages:
            cursor.execute("SELECT attributions_put_at_stage(%s)", [vacancy])
        for request in sorted({request for request, _, _ in readers}):
            cursor.execute("SELECT attributions_name_readers(%s)", [request])
    if leases:
        LeaseCount.objects.all().delete()
        columns = [name if name in ("year", "fell") else f"{name}_id" for name in KEY]
        rows = [dict(zip((*columns, *MEASURES), row, strict=True)) for row in leases_counted()]
        LeaseCount.objects.bulk_create([LeaseCount(**row) for row in rows], batch_size=1_000)
    if spans:
        UnitSpan.objects.all().delete()
        SpanCount.objects.all().delete()
        units = Vacancy.declared.order_by("pk").values_list("pk", flat=True)
        with connection.cursor() as cursor:
            for pks in batched(units.iterator(), CHUNK):
                cursor.execute("SELECT attributions_fold_spans(%s::bigint[])", [list(pks)])
    found = {
        "attributions_unitstage": len(stages),
        "attributions_requestreader": len(readers),
        "attributions_leasecount": len(leases),
        "attributions_spancount": len(spans),
    }
    return {table: rows for table, rows in found.items() if rows}
