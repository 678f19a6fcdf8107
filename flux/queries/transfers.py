"""Dues moved at the end of a right: they bear on no commune, and are read where a whole département is."""

from __future__ import annotations

from django.db.models import Q

from reservations.models import Territory


def transfers_in(territory: int) -> Q:
    """Condition on months of accounts: they bear on no commune, and a territory (id) has their whole département."""
    # By their ids, found first: joined, a région would be looked for in every commune of France.
    whole = Territory.objects.filter(Q(pk=territory) | Q(region=territory), kind=Territory.Kind.DEPARTEMENT)
    return Q(commune=None, ledger__departement__in=whole.order_by().values("pk"))
