"""Session.

* How one is known: by the session of the screens. Apart from the door, whose framework reads this one first.
* How a piece of software is known: by its token, as the organisation that made it. Apart, as is the session.
"""

from __future__ import annotations

from typing import Any

import structlog
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from reservations.access.second_factor import DUE
from reservations.models import wall
from reservations.operations.token import token_of


class Session(SessionAuthentication):
    """The session of the screens, and nothing else: no password goes with each request.

    Whoever has none gets 401, where Django REST framework says 403 for want of a scheme to name.
    """

    def authenticate(self, request: Request) -> Any:
        """Nobody, for whoever still has a password that somebody else typed, or has to add a second factor: the screens
        ask for it first."""
        found = super().authenticate(request)
        if found is None or found[0].must_change_password or request.session.get(DUE):
            return None
        return found

    def authenticate_header(self, request: Request) -> str:
        return "Session"


SCHEME = "Bearer"


class Token(BaseAuthentication):
    """`Authorization: Bearer eqf_…`. Whoever sends one that opens nothing is refused, and never taken for a session."""

    def authenticate(self, request: Request) -> Any:
        """(who made the token, the token); None for whoever sends none."""
        scheme, _, secret = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.casefold() != SCHEME.casefold():
            return None
        secret = secret.strip()
        plain = secret.isascii() and secret.isprintable() and len(secret) < 100
        token = token_of(secret=secret, today=timezone.localdate()) if plain else None
        if token is None:
            raise AuthenticationFailed
        structlog.contextvars.bind_contextvars(token_id=token.pk)
        wall.read_as(token.member)
        return token.made_by, token

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="api"'
