"""What the web server, the worker, the clock and the commands write down: one line an event, without anybody's data.

A line holds the identifier of the request that it comes from, through the tasks that the request ordered. It is JSON
when `LOG_FORMAT=json`, and one reads it otherwise. What PostgreSQL says of the values it refuses, e-mail addresses,
numéros uniques and what was searched are left out of it, exceptions included.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

ELLIPSIS = "…"

#: What PostgreSQL adds to a refusal holds the row itself: « DETAIL: Key (email)=(…) », « LINE 1: …WHERE name = '…' ».
#: Left out up to the next exception, for a value may have lines of its own; in a `repr`, up to the end of its line.
_DETAILS = re.compile(
    r"\n\s*(?:DETAIL|HINT|CONTEXT|QUERY|LINE \d+):.*?"
    r"(?=\n\nThe above exception was|\n\nDuring handling of|\Z)",
    re.DOTALL,
)
_DETAILS_IN_REPR = re.compile(r"\\n\s*(?:DETAIL|HINT|CONTEXT|QUERY|LINE \d+):[^\n]*")
#: « invalid input syntax for type date: "…" », « value "…" is out of range », « expected a number but got '…' ».
_VALUES = re.compile(r"(syntax for type [\w ]+: |out of range: |\bvalue )\"[^\n]*\"")
_GOT = re.compile(r"(expected [\w ]+ but got )[^\n]*")
_SEARCHES = re.compile(r"(?<=/)\?[^\s'\"]+")
_ADDRESSES = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_NUMBERS = re.compile(r"\d{15,}")  # a numéro unique has 18 digits, a social security number 15


def scrubbed(text: str) -> str:
    """The text without what may be somebody's: values that the database refused, addresses, numbers, searches."""
    text = _DETAILS_IN_REPR.sub("", _DETAILS.sub("", text))
    text = _GOT.sub(rf"\1{ELLIPSIS}", _VALUES.sub(rf'\1"{ELLIPSIS}"', text))
    text = _SEARCHES.sub(f"?{ELLIPSIS}", text)
    text = _ADDRESSES.sub(f"{ELLIPSIS}@{ELLIPSIS}", text)
    return _NUMBERS.sub(ELLIPSIS, text)


def _scrub(_logger: Any, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = scrubbed(value)
        elif isinstance(value, BaseException):
            event[key] = scrubbed(repr(value))
    return event


def _without_trace(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """A refusal (403, 400, a host that is not ours…) is not a fault of ours: one line is enough."""
    refused = str(event.get("logger", "")).startswith("django.security.")
    if refused or event.get("level") not in {"error", "critical"}:
        event.pop("exc_info", None)
    return event


def _in_one_line(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Nobody writes a line of ours by what they ask for."""
    event["event"] = str(event["event"]).replace("\r", "\\r").replace("\n", "\\n")
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
]

structlog.configure(
    processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def _renderers(as_json: bool) -> list[Processor]:
    written: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
        )
    )
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        _without_trace,
        structlog.processors.format_exc_info,
        _in_one_line,
        _scrub,
        written,
    ]


def logging_configuration(level: str, *, as_json: bool) -> MutableMapping[str, Any]:
    """The configuration of Python's logging, for Django, Celery and gunicorn alike. `level` is the root's."""
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": _renderers(as_json),
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Never a statement, whose values would come with it: not even at DEBUG.
            "django.db.backends": {"level": "INFO"},
            "psycopg": {"level": "WARNING"},
            # Stated once: gunicorn states each request, Django each fault, django-structlog each task.
            "django_structlog.middlewares": {"level": "CRITICAL"},
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.worker.strategy": {"level": "WARNING"},
            "gunicorn.access": {"level": "INFO", "handlers": [], "propagate": True},
            "gunicorn.error": {"handlers": [], "propagate": True},
            "axes": {"level": "WARNING"},
            "weasyprint": {"level": "ERROR"},
            "fontTools": {"level": "WARNING"},
        },
    }
