"""How a refusal reads: a problem (RFC 9457), in French, whose `code` never changes.

`type` names the kind of problem, wherever the product runs; `title` says it in words, `detail` what to do now; `errors`
says which field, when one is at fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelRefused
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from flux.operations.decision import RoutingRefused
from flux.operations.vacancy_dates import DatesToConfirm
from reservations.refusals import Refusal

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, its title, and what is stated when nothing more precise is."""

    status: int
    title: str
    detail: str = ""


KINDS: Mapping[str, Kind] = {
    "demande-invalide": Kind(400, "Demande mal faite", "Corrigez ce que dit « errors », puis recommencez."),
    "contenu-illisible": Kind(
        400, "Contenu illisible", "Le contenu n’est pas du JSON (RFC 8259) : vérifiez-le, puis recommencez."
    ),
    "identification-requise": Kind(
        401,
        "Identification requise",
        "Connectez-vous d’abord : joignez un jeton en service (Authorization: Bearer …), ou ouvrez une session.",
    ),
    "interdit": Kind(403, "Acte qui n’est pas le vôtre", "Vous pouvez voir cela, mais pas le faire."),
    "jeton-requis": Kind(
        403, "Jeton requis", "Par l’API, on n’agit qu’avec un jeton : votre session lit, les écrans agissent."
    ),
    "droit-manquant": Kind(
        403, "Droit manquant", "Ce jeton n’a pas le droit demandé : votre organisation en crée un qui l’ait."
    ),
    "en-clair": Kind(
        403,
        "Demande en clair",
        "L’API ne répond qu’en HTTPS. Corrigez l’adresse, et révoquez le jeton qui vient de passer en clair.",
    ),
    "introuvable": Kind(
        404,
        "Introuvable",
        "Rien ici pour vous : cette adresse n’existe pas, ou ce qu’elle désigne ne vous concerne pas.",
    ),
    "methode-refusee": Kind(
        405, "Méthode refusée", "Cette adresse ne prend pas cette méthode : l’en-tête Allow dit lesquelles."
    ),
    "format-non-servi": Kind(406, "Format non servi", "Les réponses sont en JSON (application/json)."),
    "dates-a-confirmer": Kind(409, "Dates à confirmer"),
    "valeurs-a-confirmer": Kind(409, "Valeurs à confirmer"),
    "etat-incompatible": Kind(409, "État incompatible"),
    "etat-depasse": Kind(
        412,
        "État dépassé",
        "Cela a changé depuis votre lecture : relisez, puis décidez de nouveau avec le nouvel ETag.",
    ),
    "format-non-lu": Kind(415, "Format non lu", "Envoyez du JSON (Content-Type: application/json)."),
    "acte-refuse": Kind(422, "Acte refusé"),
    "cle-reutilisee": Kind(
        422,
        "Clé déjà utilisée",
        "Cette clé d’idempotence a servi à une autre demande : une nouvelle demande prend une nouvelle clé.",
    ),
    "etat-requis": Kind(
        428,
        "État requis",
        "Cet acte dépend d’un état : joignez-en l’ETag que vous avez lu (If-Match).",
    ),
    "trop-de-demandes": Kind(
        429, "Trop de demandes", "Trop de demandes : attendez le délai de l’en-tête Retry-After, puis recommencez."
    ),
}


class Problem(exceptions.APIException):
    """A refusal of ours, by its code. `more`: members that only this kind has."""

    def __init__(self, code: str, detail: str = "", **more: Any) -> None:
        super().__init__(detail=detail or KINDS[code].detail, code=code)
        self.status_code = KINDS[code].status
        self.code, self.more = code, more


#: The framework's own refusals, by their class.
OF_THE_FRAMEWORK: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.ParseError, "contenu-illisible"),
    (exceptions.AuthenticationFailed, "identification-requise"),
    (exceptions.NotAuthenticated, "identification-requise"),
    (exceptions.PermissionDenied, "interdit"),
    (PermissionDenied, "interdit"),
    (exceptions.NotFound, "introuvable"),
    (Http404, "introuvable"),
    (exceptions.MethodNotAllowed, "methode-refusee"),
    (exceptions.NotAcceptable, "format-non-servi"),
    (exceptions.UnsupportedMediaType, "format-non-lu"),
    (exceptions.Throttled, "trop-de-demandes"),
)


def refusal(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an error that is a refusal; None for any other, which is a fault of ours."""
    if isinstance(error, Problem):
        return _answer(error.code, str(error.detail), **error.more)
    if isinstance(error, Refusal):
        return _refused(error)
    if isinstance(error, exceptions.ValidationError):
        return _answer("demande-invalide", errors=list(_errors(error.detail)))
    if isinstance(error, ModelRefused):
        values = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return _answer("acte-refuse", "Corrigez ce que dit « errors ».", errors=list(_errors(values)))
    for kind, code in OF_THE_FRAMEWORK:
        if isinstance(error, kind):
            return _answer(code, headers=_headers(error))
    return None


def _refused(refused: Refusal) -> Response:
    """What an act says. Dates that may be true are confirmed by saying them again: `confirmation`."""
    errors = [{"field": refused.field, "detail": str(refused)}] if refused.field else []
    if isinstance(refused, DatesToConfirm):
        return _answer("dates-a-confirmer", str(refused), errors=errors)
    code = "etat-incompatible" if isinstance(refused, RoutingRefused) and not errors else "acte-refuse"
    return _answer(code, str(refused), errors=errors)


def _headers(error: Exception) -> dict[str, str]:
    found = {}
    if header := getattr(error, "auth_header", None):
        found["WWW-Authenticate"] = header
    if (wait := getattr(error, "wait", None)) is not None:
        found["Retry-After"] = str(max(1, ceil(wait)))
    return found


def _errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Every sentence of the framework's nest of errors, with the path of its field."""
    if isinstance(detail, Mapping):
        for name, inside in detail.items():
            own = "" if name == "non_field_errors" else str(name)
            yield from _errors(inside, f"{path}.{own}" if path and own else path or own)
    elif isinstance(detail, list | tuple):
        for place, inside in enumerate(detail):
            nested = isinstance(inside, Mapping | list | tuple)
            yield from _errors(inside, f"{path}.{place}" if nested and path else path)
    else:
        yield {"field": path, "detail": str(detail)}


def _answer(code: str, detail: str = "", *, headers: dict[str, str] | None = None, **more: Any) -> Response:
    return Response(written(code, detail, **more), status=KINDS[code].status, headers=headers, content_type=MEDIA_TYPE)


def written(code: str, detail: str = "", **more: Any) -> dict[str, Any]:
    """A problem as its JSON."""
    kind = KINDS[code]
    problem = {
        "type": f"urn:equiflux:probleme:{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.detail,
        "code": code,
    }
    return problem | {name: value for name, value in more.items() if value}
