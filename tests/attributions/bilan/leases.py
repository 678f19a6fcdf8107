"""Whether leases and the entries of accounts say the same: written by the same act, they do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count

from attributions.bilan.queries.objective_leases import leased
from attributions.households.models import Lease
from flux.models import Ledger


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A unit of an account whose leases and entries do not say the same: by holder (id), leases then LEASED entries."""

    vacancy: int
    holder: int | None
    leases: int
    entries: int


def unmatched(ledgers: Collection[Ledger]) -> list[Unmatched]:
    """Where the leases in force of these accounts' units differ from their LEASED entries: nowhere, when both were
    written by the same act. Two queries."""
    leases = {
        (vacancy, holder): count
        for vacancy, holder, count in Lease.objects.filter(vacancy__ledger__in=ledgers, cancelled_at=None)
        .order_by()
        .values_list("vacancy", "holder")
        .annotate(count=Count("pk"))
    }
    entries = {(vacancy, holder): count for vacancy, holder, count in leased(ledgers)}
    keys = sorted({*leases, *entries}, key=lambda key: (key[0], key[1] or 0))
    found = [Unmatched(*key, leases.get(key, 0), entries.get(key, 0)) for key in keys]
    return [each for each in found if each.leases != each.entries]
