"""For whom the person acts: `request.member`, the membership stored at sign-in or switched since.

Never another one: a membership added meanwhile does not become the acting one, and when the acting one is taken
back nothing is done under the next. The person chooses (home page).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import structlog
from django.http import HttpRequest, HttpResponseBase

from reservations.http import MemberRequest
from reservations.models import Membership, User

SESSION_KEY = "membership"


def memberships_of(user: User) -> list[Membership]:
    """All that the person may act under, with what every page shows of them; the first one is taken at sign-in."""
    return list(
        Membership.objects.filter(user=user.pk).select_related(
            "organisation__landlord", "organisation__territory", "user"
        )
    )


class MembershipMiddleware:
    """Sets `request.member` (None: to be chosen, or none to choose) and `request.memberships`, all there are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = cast("MemberRequest", request)
        if request.user.is_authenticated:
            structlog.contextvars.bind_contextvars(user_id=request.user.pk)  # a number: no log names anybody
        person.memberships = memberships_of(person.user) if request.user.is_authenticated else []
        if person.memberships and SESSION_KEY not in request.session:
            # A session opened before its person had an organisation: what is taken now is kept.
            request.session[SESSION_KEY] = person.memberships[0].pk
        chosen = request.session.get(SESSION_KEY)
        person.member = next((mine for mine in person.memberships if mine.pk == chosen), None)
        return self.get_response(person)
