"""Balances that another tool sealed, as their landlord or their reader brought them here."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from attributions.bilan.models.balance import concerned
from reservations.models import KeptElsewhere, Membership


def balances_elsewhere(member: Membership) -> QuerySet[KeptElsewhere]:
    """Those that the person may read, without their bytes, the latest first: as the balances of here, an administrator
    all, a landlord its own, the others those it was sent to or that are about it; and what one brought oneself."""
    found = KeptElsewhere.objects.filter(kind=KeptElsewhere.Kind.BALANCE).defer("content")
    found = found.select_related("landlord__organisation", "departement").order_by("-exercise", "-held_on", "-pk")
    if member.is_administrator:
        return found
    mine = Q(keeper=member.organisation_id)
    if member.is_landlord:
        return found.filter(mine)
    told = Q(readers__contains=[member.organisation.siren]) | concerned(member)
    return found.filter(mine | Q(told, keeper=F("landlord__organisation")))
