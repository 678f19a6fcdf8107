"""Is the product able to work? For supervisors, load balancers and alarms; nothing confidential.

`/sante/vivant/`: this process answers. `/sante/`: it can answer pages. `/sante/pret/`: all of the product works, the
worker and its clock included, and the database writes. Each answers in a bounded time, whatever is away.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config import heartbeat
from config.celery import app
from config.database_checks import ENCODING, unapplied
from config.metrics import NEVER_KEPT, metrics
from config.outage import NOT_SET, database_is_set, sqlstate
from config.reach import database_answers
from config.replica import reads_there
from config.request_identifier import RequestIdentifier
from flux.queries.queue import oldest_waiting
from reservations.queries.people import oldest_mail

UNSEEN = {
    heartbeat.WORKER: "Aucun travailleur n’a été vu depuis {since} : lancez « celery -A config worker ».",
    heartbeat.BEAT: "L’horloge des tâches n’a pas été vue depuis {since} : lancez « celery -A config beat ».",
}

#: In milliseconds: a table that a migration holds does not hold the probe too.
STATEMENT = 1000
#: A file is created and takes one more block from the disk, then all of it is undone: a row in a table of ours would
#: fit in what earlier rows have left, long after the disk is full.
WRITE = "CREATE TEMP TABLE equiflux_health AS SELECT 1 AS written"
CANNOT_WRITE = {
    "53100": (
        "La base ne peut plus écrire : plus de place sur son disque. Agrandissez-le ou libérez-en ; d’ici là, personne "
        "ne se connecte et rien ne s’enregistre."
    ),
    "25006": (
        "La base ne peut plus écrire : elle est en lecture seule. Voyez default_transaction_read_only, et si "
        "DATABASE_URL désigne bien le serveur principal."
    ),
}
CANNOT_WRITE_OTHERWISE = "La base ne peut plus écrire (PostgreSQL, code {code}) : voyez son journal."
NOT_FOLLOWING = (
    "La réplique (REPLICA_URL) est arrêtée, injoignable ou en retard : les bilans se lisent au premier serveur, rien "
    "n’est perdu. Voyez son journal, et pg_stat_replication sur le premier."
)
NO_PRIVILEGE = "42501"  # no temporary table for this role: whether it writes cannot be known so

#: In seconds: queues and delays are dated by the hour, and machines that keep time differ by less than one.
CLOCK_APART = 60
#: In seconds: a message put off once or twice is nobody's alarm.
MAIL_LATE = 2 * 3600


@login_not_required
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; nothing is asked of the database."""
    return JsonResponse({"alive": True}, headers=NEVER_KEPT)


@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when pages can be answered. Without broker, worker or beat they are, and the sweep will catch up."""
    found = _look()
    return _answer(found, fit=found["pages"])


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when everything works: database, encoding, schema, writing, broker, worker, beat, and the replica where there
    is one; else 503, and what not."""
    found = _look(**({} if (replica := reads_there()) is None else {"replica": replica}))
    return _answer(found, fit=found["ready"])


def _answer(found: dict[str, Any], *, fit: bool) -> JsonResponse:
    return JsonResponse(
        found, status=200 if fit else 503, json_dumps_params={"ensure_ascii": False}, headers=NEVER_KEPT
    )


def _look(**more: bool) -> dict[str, Any]:
    """What is asked of each part: at most five statements, and two keys of the broker, whatever is stored.
    `more` is known already."""
    found = {**_look_at_database(), **_look_at_broker(), **more}
    problems = list(_problems(found))
    pages = bool(found["database"] and found["encoding"] == ENCODING and found["schema"])
    return {"ready": not problems, "pages": pages, "problems": problems, **found}


def _look_at_database() -> dict[str, Any]:
    found: dict[str, Any] = {
        "database": False,
        "encoding": None,
        "schema": None,
        "writes": None,
        "refusal": None,
        "clock_ahead_seconds": None,
        "oldest_waiting_seconds": None,
        "oldest_mail_seconds": None,
    }
    if not (database_is_set() and database_answers()):
        return found
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            asked = time.time()
            cursor.execute(
                "SELECT current_setting('server_encoding'), to_regclass('django_migrations') IS NOT NULL,"
                " extract(epoch FROM pg_catalog.clock_timestamp())::float8, set_config('statement_timeout', %s, true)",
                [str(STATEMENT)],
            )
            encoding, migrated, there, _ = cursor.fetchone()
            found |= {"database": True, "encoding": encoding, "schema": migrated and not unapplied()}
            # Of what its answer took, nothing: it read its clock in between.
            found["clock_ahead_seconds"] = round(max(0.0, asked - there) + min(0.0, time.time() - there))
            waiting = oldest_waiting(timezone.now()) if found["schema"] else None
            found["oldest_waiting_seconds"] = None if waiting is None else max(0, round(waiting.total_seconds()))
            mail = oldest_mail(timezone.now()) if found["schema"] else None
            found["oldest_mail_seconds"] = None if mail is None else round(mail.total_seconds())
            cursor.execute(WRITE)
            found["writes"] = True
            transaction.set_rollback(True)
    except Error as error:
        code = sqlstate(error)
        if found["database"] and code != NO_PRIVILEGE:
            found |= {"writes": False, "refusal": code}
    return found


def _look_at_broker() -> dict[str, Any]:
    try:
        ages = heartbeat.seen(app)
    except heartbeat.BROKER_ERRORS:
        return {"broker": False, "worker_seen_seconds": None, "beat_seen_seconds": None}
    return {
        "broker": True,
        **{f"{who}_seen_seconds": None if age is None else round(age, 1) for who, age in ages.items()},
    }


def _problems(found: dict[str, Any]) -> Iterator[str]:
    """What does not work, in sentences, each with what to do."""
    if not database_is_set():
        yield NOT_SET
    elif not found["database"]:
        yield "La base de données ne répond pas : voyez son journal, et DATABASE_URL."
    else:
        if found["encoding"] != ENCODING:
            yield f"La base est encodée en {found['encoding']}, pas en UTF-8 : manage.py migrate dit que faire."
        if not found["schema"]:
            yield "Les tables ne sont pas à jour : lancez manage.py migrate."
        if found["writes"] is False:
            yield CANNOT_WRITE.get(found["refusal"], CANNOT_WRITE_OTHERWISE.format(code=found["refusal"]))
        if abs(ahead := found["clock_ahead_seconds"] or 0) > CLOCK_APART:
            side = "avance" if ahead > 0 else "retarde"
            yield (
                f"L’heure de cette machine {side} de {abs(ahead)} secondes sur celle de la base : remettez les deux à "
                "l’heure (NTP). D’ici là, ce qui s’y enregistre est daté de travers ; rien n’est perdu."
            )
    if (found["oldest_mail_seconds"] or 0) > MAIL_LATE and settings.EMAIL_URL:
        yield (
            f"Des courriels attendent depuis {found['oldest_mail_seconds'] // 60} minutes : le serveur d’EMAIL_URL ne "
            "les prend pas. Voyez le journal du travailleur ; rien n’est perdu pendant quatre jours."
        )
    if found.get("replica") is False:
        yield NOT_FOLLOWING
    if not found["broker"]:
        yield "Valkey (ou Redis) ne répond pas : voyez son journal, et REDIS_URL. Rien n’est perdu, mais rien n’avance."
        return
    for who, sentence in UNSEEN.items():
        age = found[f"{who}_seen_seconds"]
        if age is None or age > heartbeat.STALE:
            yield sentence.format(since="une heure au moins" if age is None else f"{age:.0f} s")


#: {address: its name and its view}: those of `config/urls.py`, and those that are answered before anything else.
ADDRESSES: dict[str, tuple[str, Callable[[HttpRequest], HttpResponse]]] = {
    "sante/": ("health", health),
    "sante/vivant/": ("health-alive", alive),
    "sante/pret/": ("health-ready", ready),
    "metriques/": ("metrics", metrics),
}


class HealthFirst:
    """Answers health and metrics before any other middleware, so that what they fail on does not answer for them.

    No session is read (a database that is away would make of « this process answers » a page that says 503); a probe
    speaks plain HTTP to an address that is in no ALLOWED_HOSTS, and nothing that it answers depends on either.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.answer = RequestIdentifier(lambda request: ADDRESSES[request.path_info.removeprefix("/")][1](request))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.removeprefix("/") in ADDRESSES:
            return cast("HttpResponseBase", self.answer(request))
        return self.get_response(request)
