"""Acting through a token: once, whatever is lost on the way. The act, its journal and its kept answer are one
transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from flux.api.problems import Problem
from flux.wakeups import wake
from reservations.models import ApiCall, ApiToken
from reservations.models.wall import atomic

#: What a key may be: what any library draws.
LONGEST_KEY = 255

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "maxLength": LONGEST_KEY, "pattern": r"^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="Une clé que vous tirez pour cette demande : rejouée dans les 48 heures, elle reçoit la même réponse "
    "sans agir de nouveau ; avec un autre contenu, elle est refusée (422).",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "maxLength": 200},
    OpenApiParameter.HEADER,
    description="L’ETag de ce que vous avez lu : l’acte est refusé si cela a changé (412), ou sans lui (428).",
)


class AskedShape(serializers.Serializer[Any]):
    """What an act is asked with. A name that is none of its fields is refused: a slip would be taken for nothing."""

    def to_internal_value(self, data: Any) -> Any:
        """Raises ValidationError for an unknown name, as for a wrong value."""
        if isinstance(data, dict) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            raise ValidationError({name: [f"Champ inconnu. Champs : {', '.join(self.fields)}."] for name in unknown})
        return super().to_internal_value(data)


def asked(shape: type[AskedShape], request: Request) -> dict[str, Any]:
    """What was asked, checked. Raises ValidationError, field by field."""
    read = shape(data=request.data)
    read.is_valid(raise_exception=True)
    found: dict[str, Any] = read.validated_data
    return found


def once(request: Request, act: Callable[[], Response]) -> Response:
    """Do an act for a token; with an `Idempotency-Key` that was seen already, give its first answer again.

    Two requests with one key wait for each other. What is refused keeps nothing: its key may be sent again.
    Raises Problem when the key served for another request; ValidationError when it is no key.
    """
    token, key = request.auth, request.headers.get("Idempotency-Key", "")
    assert isinstance(token, ApiToken), "a session never acts"
    if len(key) > LONGEST_KEY or not key.isascii() or any(not "!" <= letter <= "~" for letter in key):
        raise ValidationError({"Idempotency-Key": ["Une clé a de 1 à 255 caractères simples, sans espace."]})
    return _done(token, key, request, act)


@atomic
def _done(token: ApiToken, key: str, request: Request, act: Callable[[], Response]) -> Response:
    path = request.get_full_path()[:200]
    call = ApiCall(token=token, method=request.method, path=path, key=key, asked=_digest(request))
    if key:
        ApiCall.objects.bulk_create([call], ignore_conflicts=True)
        call = ApiCall.objects.select_for_update(of=("self",)).get(token=token, key=key)
        if call.status is not None:
            return _again(call, request)
    response = act()
    call.status = response.status_code
    if key:
        call.answer = JSONRenderer().render(response.data).decode()
        call.headers = dict(response.headers)
    call.save()
    wake("flux.tell_software")
    return response


def replayed(request: Request) -> Response | None:
    """The answer that this token already had under this key; None otherwise. Asked before what may be done now: what
    was done then is answered, whatever became of the unit since.

    Raises Problem when the key served for another request.
    """
    token, key = request.auth, request.headers.get("Idempotency-Key", "")
    if not key or not isinstance(token, ApiToken):
        return None
    call = ApiCall.objects.filter(token=token, key=key, status__isnull=False).first()
    return _again(call, request) if call is not None else None


def _again(call: ApiCall, request: Request) -> Response:
    if call.asked != _digest(request):
        raise Problem("cle-reutilisee")
    return Response(
        json.loads(call.answer), status=call.status, headers={**call.headers, "Idempotency-Replayed": "true"}
    )


def _digest(request: Request) -> str:
    """The fingerprint of a request: the same for the same content, however its JSON is laid out."""
    content = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    text = "\n".join((request.method or "", request.get_full_path(), request.headers.get("If-Match", ""), content))
    return hashlib.sha256(text.encode()).hexdigest()
