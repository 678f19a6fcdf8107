"""Who asked for what: a line a request, written by gunicorn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from gunicorn.glogging import Logger

from config.client_address import client_address_in
from config.request_identifier import IN_ENVIRON

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
