"""Do the counts of leases say what the leases say? Counted again, apart from the triggers that keep them
(attributions/sql/lease_counts.sql); nothing is written."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import ExtractYear

from attributions.households.models import Lease, LeaseCount
from attributions.households.models.lease_count import KEY
from flux.models import Routing, Vacancy

#: What each column counts, among standing leases.
MEASURES = {
    "leases": Q(pk__isnull=False),
    "outside_qpv": Q(in_qpv=False),
    "in_qpv": Q(in_qpv=True),
    "first_quartile": Q(in_qpv=False) & (Q(income_quartile=1) | Q(urban_renewal=True)),
    "first_unknown": Q(in_qpv=False)
    & (
        Q(income_quartile=None, urban_renewal=False)
        | Q(income_quartile=None, urban_renewal=None)
        | Q(income_quartile__gt=1, urban_renewal=None)
    ),
    "others": Q(in_qpv=True, income_quartile__gt=1),
    "others_unknown": Q(in_qpv=True, income_quartile=None),
    "priority": Q(has_priority=True),
    "priority_unknown": Q(has_priority=None),
    "essential": Q(essential_worker=True),
    "essential_unknown": Q(essential_worker=None),
    "mobility": Q(vacancy__exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER),
    "in_flow": Q(vacancy__kind=Vacancy.Kind.IN_FLOW),
    "in_mix": Q(in_mix_residence=True),
    "mix_others": Q(in_mix_residence=True, income_quartile__gt=1),
    "mix_unknown": Q(in_mix_residence=True, income_quartile=None),
    "mix_unplaced": Q(in_mix_residence=None),
}


def counts_adrift() -> list[tuple[Any, ...]]:
    """The counts that are not what the leases say: as they are kept, and as they should be. Those of nothing say
    nothing. Two queries, over everything: for the nightly control, not for screens."""
    kept = {*LeaseCount.objects.exclude(**dict.fromkeys(MEASURES, 0)).values_list(*KEY, *MEASURES)}
    return sorted(kept ^ {*leases_counted()}, key=str)


def leases_counted() -> list[tuple[Any, ...]]:
    """The counts as the leases say them: the columns of KEY, then those of MEASURES. One query, over every lease."""
    routed = Routing.objects.filter(vacancy=OuterRef("vacancy"), closed_at=None).order_by("pk")
    key = {
        "landlord": F("vacancy__unit__landlord"),
        "year": ExtractYear("signed_on"),
        "commune": F("vacancy__description__commune"),
        "place": F("vacancy__unit__commune"),
        "fell": ExtractYear("vacancy__registered_on"),
        "acting": F("routing__acting"),
        "open_holder": Subquery(routed.values("holder")[:1]),
        "open_acting": Subquery(routed.values("acting")[:1]),
    }
    sums = {f"sum_{name}": Count("pk", filter=which) for name, which in MEASURES.items()}
    found = Lease.objects.filter(cancelled_at=None, vacancy__cancelled_at=None).annotate(**key).order_by()
    return list(found.values(*KEY).annotate(**sums).values_list(*KEY, *sums))
