"""Answers.

* What every answer keeps to, whatever the view: a HEAD leaves nothing behind, a page with names is kept by nobody.
* The year of an exercise, in an address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any, cast

from django.conf import settings
from django.contrib.messages.storage import default_storage
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.middleware.gzip import GZipMiddleware
from django.urls.converters import IntConverter

from flux.api.problems import MEDIA_TYPE, written

View = Callable[..., HttpResponseBase]


class ApiNeverInClear:
    """Software that speaks plain HTTP to the API is refused, not led to HTTPS (OWASP ASVS 5.0, 4.1.2): redirected, it
    would go on giving its token in clear, and nobody would notice. Before the redirection of pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure() and request.path.startswith("/api/"):
            return JsonResponse(written("en-clair"), status=403, content_type=MEDIA_TYPE)
        return self.get_response(request)


class HeadReadsNothing:
    """A HEAD answers what a GET would, and what the view wrote is undone: nobody opened the file nor took it.

    So is what it took from the session and from the messages that wait, which are written after it.
    Last in the chain, for a HEAD to be refused where a GET is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, arguments: Sequence[Any], named: Mapping[str, Any]
    ) -> HttpResponseBase | None:
        """Call the view here, in a transaction that is taken back. Whoever is not signed in writes nothing."""
        if request.method != "HEAD" or not request.user.is_authenticated:
            return None
        session = deepcopy(request.session)
        with transaction.atomic():
            response = view(request, *arguments, **named)
            transaction.set_rollback(True)
        session.accessed = True  # as after a GET: the answer depends on the cookie
        request.session = session
        cast("Any", request)._messages = default_storage(request)
        return response


class AsksForNoDevice:
    """`Permissions-Policy` on every answer, health and metrics included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        return response


class KeptByNobody:
    """`Cache-Control: no-store` on whatever is answered within a session, files, refusals and errors included.

    Shared computers, proxies and the « back » button after sign-out have nothing to show. Known by the cookie alone:
    the page that says that the database is away is one of those answers. Public pages and static files name nobody.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response.headers["Cache-Control"] = "no-store"
        return response


class CompressedPages(GZipMiddleware):
    """Pages are compressed for whoever takes gzip, with a padding of random length (docs/decisions/0142). Workbooks,
    PDF and static files are compressed already, and a file written as its rows are read goes out as it is.

    Outside whatever reads or writes a body; inside the static files, which have their own compression.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leave what is no page as it is."""
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class HeadHasNoBody:
    """A HEAD answers the headers of a GET, its length included, and not one byte more (RFC 9110, 9.3.2).

    First in the chain, so that pages of errors and the answers of health are emptied too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.method == "HEAD":
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = ()
            elif isinstance(response, HttpResponse):
                response.headers.setdefault("Content-Length", str(len(response.content)))
                response.content = b""
        return response


#: Reservations in flow are of this century; past these years no day can be computed nor stored.
FIRST, LAST = 2000, 2100


class YearConverter(IntConverter):
    """Four digits, from FIRST to LAST; any other year is no address (404)."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        """Raises ValueError, which makes the address unknown."""
        year = super().to_python(value)
        if not FIRST <= year <= LAST:
            raise ValueError(f"no exercise {year}")
        return year
