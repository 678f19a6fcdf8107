"""Request identifier.

* The identifier of a request: in every line that it writes, in the tasks that it orders, in its answer.
* Who asked for what: a line a request, written by gunicorn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response
from django_structlog.middlewares import RequestMiddleware
from gunicorn.glogging import Logger

from config.networks import client_address_in

HEADER = "X-Request-ID"
IN_ENVIRON = "equiflux.request_id"


class RequestIdentifier(RequestMiddleware):
    """Draws an identifier for each request (what a client sends is not believed) and says it in the answer.

    A person who meets an error reads it on the page (« référence de l’incident »); the operator finds every line of
    that request by it, and those of the tasks ordered meanwhile.
    """

    def prepare(self, request: HttpRequest) -> None:
        """Draw it, and keep it on the request: a task run meanwhile in this very process has a context of its own."""
        super().prepare(request)
        request.META[IN_ENVIRON] = structlog.contextvars.get_contextvars()["request_id"]

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Name the answer, write the line of one that refuses or fails (Django would once all is forgotten, without the
        identifier), then forget: the next request of this thread is another."""
        response.headers[HEADER] = request.META[IN_ENVIRON]
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        super().handle_response(request, response)

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Without what was searched."""
        return f"{request.method} {request.path}"


_lines = structlog.stdlib.get_logger("gunicorn.access")


class AccessLog(Logger):
    """Method, path, status, bytes, time, the client's own address behind our proxy, the identifier of the request.

    Without what was searched: it may be a numéro unique.
    """

    def access(self, resp: Any, req: Any, environ: Mapping[str, Any], request_time: timedelta) -> None:
        """Called by gunicorn once the answer is sent."""
        path = str(environ.get("RAW_URI", "")).partition("?")[0]  # as it came: no line is broken by what it holds
        status = str(resp.status).partition(" ")[0]
        identifier = environ.get(IN_ENVIRON)  # none for a static file
        _lines.info(
            f"{environ.get('REQUEST_METHOD')} {path} {status}",
            address=client_address_in(environ),
            bytes=resp.sent,
            milliseconds=request_time // timedelta(milliseconds=1),
            **({"request_id": identifier} if identifier else {}),
        )
