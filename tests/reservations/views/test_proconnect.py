"""ProConnect, against a real OpenID Connect provider on loopback: levels, roles, SIRET, second factor, logout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse
from oidc_provider_mock import run_server_in_thread

from reservations.models import Identity, SignIn
from reservations.operations.person import close_account, grant_membership
from tests.reservations.second_factors import second_factor
from tests.world import MORNING, World

SIGN_IN, HOME, START = reverse("sign-in"), reverse("home"), reverse("proconnect-start")
BACK, OUT = reverse("proconnect-back"), reverse("proconnect-out")
Claims = dict[str, Any]


@pytest.fixture
def arrives(settings: Any, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Client]]:
    """`arrives("bob", acr="eidas1")`: a browser that has come back from the provider as that agent."""
    bob: Claims = {"acr": "eidas1-mfa", "email": "bob@exemple.test", "siret": f"{world.state.siren}00011"}
    bob["roles"] = ["agent_public_d_etat"]
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # the provider of the test speaks without TLS
    with run_server_in_thread(require_nonce=True) as server:
        base = f"http://localhost:{server.server_port}"
        settings.PROCONNECT_URL = base
        settings.PROCONNECT_CLIENT_ID, settings.PROCONNECT_CLIENT_SECRET = "equiflux", "un secret"

        def through(sub: str, *, by: Client | None = None, query: str = "", **claims: Any) -> Client:
            told = {name: value for name, value in (bob | claims).items() if value is not None}
            requests.put(f"{base}/users/{sub}", json=told, timeout=5).raise_for_status()
            client = by or Client()
            leaving = client.get(START + query)
            assert leaving["Location"].startswith(f"{base}/oauth2/authorize?")
            asked = parse_qs(urlsplit(leaving["Location"]).query)
            assert asked["acr_values"] == ["eidas1-mfa eidas1"]
            assert asked["code_challenge_method"] == ["S256"]
            given = requests.post(leaving["Location"], data={"sub": sub}, allow_redirects=False, timeout=5)
            assert given.headers["Location"].startswith(f"http://testserver{BACK}?")
            client.last = client.get(given.headers["Location"].removeprefix("http://testserver"))  # type: ignore[attr-defined]
            return client

        yield through


def said(client: Client) -> str:
    return client.get(SIGN_IN).content.decode()


def test_an_agent_enters_without_password_under_the_same_account_and_leaves_both(
    world: World, arrives: Callable[..., Client], settings: Any
) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True
    assert "S’identifier avec ProConnect" in said(Client())
    bob = arrives("b0b", query=f"?next={reverse('convention-list')}")
    assert bob.last["Location"] == reverse("convention-list")  # type: ignore[attr-defined]
    assert bob.get(HOME).status_code == 200, "the second factor of ProConnect is one"
    row = SignIn.objects.get(user=world.people["bob"])
    assert (row.door, row.factor) == ("PROCONNECT", "PROVIDER")
    identity = Identity.objects.get()
    assert (identity.user, identity.subject, identity.issuer) == (world.people["bob"], "b0b", settings.PROCONNECT_URL)
    renamed = arrives("b0b", email="bob.nouveau@exemple.test")
    assert renamed.get(HOME).status_code == 200, "known by his identity, whatever his address becomes"
    leaving = bob.post(reverse("sign-out"))["Location"]
    assert leaving.startswith(f"{settings.PROCONNECT_URL}/oauth2/end_session?id_token_hint=ey")
    assert parse_qs(urlsplit(leaving).query)["post_logout_redirect_uri"] == [f"http://testserver{OUT}"]
    assert bob.get(HOME).status_code == 302
    assert "ici et chez ProConnect" in bob.get(OUT, follow=True).content.decode()


def test_an_agent_of_several_organisations_wears_the_hat_of_their_siret(
    world: World, arrives: Callable[..., Client]
) -> None:
    """« A person with two organisations chooses the hat, and every page shows it »."""
    grant_membership(user=world.people["bob"], organisation=world.city, role="HOLDER_STAFF")
    state, city = world.state.name, world.city.name
    for siren, name in ((world.state.siren, state), (world.city.siren, city)):
        page = arrives("b0b", siret=f"{siren}00022").get(HOME)
        assert page.context["member"].organisation.name == name
    bob = arrives("b0b", siret=f"{world.city.siren}00022")
    for address in (HOME, reverse("convention-list"), reverse("own-account"), reverse("people-history")):
        assert f"Vous agissez pour : </span><b>{city}</b>" in bob.get(address).content.decode(), address
    other = world.people["bob"].memberships.get(organisation=world.state)
    bob.post(reverse("switch-organisation"), {"membership": other.pk})
    assert f"Vous agissez pour : </span><b>{state}</b>" in bob.get(reverse("own-account")).content.decode()


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"acr": "eidas0"}, "ne dit pas que votre identité a été vérifiée"),
        ({"acr": None}, "ne dit pas que votre identité a été vérifiée"),
        ({"roles": ["salarie_prive"]}, "réservée aux agents publics"),
        ({"roles": None}, "réservée aux agents publics"),
        ({"email": "personne@exemple.test"}, "Aucun compte ouvert ne correspond"),
    ],
)
def test_who_is_not_known_not_checked_or_not_public_stays_outside(
    world: World, arrives: Callable[..., Client], settings: Any, claims: Claims, why: str
) -> None:
    settings.PROCONNECT_ROLES = ["agent_public"]
    client = arrives("b0b", **claims)
    assert why in said(client)
    assert client.get(HOME).status_code == 302
    assert not Identity.objects.exists()
    assert arrives("b0b").get(HOME).status_code == 200


def test_an_account_that_closed_and_an_address_that_changed_hands_open_nothing(
    world: World, arrives: Callable[..., Client]
) -> None:
    assert arrives("b0b").get(HOME).status_code == 200
    assert "Aucun compte ouvert" in said(arrives("successor")), "the address of Bob, and not Bob"
    close_account(person=world.people["bob"], organisation=None, by=world.people["adam"])
    assert "Aucun compte ouvert" in said(arrives("b0b"))


def test_without_the_factor_of_proconnect_ones_own_is_asked(
    world: World, arrives: Callable[..., Client], settings: Any
) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True
    without = arrives("b0b", acr="eidas2")
    assert without.get(HOME)["Location"] == reverse("factor-new")
    second_factor(world.people["bob"])
    assert arrives("b0b", acr="eidas2").last["Location"] == reverse("second-factor")  # type: ignore[attr-defined]
    assert arrives("b0b", acr="eidas2", amr=["pwd", "mfa"]).get(HOME).status_code == 200


def test_what_engages_is_proved_again_at_proconnect(
    world: World, arrives: Callable[..., Client], time_machine: Any
) -> None:
    time_machine.move_to(MORNING, tick=False)
    bob = arrives("b0b")
    time_machine.move_to(MORNING + timedelta(minutes=31), tick=False)
    url = reverse("token-list")
    assert "prouvez-le avec ProConnect" in bob.post(url, {}).content.decode()
    arrives("b0b", by=bob, query=f"?next={url}")
    assert bob.last["Location"] == url  # type: ignore[attr-defined]
    assert bob.post(url, {}).status_code == 422, "the act is looked at"


def test_a_forged_return_and_a_silent_provider_leave_one_at_the_door(
    world: World, arrives: Callable[..., Client], settings: Any
) -> None:
    client = Client()
    assert client.get(f"{BACK}?code=1&state=2")["Location"] == SIGN_IN
    assert "ProConnect n’a pas répondu comme prévu." in said(client)
    settings.PROCONNECT_URL = "http://127.0.0.1:9"
    assert client.get(START)["Location"] == SIGN_IN
    assert client.head(START).status_code == 200
    settings.PROCONNECT_URL = ""
    assert [client.get(each).status_code for each in (START, BACK, OUT)] == [404] * 3
