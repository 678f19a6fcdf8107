"""Dues moved at the end of a right: they bear on no commune, and are read where a whole département is."""

from __future__ import annotations

from django.db.models import Q


def transfers_in(territory: int) -> Q:
    """Condition on months of accounts: they bear on no commune, and a territory (id) has their whole département."""
    whole = Q(ledger__departement=territory) | Q(ledger__departement__region=territory)
    return Q(commune=None) & whole
