"""ProConnect, against a real OpenID Connect provider on loopback: levels, roles, SIRET, second factor, logout."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import RSAKey
from oidc_provider_mock import run_server_in_thread

from reservations.models import Identity, SignIn, User
from reservations.operations.invitation import invite
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
        base = f"http://localhost:{server.server_port}"  # whoever stands before it: the rest is its own
        settings.PROCONNECT_URL = base
        settings.PROCONNECT_CLIENT_ID, settings.PROCONNECT_CLIENT_SECRET = "equiflux", "un secret"

        def through(sub: str, *, by: Client | None = None, query: str = "", **claims: Any) -> Client:
            values = {name: value for name, value in (bob | claims).items() if value is not None}
            requests.put(f"{base}/users/{sub}", json=values, timeout=5).raise_for_status()
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


def page_words(client: Client) -> str:
    return client.get(SIGN_IN).content.decode()


def test_an_agent_enters_without_password_under_the_same_account_and_leaves_both(
    world: World, arrives: Callable[..., Client], settings: Any
) -> None:
    settings.SECOND_FACTOR_COMPULSORY = True
    assert "S’identifier avec ProConnect" in page_words(Client())
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
    result = parse_qs(urlsplit(leaving).query)
    assert result["post_logout_redirect_uri"] == [f"http://testserver{OUT}"]
    assert bob.get(HOME).status_code == 302
    [state] = result["state"]
    assert len(state) >= 32, "drawn for this leaving"
    for wrong in ("", "?state=autre"):
        assert "ici et chez ProConnect" not in bob.get(OUT + wrong, follow=True).content.decode()
    assert "ici et chez ProConnect" in bob.get(f"{OUT}?state={state}", follow=True).content.decode()
    assert "ici et chez ProConnect" not in bob.get(f"{OUT}?state={state}", follow=True).content.decode(), "once"


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
    assert why in page_words(client)
    assert client.get(HOME).status_code == 302
    assert not Identity.objects.exists()
    assert arrives("b0b").get(HOME).status_code == 200


def test_an_account_that_closed_and_an_address_that_changed_hands_open_nothing(
    world: World, arrives: Callable[..., Client]
) -> None:
    assert arrives("b0b").get(HOME).status_code == 200
    assert "Aucun compte ouvert" in page_words(arrives("successor")), "the address of Bob, and not Bob"
    close_account(person=world.people["bob"], organisation=None, by=world.people["adam"])
    assert "Aucun compte ouvert" in page_words(arrives("b0b"))


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
    assert "ProConnect n’a pas répondu comme prévu." in page_words(client)
    settings.PROCONNECT_URL = "http://127.0.0.1:9"
    assert client.get(START)["Location"] == SIGN_IN
    assert client.head(START).status_code == 200
    settings.PROCONNECT_URL = ""
    assert [client.get(each).status_code for each in (START, BACK, OUT)] == [404] * 3


def test_an_invitation_is_taken_by_proconnect_without_any_password(
    world: World, arrives: Callable[..., Client]
) -> None:
    """At the address of the link, where nobody is yet; at any other, the link stays where it is."""

    def invited(email: str) -> tuple[Client, str]:
        _, key = invite(
            email=email,
            full_name="Fanny",
            organisation=world.city,
            role="HOLDER_STAFF",
            by=world.people["adam"],
            now=timezone.now(),
        )
        client = Client()
        client.get(f"{reverse('invitation')}?cle={key}")
        return client, client.get(reverse("invitation")).content.decode()

    fanny, page = invited("fanny@exemple.test")
    assert f'href="{START}?next={reverse("invitation")}"' in page
    values = {"query": f"?next={reverse('invitation')}", "siret": f"{world.city.siren}00011"}
    arrives("f4nny", by=fanny, email="Autre@exemple.test", **values)
    assert not User.objects.filter(full_name="Fanny").exists()
    arrives("f4nny", by=fanny, email="Fanny@exemple.test", **values)
    home = fanny.get(HOME, follow=True)
    assert (home.context["member"].organisation, home.context["member"].role) == (world.city, "HOLDER_STAFF")
    assert "Bienvenue." in home.content.decode()
    person = User.objects.get(full_name="Fanny")
    assert not person.has_usable_password()
    assert (SignIn.objects.get(user=person).door, Identity.objects.get(user=person).subject) == ("PROCONNECT", "f4nny")
    assert fanny.get(reverse("invitation")).status_code == 404, "it served once"
    assert arrives("f4nny", email="fanny@exemple.test").get(HOME).status_code == 200
    close_account(person=person, organisation=None, by=world.people["adam"])
    again, _ = invited("fanny@exemple.test")
    arrives("f4nny", by=again, email="fanny@exemple.test", **values)
    assert again.get(HOME).status_code == 200, "an account that was closed comes back by a link"
    chloe, _ = invited("chloe2@exemple.test")
    User.objects.filter(email="chloe@exemple.test").update(email="chloe2@exemple.test")
    arrives("chl0e", by=chloe, email="chloe2@exemple.test", **values)
    assert chloe.last["Location"] == reverse("invitation"), "somebody known comes in, then accepts"  # type: ignore[attr-defined]


OURS = RSAKey.generate_key(2048, {"kid": "ours", "alg": "RS256", "use": "sig"})
STRANGE = RSAKey.generate_key(2048, {"kid": "ours", "alg": "RS256", "use": "sig"})


class Signing(BaseHTTPRequestHandler):
    """Before the provider: the same, but for its userinfo, which is a signed JWT as ProConnect’s is."""

    before = ""
    wrong: ClassVar[dict[str, Any]] = {}
    key = OURS

    def do_GET(self) -> None:
        here = f"http://{self.headers['Host']}"
        headers = {"Authorization": self.headers.get("Authorization", "")}
        answer = requests.get(self.before + self.path, headers=headers, timeout=5).json()
        kind = "application/json"
        if self.path.endswith("openid-configuration"):
            answer |= {"userinfo_endpoint": f"{here}/userinfo", "jwks_uri": f"{here}/jwks"}
        elif self.path == "/jwks":
            answer["keys"].append(OURS.as_dict(private=False))
        body = json.dumps(answer)
        if self.path == "/userinfo":
            claims = {**answer, "iss": self.before, "aud": "equiflux", **self.wrong}
            kind, body = "application/jwt", jwt.encode({"alg": "RS256", "kid": "ours"}, claims, self.key)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def signing(arrives: Callable[..., Client], settings: Any) -> Iterator[type[Signing]]:
    Signing.before = settings.PROCONNECT_URL
    server = ThreadingHTTPServer(("localhost", 0), Signing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.PROCONNECT_URL = f"http://localhost:{server.server_port}"
    yield Signing
    server.shutdown()
    server.server_close()
    Signing.wrong, Signing.key = {}, OURS


def test_signed_userinfo_is_read_and_refused_when_it_is_forged(
    world: World, arrives: Callable[..., Client], signing: type[Signing]
) -> None:
    """OpenID Connect Core 1.0, 5.3.2 and 5.3.4: a signature of the provider, its issuer, our audience, one subject;
    and its keys by the address that its document gives."""
    assert arrives("b0b").get(HOME).status_code == 200
    for wrong in ({"aud": "un autre"}, {"iss": "https://ailleurs.exemple"}, {"sub": "alice"}):
        signing.wrong = wrong
        assert "n’a pas répondu comme prévu" in page_words(arrives("b0b")), wrong
    signing.wrong, signing.key = {}, STRANGE
    assert "n’a pas répondu comme prévu" in page_words(arrives("b0b")), "the name of our key, and not its signature"
    signing.key = OURS
    assert arrives("b0b").get(HOME).status_code == 200
