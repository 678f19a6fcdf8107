"""A piece of software with its token, as the tests of the API send what it sends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.test import Client
from django.utils import timezone

from reservations.models import ApiToken
from reservations.operations.token import make_token

if TYPE_CHECKING:
    from tests.world import World

ROOT = "/api/v1"


class Software:
    """Speaks JSON, with its token."""

    def __init__(self, world: World, person: str = "alice", *scopes: str) -> None:
        self.token, self.secret = make_token(
            member=world.member(person),
            name="Gestion locative",
            scopes=scopes or ApiToken.Scope.values,
            expires_on=timezone.localdate(),
        )
        self.client = Client()

    def ask(self, method: str, path: str, body: Any = None, expected: int = 200, **headers: str) -> Any:
        """What is answered, once its status is the one expected; headers as `If_Match`."""
        values = {name.replace("_", "-"): value for name, value in headers.items()}
        content = "" if body is None else body if isinstance(body, str) else json.dumps(body)
        answer = self.client.generic(
            method,
            path if path.startswith("/api") else ROOT + path,
            content,
            "application/json" if content else "",
            headers={"Authorization": f"Bearer {self.secret}", **values},
        )
        assert answer.status_code == expected, answer.content.decode()
        kind = "application/problem+json" if expected >= 400 else "application/json"
        assert expected == 304 or answer["Content-Type"] == kind
        return answer

    def get(self, path: str, expected: int = 200, **headers: str) -> Any:
        return self.ask("GET", path, None, expected, **headers)

    def post(self, path: str, body: Any, expected: int = 201, **headers: str) -> Any:
        return self.ask("POST", path, body, expected, **headers)
