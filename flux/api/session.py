"""How one is known: by the session of the screens. Apart from the door, whose framework reads this one first."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class Session(SessionAuthentication):
    """The session of the screens, and nothing else: no password goes with each request.

    Whoever has none gets 401, where Django REST framework says 403 for want of a scheme to name.
    """

    def authenticate(self, request: Request) -> Any:
        """Nobody, for whoever still has a password that somebody else typed: the screens ask for another first."""
        found = super().authenticate(request)
        return None if found is not None and found[0].must_change_password else found

    def authenticate_header(self, request: Request) -> str:
        return "Session"
