"""For which purpose an officer reads the whole figures of an exercise, and who stated which."""

from __future__ import annotations

from django.db.models import QuerySet

from attributions.bilan.models import StatedPurpose
from attributions.bilan.permissions import can_read_whole_figures
from reservations.models import Membership


def stated_purpose(member: Membership | None, year: int, *, why: str = "") -> StatedPurpose | None:
    """Why this person reads the whole figures of an exercise, as it stated last for the organisation it acts for, of
    that purpose if one is asked; None as long as it has not, or may not read them. One query for an officer, none for
    the others."""
    if member is None or not can_read_whole_figures(member):
        return None
    stated = StatedPurpose.objects.filter(
        user=member.user_id,
        organisation=member.organisation_id,
        territory=member.organisation.territory_id,
        exercise=year,
        **({"why": why} if why else {}),
    )
    return stated.order_by("-pk").first()


def stated_purposes(member: Membership) -> QuerySet[StatedPurpose]:
    """The journal that a person reads, the latest first. One query."""
    seen: QuerySet[StatedPurpose] = StatedPurpose.objects.visible_to(member)
    return seen.select_related("user", "organisation", "territory").order_by("-pk")
