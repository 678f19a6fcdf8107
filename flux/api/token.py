"""How a piece of software is known: by its token, as the organisation that made it. Apart, as is the session."""

from __future__ import annotations

from typing import Any

import structlog
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from reservations.models import wall
from reservations.operations.token import token_of

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
