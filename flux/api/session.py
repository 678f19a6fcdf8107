"""How one is known: by the session of the screens. Apart from the door, whose framework reads this one first."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from reservations.access.second_factor import DUE


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
