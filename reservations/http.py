"""What a view receives: a request that knows the person and for whom the person acts."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from reservations.models import Membership, User


class MemberRequest(HttpRequest):
    """A request after the middleware, for annotations."""

    user: User
    member: Membership
    memberships: list[Membership]


def refuse_unless(allowed: bool) -> None:
    """403 for what one may see but not do. What one may not see is a 404, through `visible_to`."""
    if not allowed:
        raise PermissionDenied
