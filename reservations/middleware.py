"""For whom the person acts: `request.member`, the membership chosen at sign-in or switched since."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponseBase

from reservations.http import MemberRequest
from reservations.models import Membership

SESSION_KEY = "membership"


class MembershipMiddleware:
    """Sets `request.member` (None for nobody's member) and `request.memberships`, all the person may act under."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        memberships: list[Membership] = []
        if request.user.is_authenticated:
            memberships = list(
                Membership.objects.filter(user=request.user.pk).select_related(
                    "organisation__landlord", "organisation__territory", "user"
                )
            )
        chosen = request.session.get(SESSION_KEY)
        person = cast("MemberRequest", request)
        person.memberships = memberships
        person.member = next((m for m in memberships if m.pk == chosen), memberships[0] if memberships else None)
        return self.get_response(person)
