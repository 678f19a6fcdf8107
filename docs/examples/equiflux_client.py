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
from typing import Any, NotRequired, TypedDict
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


class Candidate(TypedDict):
    """Un candidat, par son numéro ici : jamais son nom."""

    id: int
    vacancy: int
    position: int
    status: str
    since: str
    proposer: str


class Steps(Candidate):
    """Et ce qui lui est arrivé ; nul, ce qui n’est pas arrivé."""

    decision: dict[str, Any] | None
    offer: dict[str, Any] | None
    lease_signed_on: str | None
    ended_why: str | None


class Unit(TypedDict):
    """Ce que la fiche d’un logement dit toujours ; le document OpenAPI dit le reste."""

    id: int
    reference: str
    rpls_id: str
    programme: dict[str, Any]
    address: str
    typology: str
    financing_code: str


class Programme(TypedDict):
    id: int
    name: str
    commune: dict[str, str]
    delivered_on: str | None
    expected_units: int | None
    allotment_agreed_on: str | None


class AgendaItem(TypedDict):
    """Un logement à l’ordre du jour ; seul, il dit aussi ses dossiers (cases) et qui vote (voters)."""

    id: int
    session: int
    session_day: str
    session_state: str
    remote: bool
    position: int
    vacancy: int
    state: str
    cases: NotRequired[list[dict[str, Any]]]
    voters: NotRequired[list[dict[str, Any]]]


class Problem(Exception):
    """Un refus (RFC 9457)."""

    def __init__(self, values: Mapping[str, Any], status: int) -> None:
        super().__init__(str(values.get("detail", f"Réponse {status}")))
        self.status, self.told = status, values
        self.code = str(values.get("code", ""))
        self.errors: list[dict[str, str]] = list(values.get("errors", []))


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
        return dict(self._read(f"/vacancies/{pk}/explanation/"))

    def why_not(self, pk: int, holder: int) -> dict[str, Any]:
        """Pourquoi ce logement n’est pas allé à ce réservataire."""
        return dict(self._read(f"/vacancies/{pk}/why-not/{holder}/"))

    def units(self, **filters: str) -> Iterator[Unit]:
        """Les logements du parc ; `reference` : celui de cette référence."""
        yield from self._pages("/units/", filters)

    def unit(self, pk: int) -> tuple[Unit, str]:
        """Un logement du parc, et son ETag."""
        found = self._ask("GET", f"/units/{pk}/")
        return found.content, found.etag

    def programmes(self, **filters: str) -> Iterator[Programme]:
        """Les programmes ; `commune` : ceux de ce code INSEE."""
        yield from self._pages("/programmes/", filters)

    def programme(self, pk: int) -> tuple[Programme, str]:
        """Un programme, et son ETag."""
        found = self._ask("GET", f"/programmes/{pk}/")
        return found.content, found.etag

    def candidates(self, vacancy: int) -> Iterator[Candidate]:
        """Les candidats d’un logement libéré, par leur numéro."""
        yield from self._pages(f"/vacancies/{vacancy}/candidates/", {})

    def candidate(self, pk: int) -> tuple[Steps, str]:
        """Un candidat et ses étapes, et son ETag."""
        found = self._ask("GET", f"/candidates/{pk}/")
        return found.content, found.etag

    def agenda_items(self, **filters: str) -> Iterator[AgendaItem]:
        """Les logements à l’ordre du jour des commissions ; `session`, `vacancy`."""
        yield from self._pages("/agenda-items/", filters)

    def agenda_item(self, pk: int) -> tuple[AgendaItem, str]:
        """Un logement à l’ordre du jour, ses dossiers et qui vote, et son ETag."""
        found = self._ask("GET", f"/agenda-items/{pk}/")
        return found.content, found.etag

    def ledgers(self) -> Iterator[dict[str, Any]]:
        """Les comptes que votre organisation peut lire."""
        yield from self._pages("/ledgers/", {})

    def account(self, ledger: int, on: date | None = None) -> dict[str, Any]:
        """Un compte à une date, aujourd’hui sans date."""
        return dict(self._read(f"/ledgers/{ledger}/account/" + (f"?on={on.isoformat()}" if on else "")))

    def balances(self) -> list[dict[str, Any]]:
        """Les bilans annuels que votre organisation peut lire."""
        return list(self._read("/balances/"))

    def balance(self, siren: str, year: int) -> dict[str, Any]:
        """Un bilan annuel, par acte et par cohorte."""
        return dict(self._read(f"/balances/{siren}/{year}/"))

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
        made: Vacancy = self._act("/vacancies/", body, key=key)
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

    def resume(self, pk: int, etag: str = "") -> Vacancy:
        """Remettre en location, au même congé : travaux finis, ou vacance technique."""
        return self._decide(f"/vacancies/{pk}/resume/", pk, {}, etag)

    def outcome(self, pk: int, *, outcome: str, etag: str = "", **facts: Any) -> Vacancy:
        """Dire la suite d’un logement suivi ailleurs : ANSWERED, ALLOCATED, LEASED (`on`), ou UNDONE (`why`)."""
        return self._decide(f"/vacancies/{pk}/outcome/", pk, {"outcome": outcome, **facts}, etag)

    def add_candidate(self, vacancy: int, *, number: str, name: str, key: str = "", **facts: Any) -> Candidate:
        """Préparer un candidat : le bailleur ne le voit qu’une fois transmis."""
        body = {"number": number, "name": name, **facts}
        made: Candidate = self._act(f"/vacancies/{vacancy}/candidates/", body, key=key)
        return made

    def send_candidates(self, vacancy: int, *, key: str = "", **exemption: str) -> list[Candidate]:
        """Transmettre les candidats préparés."""
        return list(self._act(f"/vacancies/{vacancy}/candidates/send/", exemption, key=key))

    def instruct(self, pk: int, *, etag: str = "", **facts: Any) -> Steps:
        """Dire un dossier instruit, avec les faits vérifiés."""
        return self._step(pk, "instruct", facts, etag)

    def withdraw(self, pk: int, *, reason: str, text: str = "", etag: str = "") -> Steps:
        """Arrêter une candidature."""
        return self._step(pk, "withdraw", {"reason": reason, "text": text}, etag)

    def offer(self, pk: int, *, answer_by: date | None = None, etag: str = "") -> Steps:
        """Envoyer l’offre au candidat dont c’est le tour ; le délai de la loi si rien n’est dit."""
        return self._step(pk, "offer", {"answer_by": answer_by}, etag)

    def answer(self, pk: int, *, accepted: bool, answered_on: date, etag: str = "", **why: str) -> Steps:
        """Enregistrer la réponse à l’offre ; refusée, son motif (`reason`, `text`)."""
        return self._step(pk, "answer", {"accepted": accepted, "answered_on": answered_on, **why}, etag)

    def document(self, pk: int, *, received_on: date, etag: str = "") -> Steps:
        """Enregistrer la pièce qui levait une condition."""
        return self._step(pk, "document", {"received_on": received_on}, etag)

    def sign_lease(self, pk: int, *, signed_on: date, etag: str = "") -> Steps:
        """Enregistrer le bail."""
        return self._step(pk, "lease", {"signed_on": signed_on}, etag)

    def undo_lease(self, pk: int, *, why: str, etag: str = "") -> Steps:
        """Annuler un bail enregistré par erreur."""
        return self._step(pk, "lease/undo", {"why": why}, etag)

    def decide(self, pk: int, *, cases: list[dict[str, Any]], votes: Mapping[int, str], etag: str = "") -> AgendaItem:
        """Enregistrer les voix et les décisions d’un logement, notées en séance ; `votes` : par membre, FOR, AGAINST ou
        ABSTAIN. Le jeton est celui d’un secrétaire de la commission."""
        body = {"cases": cases, "votes": [{"member": who, "choice": choice} for who, choice in votes.items()]}
        done: AgendaItem = self._act(f"/agenda-items/{pk}/decide/", body, read=f"/agenda-items/{pk}/", etag=etag)
        return done

    def create_unit(
        self, *, programme: int, rooms: int, financing_code: str, street: str, key: str = "", **facts: Any
    ) -> Unit:
        """Créer un logement d’un programme, avant que le RPLS le connaisse."""
        body = {"programme": programme, "rooms": rooms, "financing_code": financing_code, "street": street, **facts}
        made: Unit = self._act("/units/", body, key=key)
        return made

    def correct_unit(self, pk: int, *, etag: str = "", **facts: Any) -> Unit:
        """Compléter un logement du parc."""
        done: Unit = self._act(f"/units/{pk}/", facts, read=f"/units/{pk}/", etag=etag, method="PATCH")
        return done

    def create_programme(
        self, *, name: str, commune: str, delivered_on: date, expected_units: int, key: str = ""
    ) -> Programme:
        """Enregistrer un programme neuf ; `commune` : son code INSEE."""
        body = {"name": name, "commune": commune, "delivered_on": delivered_on, "expected_units": expected_units}
        made: Programme = self._act("/programmes/", body, key=key)
        return made

    def plan_programme(self, pk: int, *, etag: str = "", **plan: Any) -> Programme:
        """Dire la livraison d’un programme : `delivered_on`, `expected_units`."""
        done: Programme = self._act(f"/programmes/{pk}/", plan, read=f"/programmes/{pk}/", etag=etag, method="PATCH")
        return done

    def create_units(
        self, programme: int, *, count: int, rooms: int, financing_code: str, street: str, key: str = "", **facts: Any
    ) -> list[str]:
        """Créer des logements semblables d’un programme : leurs références."""
        body = {"count": count, "rooms": rooms, "financing_code": financing_code, "street": street, **facts}
        return list(self._act(f"/programmes/{programme}/units/", body, key=key)["references"])

    def _decide(self, path: str, pk: int, body: Any, etag: str) -> Vacancy:
        done: Vacancy = self._act(path, body, read=f"/vacancies/{pk}/", etag=etag)
        return done

    def _step(self, pk: int, act: str, body: dict[str, Any], etag: str) -> Steps:
        values = {name: value for name, value in body.items() if value not in (None, "")}
        done: Steps = self._act(f"/candidates/{pk}/{act}/", values, read=f"/candidates/{pk}/", etag=etag)
        return done

    # --- une demande ---

    def _read(self, path: str) -> Any:
        return self._ask("GET", path).content

    def _act(self, path: str, body: Any, *, read: str = "", etag: str = "", key: str = "", method: str = "POST") -> Any:
        """Un acte, une fois ; `read` : ce dont il dépend, relu quand `etag` n’est pas donné."""
        known = etag or (self._ask("GET", read).etag if read else "")
        return self._ask(method, path, body, key=key or str(uuid.uuid4()), etag=known).content

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
            content, headers["Content-Type"] = json.dumps(body, default=str).encode(), "application/json"
        for attempt in range(1, self.tries + 1):
            wait = self.pause * 2**attempt
            try:
                status, result, name, asked = self._once(method, f"/api/v1{path}", content, headers)
            except (OSError, http.client.HTTPException):
                if attempt == self.tries or (method != "GET" and not key):
                    raise
            else:
                if status < 400:
                    return Answer(result, name)
                if status not in {429, 503} or attempt == self.tries:
                    raise Problem(result if isinstance(result, dict) else {}, status)
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
            payload = json.loads(text) if text else None
            return answer.status, payload, answer.headers.get("ETag", ""), answer.headers.get("Retry-After", "")
        finally:
            connection.close()


def verified(body: bytes, headers: Mapping[str, str], *secrets: str, now: float | None = None) -> dict[str, Any]:
    """Le fait que porte un envoi d’Équiflux (Standard Webhooks), une fois sa signature vérifiée.

    Gardez `headers["webhook-id"]` : le même identifiant est le même fait, s’il revient. ValueError s’il n’est pas signé
    par l’un de ces secrets, ou s’il date de plus de cinq minutes.
    """
    by_key = {name.lower(): value for name, value in headers.items()}
    moment = by_key.get("webhook-timestamp", "")
    if not moment.isdecimal() or abs((now or time.time()) - int(moment)) > 300:
        raise ValueError("Cet envoi n’est pas de maintenant.")
    signed = f"{by_key.get('webhook-id', '')}.{moment}.".encode() + body
    given = [each.removeprefix("v1,") for each in by_key.get("webhook-signature", "").split()]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(expected, each) for each in given):
            values: dict[str, Any] = json.loads(body)
            return values
    raise ValueError("Cet envoi n’est signé par aucun de vos secrets.")
