"""Minutes that another tool sealed, as their landlord brought them here."""

from __future__ import annotations

from django.db.models import QuerySet

from flux.permissions import can_declare_vacancy
from reservations.models import KeptElsewhere, Membership


def minutes_elsewhere(member: Membership) -> QuerySet[KeptElsewhere]:
    """Those of the landlord, for its staff, as the minutes of here; without their bytes, the latest first. Whoever sat
    there had them there."""
    found = KeptElsewhere.objects.filter(kind=KeptElsewhere.Kind.MINUTES).defer("content")
    found = found.select_related("landlord__organisation").order_by("-held_on", "-pk")
    if member.landlord is None or not can_declare_vacancy(member, member.landlord):
        return found.none()
    return found.filter(keeper=member.organisation_id)
