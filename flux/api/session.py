"""How one is known: by the session of the screens. Apart from the door, whose framework reads this one first."""

from __future__ import annotations

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class Session(SessionAuthentication):
    """The session of the screens, and nothing else: no password goes with each request.

    Whoever has none gets 401, where Django REST framework says 403 for want of a scheme to name.
    """

    def authenticate_header(self, request: Request) -> str:
        return "Session"
