"""A database that restarts is a page « réessayez dans un instant », not an error of ours (addresses: `handler500`)."""

import logging
import sys
from collections.abc import Iterator

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template import loader
from django.views import defaults

from reservations.retries import HELD

logger = logging.getLogger(__name__)

RETRY_AFTER = 5  # seconds; a server that is restarted is back by then
SENTENCE = "La base de données ne répond pas ; sans doute redémarre-t-elle. Réessayez dans un instant."
FULL = (
    "La base de données n’a plus de place : elle se lit, mais n’enregistre plus rien tant que l’administrateur "
    "d’Équiflux n’a pas agrandi ou libéré son disque."
)
CROWDED = "La base de données a plus à faire qu’elle ne peut. Réessayez dans un instant."
BUSY = (
    "Occupé : quelqu’un d’autre enregistre au même endroit, et rien de ce que vous demandez n’est fait. Réessayez dans "
    "un instant."
)
LONG = (
    "Cette page demande trop à la base de données : choisissez une seule année, un seul bailleur ou un territoire plus "
    "petit, puis recommencez."
)
TITLES = {FULL: "Rien ne s’enregistre pour l’instant", LONG: "Trop à lire d’un coup", BUSY: "Occupé, réessayez"}
NOT_SET = (
    "DATABASE_URL manque : sans base de données, aucune page ne répond. Lancez ./run demo, ou donnez DATABASE_URL, "
    "REDIS_URL et SECRET_KEY (README, « En production »)."
)
OURS = "Erreur de notre côté. Si elle revient, prévenez l’administrateur d’Équiflux en donnant l’heure."

REFUSED = "Le site ne sait pas lire cette demande, ou ne se connaît pas sous cette adresse : vérifiez l’une et l’autre."

#: What PostgreSQL says when it is the server that fails, not the statement: connection lost, no room left, shutting
#: down, not yet started, disk (PostgreSQL, appendix A). No code at all: the server could not even be reached.
CLASSES = ("08", "53")
CODES = {"57P01", "57P02", "57P03", "57P05", "58030"}


def database_is_set() -> bool:
    """Whether a database was named at all."""
    return "dummy" not in settings.DATABASES["default"]["ENGINE"]


#: What it says of a statement that it stops because it takes too long (`config.database.limit_statements`).
STOPPED = "57014"


def is_passing(error: BaseException | None) -> bool:
    """Whether it is answered 503: the database is away, it stopped what asked too much of it, a lock did not come in
    time, or it undid an act that crossed another, again and again (`reservations.models.wall`)."""
    return is_outage(error) or sqlstate(error) in (STOPPED, *HELD)


def is_outage(error: BaseException | None) -> bool:
    """Whether the database could not be reached, or hung up: the same request may succeed in a moment."""
    return any(_hung_up(one) for one in _chain(error))


def sqlstate(error: BaseException | None) -> str | None:
    """What PostgreSQL calls the first error of the chain that has a code (53100: disk full); None when none has."""
    return next((one.sqlstate for one in _chain(error) if isinstance(one, psycopg.Error) and one.sqlstate), None)


def _sentence(error: BaseException | None) -> str:
    """What to say: a server without room, or with too many at its door, does not restart."""
    if not database_is_set():
        return NOT_SET
    code = sqlstate(error) or ""
    if code == STOPPED:
        return LONG
    if code in HELD:
        return BUSY
    return FULL if code == "53100" else CROWDED if code.startswith("53") else SENTENCE


def _hung_up(error: BaseException) -> bool:
    if isinstance(error, OperationalError | InterfaceError):
        cause = error.__cause__
        code = cause.sqlstate if isinstance(cause, psycopg.Error) else None
        return code is None or code[:2] in CLASSES or code in CODES
    return isinstance(error, ImproperlyConfigured) and not database_is_set()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those it was raised from or meanwhile; `from None` says that it has nothing to do with them."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400; or 503 when what could not be saved is the session, for want of a database."""
    if is_outage(exception):
        return unavailable(request, exception)
    return (
        _json_answer("demande-invalide", "Demande mal faite", REFUSED, 400)
        if _is_api(request)
        else defaults.bad_request(request, exception)
    )


def server_error(request: HttpRequest) -> HttpResponseBase:
    """500; or 503 when the database does not answer, stopped a page that asked too much of it, undid an act, or
    had it wait too long for another."""
    error = sys.exc_info()[1]
    if is_passing(error):
        return unavailable(request, error)
    return (
        _json_answer("erreur-interne", "Erreur de notre côté", OURS, 500)
        if _is_api(request)
        else defaults.server_error(request)
    )


def _json_answer(code: str, title: str, sentence: str, status: int) -> JsonResponse:
    """A problem (RFC 9457), as the API itself says its refusals."""
    problem = {
        "type": f"urn:equiflux:probleme:{code}",
        "title": title,
        "status": status,
        "detail": sentence,
        "code": code,
    }
    return JsonResponse(
        problem, status=status, json_dumps_params={"ensure_ascii": False}, content_type="application/problem+json"
    )


def unavailable(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """503 and when to come back: a page, a sentence for htmx, or a problem for the API."""
    logger.error("The database could not answer %s %s: %s", request.method, request.path, error)
    sentence = _sentence(error)
    if _is_api(request):
        response: HttpResponse = _json_answer("indisponible", "Indisponible", sentence, 503)
    elif request.headers.get("HX-Request"):
        response = HttpResponse(loader.render_to_string("unavailable_part.html", {"sentence": sentence}))
    else:
        asked_only = request.method in {"GET", "HEAD"}
        passes = sentence in {SENTENCE, CROWDED, BUSY}  # by itself, in a moment
        context = {
            "sentence": sentence,
            "again_in": RETRY_AFTER if asked_only and passes else None,
            "title": TITLES.get(sentence, "Réessayez dans un instant"),
        }
        response = HttpResponse(loader.render_to_string("503.html", {**context, "asked_only": asked_only}))
    response.status_code = 503
    response.headers["Retry-After"] = str(RETRY_AFTER)
    response.headers["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # in one line, above, rather than in forty
    return response


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
