"""What a HEAD leaves as it was, beside the rows (tests/house/test_seeing.py): the session and the messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.world import World

SignIn = Callable[[str], Client]


def test_what_is_shown_once_is_shown_after_a_head_of_its_page(sign_in: SignIn) -> None:
    """A GET forgets the recovery codes that it shows; a link checker or a preview is no such thing."""
    client, page, kept = sign_in("alice"), reverse("recovery-codes"), "recovery_codes_to_show"
    session = client.session
    session[kept] = ["abcd-efgh"]
    session.save()
    before = dict(client.session.items())
    asked = client.head(page)
    assert (asked.status_code, "Cookie" in asked["Vary"]) == (200, True)
    assert dict(client.session.items()) == before | {"signed_in_at": client.session["signed_in_at"]}
    assert "abcd-efgh" in client.get(page).text
    assert kept not in client.session


def test_a_message_that_waits_is_read_after_a_head(sign_in: SignIn, world: World) -> None:
    client = sign_in("chloe")
    client.post(reverse("switch-organisation"), {"membership": world.member("chloe").pk})
    home = reverse("home")
    assert "messages" not in client.head(home).cookies
    assert "Vous agissez maintenant pour la Ville de Narbonne" in client.get(home).content.decode()
    assert "Vous agissez maintenant pour" not in client.get(home).content.decode()


def test_software_that_speaks_in_clear_is_refused_and_not_redirected(settings: Any, world: World) -> None:
    """OWASP ASVS 5.0, 4.1.2. Pages are still led to HTTPS."""
    settings.SECURE_SSL_REDIRECT = True
    refused = Client().get("/api/v1/vacancies/", headers={"Authorization": "Bearer eqf_1"})
    assert (refused.status_code, refused.json()["code"]) == (403, "en-clair")
    assert "révoquez le jeton" in refused.json()["detail"]
    assert Client().get(reverse("home"))["Location"].startswith("https://")
    assert Client().get("/api/v1/vacancies/", secure=True).status_code == 401
