"""Links that wait to be taken, as those who made them read them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from reservations.models import Invitation, Membership
from reservations.models.invitation import digest_of
from reservations.permissions import looked_after

#: Of the links that wait, shown at once.
SHOWN = 50


def invitations_of(member: Membership | None, *, now: datetime) -> QuerySet[Invitation]:
    """The links not taken yet that this person may withdraw: all for the administrator; for a manager, those of its
    organisation and of the holders that it looks after."""
    if member is None or not member.part.manages_people:
        return Invitation.objects.none()
    every = Invitation.objects.awaiting(now).select_related("organisation", "made_by").order_by("-pk")
    if member.is_administrator:
        return every
    mine = every.filter(organisation=member.organisation_id)
    return mine | every.filter(organisation__in=looked_after(member).order_by().values("pk"))


def link_of(key: str, *, now: datetime) -> Invitation | None:
    """The link that may be taken with this key."""
    found = Invitation.objects.awaiting(now).filter(digest=digest_of(key)) if key else Invitation.objects.none()
    return found.select_related("organisation", "made_by").first()
