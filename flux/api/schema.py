"""The API, described for machines (OpenAPI 3.1), from the views themselves."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
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


class SessionOfTheScreens(SessionScheme):
    """Our way in, told as the cookie that it is."""

    target_class = "flux.api.session.Session"
    priority = 1


class TokenOfSoftware(OpenApiAuthenticationExtension):
    """The other way in, for software."""

    target_class = "flux.api.token.Token"
    name = "jeton"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """As OpenAPI names it."""
        return {"type": "http", "scheme": "bearer", "description": "Un jeton de votre organisation."}


class Schema(MemberView, SpectacularJSONAPIView):
    """The OpenAPI document, written from the views themselves. It tells of no data: everybody reads it."""

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

TOLD = {
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
                operation["responses"].setdefault(str(status), {"description": TOLD[status], "content": content})
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    answer["description"] = answer["description"] or "Fait."
            operation["responses"] = dict(sorted(operation["responses"].items()))
    return result
