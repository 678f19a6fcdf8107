"""Documentation.

* How software speaks with the product: the page of the API, for whoever writes that software.
* Its examples are requests as they are sent, and the tests send them (`tests/flux/api/test_documentation.py`). What
  an example takes from the answer before it is written {id}, {etag} and {programme}.
* The API, described for machines (OpenAPI 3.1), from the views themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from flux.api.door import MemberView
from flux.api.problems import KINDS, MEDIA_TYPE
from flux.models import WebhookEvent
from reservations.http import MemberRequest
from reservations.models import ApiToken
from reservations.pages.table import Rows, Shown, Table

ROOT = "/api/v1"


@dataclass(frozen=True, slots=True)
class Example:
    """A request as it is sent: what it is for, and the status that it is answered with."""

    key: str
    title: str
    note: str
    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None = None

    @property
    def text(self) -> str:
        """The request as the network has it, but for its host."""
        headers = {"Authorization": "Bearer eqf_…", **self.headers}
        content = ""
        if self.body is not None:
            headers |= {"Content-Type": "application/json"}
            content = "\n\n" + json.dumps(self.body, ensure_ascii=False, indent=2)
        lines = (f"{name}: {value}" for name, value in headers.items())
        return "\n".join((f"{self.method} {ROOT}{self.path} HTTP/1.1", *lines)) + content


def examples(today: date) -> list[Example]:
    """In the order in which a landlord's software meets them, dated of the day they are read."""
    notice = {
        "unit": "RH-01-001",
        "kind": "IN_FLOW",
        "notice_on": today.isoformat(),
        "available_on": (today + timedelta(days=30)).isoformat(),
    }
    key = {"Idempotency-Key": "conge-2026-000123"}
    return [
        Example(
            "conge",
            "Enregistrer un congé",
            "Le logement se nomme par votre référence. La réponse donne le logement libéré, son adresse (Location) et "
            "son ETag.",
            "POST",
            "/vacancies/",
            201,
            key,
            notice,
        ),
        Example(
            "rejouer",
            "La réponse s’est perdue : renvoyer la même demande",
            "Même clé, même contenu : rien n’est fait de nouveau, la première réponse revient.",
            "POST",
            "/vacancies/",
            201,
            key,
            notice,
        ),
        Example(
            "lire",
            "Lire où il en est",
            "« status » dit s’il attend (waiting), s’il est à confirmer (to_confirm), ou s’il est orienté (routed).",
            "GET",
            "/vacancies/{id}/",
            200,
            {},
        ),
        Example(
            "suivre",
            "Suivre la recommandation",
            "Sur ce qui vient d’être lu : l’ETag de la réponse d’avant. Trop tôt, rien n’étant encore recommandé, la "
            "réponse est un refus qui le dit.",
            "POST",
            "/vacancies/{id}/confirm/",
            409,
            {"If-Match": "{etag}"},
        ),
        Example(
            "ancien",
            "Un congé d’une autre année",
            "Il n’est jamais pris en silence : « confirmation », dans le refus, se renvoie dans « confirmed ».",
            "POST",
            "/vacancies/",
            409,
            {},
            {**notice, "unit": "RH-01-002", **dict.fromkeys(("notice_on", "available_on"), f"{today.year - 1}-06-03")},
        ),
        Example(
            "annuler",
            "Le locataire a retiré son congé",
            "Ce que le logement avait donné aux comptes est repris.",
            "POST",
            "/vacancies/{id}/cancel/",
            200,
            {"If-Match": "{etag}"},
            {"reason": "NOTICE_WITHDRAWN", "text": "Le locataire reste."},
        ),
        Example(
            "parc",
            "Retrouver un logement par sa référence",
            "« id » le nomme ensuite ; sa fiche, à son adresse, porte l’ETag que demande sa correction.",
            "GET",
            "/units/?reference=RH-01-001",
            200,
            {},
        ),
        Example(
            "creer",
            "Créer un logement d’un programme neuf",
            "Avant que le RPLS le connaisse : « programme » est le numéro que donnent ses logements.",
            "POST",
            "/units/",
            201,
            {"Idempotency-Key": "logement-2026-4021"},
            {
                "programme": "{programme}",
                "rooms": 3,
                "financing_code": "13",
                "number": "4",
                "street": "rue Voltaire",
                "reference": "RH-01-003",
            },
        ),
        Example(
            "programme",
            "Enregistrer un programme neuf",
            "Avant que ses logements existent ; « id » le nomme ensuite.",
            "POST",
            "/programmes/",
            201,
            {"Idempotency-Key": "programme-2026-17"},
            {
                "name": "Les Tilleuls",
                "commune": "11262",
                "delivered_on": (today + timedelta(days=120)).isoformat(),
                "expected_units": 24,
            },
        ),
        Example(
            "livraison",
            "Sa livraison a changé",
            "Sur ce qui vient d’être lu ou reçu : l’ETag de la réponse d’avant.",
            "PATCH",
            "/programmes/{id}/",
            200,
            {"If-Match": "{etag}"},
            {"expected_units": 26},
        ),
        Example(
            "logements",
            "Créer ses logements, semblables",
            "Chacun reçoit une référence, à remplacer par la vôtre.",
            "POST",
            "/programmes/{id}/units/",
            201,
            {"Idempotency-Key": "logements-2026-17-1"},
            {"count": 3, "rooms": 3, "financing_code": "13", "number": "4", "street": "rue Voltaire"},
        ),
        Example(
            "seance",
            "Lire l’ordre du jour des commissions",
            "Chaque logement, à son adresse, dit ses dossiers et qui vote ; le secrétariat y enregistre les voix.",
            "GET",
            "/agenda-items/?page_size=20",
            200,
            {},
        ),
        Example(
            "liste",
            "Lire la suite des logements libérés",
            "« next » donne l’adresse de la page suivante ; nul, il n’y en a plus.",
            "GET",
            "/vacancies/?status=to_confirm&page_size=100",
            200,
            {},
        ),
    ]


@login_not_required
@require_safe
def documentation(request: MemberRequest) -> HttpResponse:
    """Open to everybody: it reports no data, and whoever writes the software may have no account."""
    context = {
        "examples": examples(timezone.localdate()),
        "tables": [scope_table(), fact_table(), problem_table()],
    }
    return render(request, "flux/documentation.html", context)


def scope_table() -> Table:
    """What a token may be let do."""
    return Rows(
        ApiToken.Scope.choices, Shown("Code", lambda each: each[0]), Shown("Ce qu’il permet", lambda each: str(each[1]))
    ).titled("droits", "Les droits d’un jeton", "Donnez-en le moins possible.")


def fact_table() -> Table:
    """What software may be notified of."""
    return Rows(
        WebhookEvent.Kind.choices,
        Shown("type", lambda each: each[0]),
        Shown("Ce qui arrive", lambda each: str(each[1])),
    ).titled("faits", "Les faits annoncés", "Ceux que votre organisation peut voir.")


def problem_table() -> Table:
    """Every refusal, by the code that software reads."""
    return Rows(
        KINDS.items(),
        Shown("Code", lambda each: each[0]),
        Shown("Statut", lambda each: str(each[1].status)),
        Shown("Ce que c’est", lambda each: each[1].title),
    ).titled(
        "refus",
        "Les refus",
        "Chacun est un problème (RFC 9457, application/problem+json) : code ne change jamais, detail dit quoi faire, "
        "errors nomme les champs.",
    )


class SessionOfTheScreens(SessionScheme):
    """Our way in, described as the cookie that it is."""

    target_class = "flux.api.session.Session"
    priority = 1


class TokenOfSoftware(OpenApiAuthenticationExtension):
    """The other way in, for software."""

    target_class = "flux.api.session.Token"
    name = "jeton"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """As OpenAPI names it."""
        return {"type": "http", "scheme": "bearer", "description": "Un jeton de votre organisation."}


class Schema(MemberView, SpectacularJSONAPIView):
    """The OpenAPI document, written from the views themselves. It reports no data: everybody reads it."""

    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        answer: Response = self._get_schema_response(request)
        return answer


def document() -> str:
    """The same, as it is kept in docs/openapi.json, to the byte."""
    return json.dumps(SchemaGenerator().get_schema(public=True), ensure_ascii=False, indent=1) + "\n"


class Moved(HttpResponsePermanentRedirect):
    """For good, and with the same method."""

    status_code = 308


@login_not_required
@require_safe
def moved(request: HttpRequest, rest: str) -> HttpResponse:
    """Where the API was before it had a version: what was read there is read under the first one."""
    query = request.META.get("QUERY_STRING", "")
    return Moved(f"/api/v1/{rest}{'?' if query else ''}{query}")


PROBLEM = {
    "type": "object",
    "description": "Un refus (RFC 9457) : `code` ne change jamais, `detail` dit quoi faire.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": [*KINDS, "erreur-interne", "indisponible"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["field", "detail"],
            },
        },
        "confirmation": {
            "type": "string",
            "description": "À renvoyer dans `confirmed` : dates-a-confirmer, valeurs-a-confirmer.",
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
}

#: What any address may answer, then what an act may, then one that depends on a state.
ALWAYS = (400, 401, 403, 404, 405, 406, 429, 503)
ACTING = (409, 415, 422)
ON_A_STATE = (412, 428)

DESCRIBED = {
    **{kind.status: kind.title for kind in reversed(list(KINDS.values()))},
    422: "Acte refusé, ou clé d’idempotence déjà utilisée",
    409: "État incompatible, ou dates à confirmer",
    503: "Rien n’est fait : la base est occupée, absente ou trop chargée (detail). Recommencez après Retry-After",
}
ETAG = {"ETag": {"description": "Le nom de cette représentation.", "schema": {"type": "string"}}}


def with_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add to each operation every refusal that it may answer, and to what is asked, that it takes nothing else."""
    shapes = result["components"]["schemas"]
    shapes["Probleme"] = PROBLEM
    for name, shape in shapes.items():
        if name.endswith("Input"):
            shape["additionalProperties"] = False
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Probleme"}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            headers = {each["name"] for each in operation.get("parameters", []) if each["in"] == "header"}
            statuses = [*ALWAYS, *(ACTING if method != "get" else ()), *(ON_A_STATE if "If-Match" in headers else ())]
            for status in statuses:
                operation["responses"].setdefault(str(status), {"description": DESCRIBED[status], "content": content})
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    answer["description"] = answer["description"] or "Fait."
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return result
