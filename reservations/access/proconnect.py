"""ProConnect: the door of public agents (OpenID Connect, by Authlib), with what is its own.

acr       `eidas1` to `eidas3`: how well the identity was checked; `…-mfa`: with a second factor
siret     of the establishment for which the agent came in: which hat is theirs today
roles     « agent_public… »: what an installation may be limited to (`PROCONNECT_ROLES`)
userinfo  signed (a JWT), or plain JSON elsewhere: both are read, and must be of whom the ID token names

An account is never made here: somebody who answers for the organisation invites, ProConnect recognises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from reservations.refusals import Refusal

SCOPE = "openid given_name usual_name email siret roles"
#: Where the session keeps what the logout gives back to the provider.
ID_TOKEN = "proconnect_id_token"  # noqa: S105 - the name of a place
#: Where the session that follows keeps what the provider gives back once its own is closed.
LOGOUT_STATE = "proconnect_logout_state"
LEVEL = re.compile(r"eidas[123](-mfa)?")
#: How long the provider is waited for, in seconds.
WAIT = 5


class ProConnectRefused(Refusal):
    """Nobody comes in by that door as asked."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who came, as the provider says it."""

    issuer: str
    subject: str
    email: str
    siren: str
    has_second_factor: bool


def is_open() -> bool:
    """Is there such a door here?"""
    return bool(settings.PROCONNECT_URL)


def leave_for(request: HttpRequest, back: str, *, again: bool) -> HttpResponse:
    """Send the browser to the provider, which sends it back to the address `back`. `again`: the agent proves anew who
    they are. Raises ProConnectRefused when the provider does not answer."""
    asked = {"acr_values": settings.PROCONNECT_ACR_VALUES}
    if again:
        asked |= {"prompt": "login", "max_age": "0"}
    try:
        answer: HttpResponse = _client().authorize_redirect(request, back, **asked)
    except (requests.RequestException, AuthlibBaseError, ValueError) as failed:
        raise _silent() from failed
    return answer


def come_back(request: HttpRequest) -> Agent:
    """Who the provider says came, checked: state, nonce, PKCE, signature, issuer, audience, level and role. What the
    logout needs is kept in the session. Raises ProConnectRefused."""
    client = _client()
    try:
        token = client.authorize_access_token(request)
        claims: dict[str, Any] = dict(token["userinfo"])
        more = _userinfo(client, token, claims)
    except (requests.RequestException, AuthlibBaseError, JoseError, KeyError, ValueError) as failed:
        raise _silent() from failed
    if more.get("sub") != claims.get("sub"):
        raise _silent()
    agent = _agent(claims, more)
    request.session[ID_TOKEN] = token["id_token"]
    return agent


def way_out(id_token: str, back: str, state: str) -> str:
    """Where the browser goes for the provider to close its session too, and come back with `state`; "" when it offers
    none."""
    try:
        end = _client().load_server_metadata().get("end_session_endpoint", "")
    except (requests.RequestException, AuthlibBaseError, ValueError):
        return ""
    asked = {"id_token_hint": id_token, "post_logout_redirect_uri": back, "state": state}
    return f"{end}?{urlencode(asked)}" if end else ""


def _agent(claims: Mapping[str, Any], more: Mapping[str, Any]) -> Agent:
    level = LEVEL.fullmatch(str(claims.get("acr", "")))
    if level is None:
        raise ProConnectRefused(
            "ProConnect ne dit pas que votre identité a été vérifiée : entrez avec votre mot de passe, ou demandez à "
            "votre organisation un compte vérifié."
        )
    roles, wanted = more.get("roles") or [], settings.PROCONNECT_ROLES
    if wanted and not any(str(role).startswith(tuple(wanted)) for role in roles):
        raise ProConnectRefused(
            "Cette entrée est réservée aux agents publics, et ProConnect ne dit pas que vous l’êtes : entrez avec "
            "votre mot de passe."
        )
    methods = claims.get("amr") or []
    return Agent(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=str(more.get("email", "")),
        siren=str(more.get("siret", ""))[:9],
        has_second_factor=level[1] is not None or "mfa" in methods,
    )


def _userinfo(client: Any, token: dict[str, Any], claims: Mapping[str, Any]) -> dict[str, Any]:
    metadata = client.load_server_metadata()
    answer = client.get(metadata["userinfo_endpoint"], token=token)
    answer.raise_for_status()
    if not answer.headers.get("Content-Type", "").startswith("application/jwt"):
        return dict(answer.json())
    signed = jwt.decode(answer.text, KeySet.import_key_set(client.fetch_jwk_set()), algorithms=["RS256", "ES256"])
    rules = {"iss": {"essential": True, "value": claims["iss"]}, "aud": {"essential": True}}
    jwt.JWTClaimsRegistry(**rules).validate(signed.claims)  # type: ignore[arg-type]
    audience = signed.claims["aud"]
    if settings.PROCONNECT_CLIENT_ID not in ([audience] if isinstance(audience, str) else audience):
        raise ValueError("aud")
    return dict(signed.claims)


def _client() -> Any:
    return _registered(settings.PROCONNECT_URL, settings.PROCONNECT_CLIENT_ID, settings.PROCONNECT_CLIENT_SECRET)


@lru_cache(maxsize=4)
def _registered(url: str, client_id: str, secret: str) -> Any:
    return OAuth().register(
        "proconnect",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{url.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "timeout": WAIT},
    )


def _silent() -> ProConnectRefused:
    return ProConnectRefused(
        "ProConnect n’a pas répondu comme prévu. Recommencez dans un instant, ou entrez avec votre mot de passe."
    )
