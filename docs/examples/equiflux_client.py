"""Équiflux par un logiciel : un client en un fichier, sans rien d’autre que Python (3.12 ou plus).

    client = Equiflux("https://equiflux.exemple.fr", "eqf_…")
    made = client.declare(unit="ESI-4021", notice_on=date(2026, 11, 24), available_on=date(2027, 1, 24))
    for vacancy in client.vacancies(status="to_confirm"):
        client.confirm(vacancy["id"])

Chaque acte porte une clé d’idempotence : si la réponse se perd, il est renvoyé sans être fait deux fois. Un refus est
une `Problem`, dont `code` ne change jamais.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict
from urllib.parse import urlencode, urlsplit


class Holder(TypedDict):
    id: int
    name: str
    siren: str
    contingent: int


class Vacancy(TypedDict):
    """Ce qu’un logement libéré dit toujours ; le document OpenAPI dit tout le reste."""

    id: int
    kind: str
    status: str
    registered_on: str
    available_on: str
    destination: Holder | None
    reason: str
    file_open: bool
    unit: dict[str, str] | None


class Problem(Exception):
    """Un refus (RFC 9457)."""

    def __init__(self, told: Mapping[str, Any], status: int) -> None:
        super().__init__(str(told.get("detail", f"Réponse {status}")))
        self.status, self.told = status, told
        self.code = str(told.get("code", ""))
        self.errors: list[dict[str, str]] = list(told.get("errors", []))


@dataclass(frozen=True)
class Answer:
    content: Any
    etag: str


@dataclass
class Equiflux:
    """Parle avec Équiflux pour une organisation. `tries` : combien de fois une demande sans réponse est renvoyée."""

    address: str
    token: str
    timeout: float = 30
    tries: int = 4
    pause: float = 1
    _parts: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._parts = urlsplit(self.address)

    # --- lire ---

    def vacancies(self, **filters: str) -> Iterator[Vacancy]:
        """Les logements libérés, du plus récent au plus ancien, page après page."""
        yield from self._pages("/vacancies/", filters)

    def vacancy(self, pk: int) -> tuple[Vacancy, str]:
        """Un logement libéré, et l’ETag de ce qui vient d’être lu."""
        found = self._ask("GET", f"/vacancies/{pk}/")
        return found.content, found.etag

    def explanation(self, pk: int) -> dict[str, Any]:
        """Pourquoi ce logement est allé là."""
        found: dict[str, Any] = self._ask("GET", f"/vacancies/{pk}/explanation/").content
        return found

    def units(self, **filters: str) -> Iterator[dict[str, Any]]:
        """Les logements du parc ; `reference` : celui de cette référence."""
        yield from self._pages("/units/", filters)

    def balance(self, siren: str, year: int) -> dict[str, Any]:
        """Un bilan annuel, par acte et par cohorte."""
        found: dict[str, Any] = self._ask("GET", f"/balances/{siren}/{year}/").content
        return found

    # --- agir ---

    def declare(
        self, *, unit: str, notice_on: date, available_on: date, key: str = "", confirmed: str = "", **more: Any
    ) -> Vacancy:
        """Enregistrer un congé. Problem « dates-a-confirmer » : `told["confirmation"]` se renvoie dans `confirmed`."""
        body = {
            "unit": unit,
            "notice_on": notice_on.isoformat(),
            "available_on": available_on.isoformat(),
            "confirmed": confirmed,
            **more,
        }
        made: Vacancy = self._ask("POST", "/vacancies/", body, key=key or str(uuid.uuid4())).content
        return made

    def confirm(self, pk: int, etag: str = "") -> Vacancy:
        """Suivre la recommandation ; `etag` : de ce qui a été lu, sinon de ce qui se lit maintenant."""
        return self._decide(f"/vacancies/{pk}/confirm/", pk, None, etag)

    def override(self, pk: int, *, holder: int, motive: str, motive_text: str, etag: str = "") -> Vacancy:
        """Orienter ailleurs, avec un motif que les réservataires liront."""
        body = {"holder": holder, "motive": motive, "motive_text": motive_text}
        return self._decide(f"/vacancies/{pk}/override/", pk, body, etag)

    def cancel(self, pk: int, *, reason: str, text: str, etag: str = "") -> Vacancy:
        """Annuler un congé retiré, ou déclaré par erreur."""
        return self._decide(f"/vacancies/{pk}/cancel/", pk, {"reason": reason, "text": text}, etag)

    def correct_unit(self, pk: int, **facts: Any) -> dict[str, Any]:
        """Compléter un logement du parc."""
        etag = self._ask("GET", f"/units/{pk}/").etag
        done = self._ask("PATCH", f"/units/{pk}/", facts, key=str(uuid.uuid4()), etag=etag)
        found: dict[str, Any] = done.content
        return found

    def _decide(self, path: str, pk: int, body: Any, etag: str) -> Vacancy:
        known = etag or self.vacancy(pk)[1]
        done: Vacancy = self._ask("POST", path, body, key=str(uuid.uuid4()), etag=known).content
        return done

    # --- le réseau ---

    def _pages(self, path: str, filters: Mapping[str, str]) -> Iterator[Any]:
        following: str | None = f"{path}?{urlencode(filters)}" if filters else path
        while following:
            page = self._ask("GET", following).content
            yield from page["results"]
            parts = urlsplit(page["next"] or "")
            following = f"{parts.path.removeprefix('/api/v1')}?{parts.query}" if page["next"] else None

    def _ask(self, method: str, path: str, body: Any = None, *, key: str = "", etag: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"If-Match": etag} if etag else {}
        content = None
        if body is not None:
            content, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        for attempt in range(1, self.tries + 1):
            wait = self.pause * 2**attempt
            try:
                status, told, name, asked = self._once(method, f"/api/v1{path}", content, headers)
            except (OSError, http.client.HTTPException):
                if attempt == self.tries or (method != "GET" and not key):
                    raise
            else:
                if status < 400:
                    return Answer(told, name)
                if status not in {429, 503} or attempt == self.tries:
                    raise Problem(told if isinstance(told, dict) else {}, status)
                wait = float(asked or wait)
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def _once(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, Any, str, str]:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._parts.hostname, self._parts.port, timeout=self.timeout)
        try:
            connection.request(method, path, content, dict(headers))
            answer = connection.getresponse()
            text = answer.read()
            told = json.loads(text) if text else None
            return answer.status, told, answer.headers.get("ETag", ""), answer.headers.get("Retry-After", "")
        finally:
            connection.close()


def verified(body: bytes, headers: Mapping[str, str], *secrets: str, now: float | None = None) -> dict[str, Any]:
    """Le fait que porte un envoi d’Équiflux (Standard Webhooks), une fois sa signature vérifiée.

    Gardez `headers["webhook-id"]` : le même identifiant est le même fait, s’il revient. ValueError s’il n’est pas signé
    par l’un de ces secrets, ou s’il date de plus de cinq minutes.
    """
    said = {name.lower(): value for name, value in headers.items()}
    moment = said.get("webhook-timestamp", "")
    if not moment.isdecimal() or abs((now or time.time()) - int(moment)) > 300:
        raise ValueError("Cet envoi n’est pas de maintenant.")
    signed = f"{said.get('webhook-id', '')}.{moment}.".encode() + body
    given = [each.removeprefix("v1,") for each in said.get("webhook-signature", "").split()]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(expected, each) for each in given):
            told: dict[str, Any] = json.loads(body)
            return told
    raise ValueError("Cet envoi n’est signé par aucun de vos secrets.")
