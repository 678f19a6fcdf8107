"""Allocations known only by their lease, around the end of a year: in which balance do they count (CCH, R441-5-1)?"""

from __future__ import annotations

from datetime import date

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from attributions.households.models import Lease
from flux.models import FlowEntry
from reservations.models import Landlord

#: Months in which a lease may follow an allocation of another year.
TURN_OF_YEAR = (12, 1)


def undated(landlord: Landlord, *, today: date) -> QuerySet[Lease]:
    """The standing leases of a landlord, recorded of another tool and signed in the December or the January last come,
    whose allocation the account has of the day of the lease, written before it (`dated_by_lease`). No query."""
    december = date(today.year - (today.month < 12), 12, 1)
    return (
        Lease.objects.filter(
            vacancy__landlord=landlord,
            vacancy__ledger__isnull=False,
            proposal=None,
            cancelled_at=None,
            signed_on__range=(december, date(december.year + 1, 1, 31)),
        )
        .alias(
            allocated_on=_last(FlowEntry.Stage.ALLOCATED, "on"),
            allocated=_last(FlowEntry.Stage.ALLOCATED, "pk"),
            leased=_last(FlowEntry.Stage.LEASED, "pk"),
        )
        .filter(Q(allocated_on=F("signed_on"), allocated__lt=F("leased")))
    )


def _last(stage: FlowEntry.Stage, column: str) -> Subquery:
    """Of the last entry that counts the unit at a stage."""
    entries = FlowEntry.objects.filter(vacancy=OuterRef("vacancy"), holder=OuterRef("holder"), stage=stage, quantity=1)
    return Subquery(entries.order_by("-pk").values(column)[:1])
