"""One form that comes twice together makes one secret: the other would be live, and read by nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flux.models import WebhookEndpoint
from reservations.models import ApiToken
from tests.concurrency.together import at_once
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def sent_twice(client: Client, name: str, table: str, typed: dict[str, Any]) -> list[str]:
    """What each of two answers says: the page of the secret, or the way back to the list."""
    url = reverse(name)
    typed = {**typed, "once": client.get(url).context["once"]}
    other = Client()
    other.cookies = client.cookies
    answers = at_once(lambda: client.post(url, typed), lambda: other.post(url, typed), before=table)
    return sorted("list" if each.status_code == 302 else "secret" for each in answers)


def test_a_token_is_made_once(world: World, sign_in: Callable[[str], Client]) -> None:
    typed = {"name": "Essai", "scopes": ["READ"], "expires_on": f"{timezone.localdate():%d/%m/%Y}"}
    assert sent_twice(sign_in("alice"), "token-list", "reservations_apitoken", typed) == ["list", "secret"]
    assert ApiToken.objects.count() == 1


def test_an_address_is_given_once(world: World, sign_in: Callable[[str], Client], settings: Any) -> None:
    settings.WEBHOOKS_ON_THIS_MACHINE = True
    typed = {"url": "http://127.0.0.1:9/", "kinds": ["vacancy.declared"]}
    assert sent_twice(sign_in("alice"), "webhook-list", "flux_webhookendpoint", typed) == ["list", "secret"]
    assert WebhookEndpoint.objects.count() == 1


def test_without_the_lock_two_tokens_are_made(
    world: World, sign_in: Callable[[str], Client], without_row_locks: None
) -> None:
    typed = {"name": "Essai", "scopes": ["READ"], "expires_on": f"{timezone.localdate():%d/%m/%Y}"}
    assert sent_twice(sign_in("alice"), "token-list", "reservations_apitoken", typed) == ["secret", "secret"]
    assert ApiToken.objects.count() == 2
