"""What a view receives: a request that knows the person and for whom the person acts."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from reservations.models import Membership, User


class MemberRequest(HttpRequest):
    """A request after the middleware, for annotations."""

    user: User
    member: Membership | None
    memberships: list[Membership]


def member_of(request: MemberRequest) -> Membership:
    """The membership under which the person acts. Http404 for a person who belongs to no organisation."""
    if request.member is None:
        raise Http404
    return request.member


def refuse_unless(allowed: bool) -> None:
    """403 for what one may see but not do. What one may not see is a 404, through `visible_to`."""
    if not allowed:
        raise PermissionDenied
