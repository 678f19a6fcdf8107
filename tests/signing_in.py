"""Somebody signed in, as the sign-in page leaves them, for tests that are about what they read then."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.contrib.auth import SESSION_KEY as WHO
from django.contrib.auth.models import update_last_login
from django.http import HttpRequest
from django.test import Client

from reservations.access.sessions import SessionStore, enter
from reservations.middleware import SESSION_KEY, memberships_of
from reservations.models import User

BACKEND = "django.contrib.auth.backends.ModelBackend"


def sign_in(client: Client, person: User, **session: Any) -> None:
    """Open the session of a person in this client, acting under their first membership.

    `session`: what it holds besides. `Client.force_login` writes the row of the session twice and reads it three times,
    once empty: a twentieth of the tests of pages. That each way in leaves what this does is held by a test beside them
    (tests/reservations/views/test_session.py).
    """
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    request.session = opened = SessionStore()
    opened.update({WHO: str(person.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: person.get_session_auth_hash()})
    enter(request, person)
    if mine := memberships_of(person):
        opened[SESSION_KEY] = mine[0].pk
    opened.update(session)
    opened.create()
    update_last_login(None, person)
    client.cookies[settings.SESSION_COOKIE_NAME] = opened.session_key
