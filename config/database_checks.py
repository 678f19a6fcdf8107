"""Is the database that was given one that can serve? Asked by `migrate`, and when the web, a worker or beat starts.

A database in SQL_ASCII (the default of many images) would take every migration without a word, then fail the first
routing. One that does not answer yet is not refused: `/sante/pret/` says it, and pages say to come back.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, NotSupportedError, connections

ENCODING = "UTF8"
EXTENSION = "btree_gist"

RECREATE = (
    "Recréez-la : CREATE DATABASE {name} ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0; "
    "et reprenez-y ses données, s’il y en a, avec pg_dump et psql."
)
LOOK = (
    "SELECT current_database(), current_setting('server_encoding'),"
    " EXISTS (SELECT FROM pg_extension WHERE extname = %(extension)s),"
    " EXISTS (SELECT FROM pg_available_extensions WHERE name = %(extension)s),"
    " has_database_privilege(current_database(), 'CREATE'),"
    " to_regproc('_pgtrigger_should_ignore') IS NOT NULL"  # of the migrations that docs/decisions/0035 replaced
)


@register(Tags.database)
def check_databases(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """What makes each of these databases unfit, each with what to do. A database that does not answer gives nothing."""
    return [error for alias in databases or [] for error in _check(alias)]


def _check(alias: str) -> list[CheckMessage]:
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(LOOK, {"extension": EXTENSION})
            name, encoding, installed, available, may_create, outdated = cursor.fetchone()
    except NotSupportedError as error:
        return [
            Error(
                f"Ce serveur PostgreSQL est trop ancien : {error}",
                hint="Passez à PostgreSQL 15 ou plus récent (pg_upgrade, ou pg_dump puis psql).",
                id="config.E002",
            )
        ]
    except DatabaseError:
        return []
    if encoding != ENCODING:
        return [
            Error(
                f"La base « {name} » est encodée en {encoding}, pas en UTF-8 : aucun logement n’y serait orienté.",
                hint=RECREATE.format(name=name),
                id="config.E001",
            )
        ]
    if not installed and not (available and may_create):
        missing = "n’est pas sur ce serveur" if not available else "n’y est pas, et ce compte ne peut pas la créer"
        return [
            Error(
                f"L’extension {EXTENSION} {missing} : les périodes qui se chevauchent ne seraient pas refusées.",
                hint=f"Installez postgresql-contrib si elle manque, puis, en administrateur de la base « {name} » : "
                f"CREATE EXTENSION {EXTENSION};",
                id="config.E003",
            )
        ]
    return [_of_before(name)] if outdated else []


def _of_before(name: str) -> Error:
    """The migrations that made it were replaced before anything was deployed."""
    return Error(
        f"La base « {name} » a été faite par une version d’essai, d’avant la première mise en service : elle ne se met "
        "pas à jour.",
        hint="Repartez d’une base vide ; sur un poste, ./run demo --reset efface celle de la démonstration et la "
        "raconte de nouveau.",
        id="config.E004",
    )


def refuse_unfit_database() -> None:
    """Before a process serves.

    Raises ImproperlyConfigured, with what to do, when the database answers and cannot serve.
    """
    try:
        found = run_checks(tags=[Tags.database], databases=["default"])
    finally:
        connections.close_all()
    serious = [message for message in found if message.is_serious()]
    if serious:
        raise ImproperlyConfigured("\n".join(f"{message.msg} {message.hint or ''}".strip() for message in serious))
