"""Is the database that was given one that can serve? Asked by `migrate`, and when the web, a worker or beat starts.

A database in SQL_ASCII (the default of many images) would take every migration without a word, then fail the first
routing. One that does not answer yet is not refused: `/sante/pret/` says it, and pages say to come back.
"""

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, NotSupportedError, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config import database_roles
from config.day import AHEAD, SETTING
from config.safety import WORKSTATION

ENCODING = "UTF8"
#: What each extension is for, as a sentence goes on: without it…
EXTENSIONS = {
    "btree_gist": "les périodes qui se chevauchent ne seraient pas refusées",
    "pg_trgm": "aucune recherche ne trouverait de mots",
    "btree_gin": "une recherche lirait le parc de tous les bailleurs",
}
NOWHERE = "n’est pas sur ce serveur"

RECREATE = (
    "Recréez-la : CREATE DATABASE {name} ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' TEMPLATE template0; "
    "et reprenez-y ses données, s’il y en a, avec pg_dump et psql."
)
LOOK = (
    "SELECT current_database(), current_setting('server_encoding'),"
    " CASE WHEN current_setting('server_encoding') = 'UTF8' THEN lower(chr(201)) = chr(233) ELSE true END,"  # É, é
    " ARRAY(SELECT each FROM unnest(%(extensions)s::text[]) each WHERE each NOT IN (SELECT extname FROM pg_extension)),"
    " ARRAY(SELECT name::text FROM pg_available_extensions WHERE name = ANY(%(extensions)s::text[])),"
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
            cursor.execute(LOOK, {"extensions": list(EXTENSIONS)})
            name, encoding, folds, missing, available, may_create, outdated = cursor.fetchone()
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
    lacking = {each: each in available for each in missing if each not in available or not may_create}
    return _unfit(name, encoding, folds=folds, lacking=lacking) or ([_of_before(name)] if outdated else [])


def _unfit(name: str, encoding: str, *, folds: bool, lacking: dict[str, bool]) -> list[CheckMessage]:
    """What keeps a database from serving: its encoding, its locale, what it lacks: {extension: has the server it?}."""
    if encoding != ENCODING:
        return [
            Error(
                f"La base « {name} » est encodée en {encoding}, pas en UTF-8 : aucun logement n’y serait orienté.",
                hint=RECREATE.format(name=name),
                id="config.E001",
            )
        ]
    if not folds and not os.environ.get(WORKSTATION):
        return [
            Error(
                f"La base « {name} » ne sait pas mettre en minuscules une lettre accentuée (LC_CTYPE est C ou POSIX) : "
                "« ÉVREUX » n’y serait pas trouvé par « évreux ».",
                hint=RECREATE.format(name=name),
                id="config.E006",
            )
        ]
    return [
        Error(
            f"L’extension {each} {'n’y est pas, et ce compte ne peut pas la créer' if known else NOWHERE} : "
            f"{EXTENSIONS[each]}.",
            hint=f"Installez postgresql-contrib si elle manque, puis, en administrateur de la base « {name} » : "
            f"CREATE EXTENSION {each};",
            id="config.E003",
        )
        for each, known in lacking.items()
    ]


def _of_before(name: str) -> Error:
    """The migrations that made it were replaced before anything was deployed."""
    return Error(
        f"La base « {name} » a été faite par une version d’essai, d’avant la première mise en service : elle ne se met "
        "pas à jour.",
        hint="Repartez d’une base vide ; sur un poste, ./run demo --reset efface celle de la démonstration et la "
        "raconte de nouveau.",
        id="config.E004",
    )


def check_account(work: str = database_roles.APPLICATION) -> list[CheckMessage]:
    """Whether the account of the site is the owner’s, or an administrator’s: none of our guards would hold; or whether
    it is not that of its work. Not asked of a workstation, whose server is its own. A database that does not answer
    gives nothing."""
    if os.environ.get(WORKSTATION):
        return []
    try:
        sentence = database_roles.fault(work)
    except DatabaseError:
        return []
    return [Error(sentence, id="config.E005")] if sentence else []


def refuse_unfit_database(work: str = database_roles.APPLICATION) -> None:
    """Before a process serves: the site, or the worker and the clock.

    Raises ImproperlyConfigured, with what to do, when the database answers and cannot serve: what the checks above say,
    or tables that are behind the code.
    """
    try:
        checked = [*run_checks(tags=[Tags.database], databases=["default"]), *check_account(work)]
        found = [message for message in checked if message.is_serious()]
        rows = [f"{message.msg} {message.hint or ''}".strip() for message in found] or _behind() or _of_another_day()
    finally:
        connections.close_all()
    if rows:
        raise ImproperlyConfigured("\n".join(rows))


def _of_another_day() -> list[str]:
    """A database that lives on another day than the process, as a demonstration may (`config/day.py`): what one writes
    would be in the future of the other. Nothing of a database that does not answer."""
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT coalesce(nullif(current_setting(%s, true), ''), '0')::integer", [SETTING])
            [ahead] = cursor.fetchone()
    except DatabaseError:
        return []
    if ahead == settings.DAYS_AHEAD:
        return []
    return [
        f"Cette base vit {ahead} jours après aujourd’hui, et {AHEAD} en dit {settings.DAYS_AHEAD} : c’est celle d’une "
        "démonstration, que ./run demo démarre, ou c’est cette variable qui est à retirer."
    ]


def unapplied() -> set[tuple[str, str]]:
    """Migrations of this code that the database has not had; one that replaces others counts when they were had. One
    statement."""
    applied = set(MigrationRecorder(connections["default"]).migration_qs.order_by().values_list("app", "name"))
    return {
        name
        for name, replaced in _migrations().items()
        if name not in applied and not (replaced and replaced <= applied)
    }


@cache
def _migrations() -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    """{migration of this code: those it replaces}; read once, as the code does not change under a process."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    return {name: frozenset(migration.replaces) for name, migration in loader.disk_migrations.items()}


def _behind() -> list[str]:
    """Tables that are not there, or that an older version made: no page nor task would be right. Nothing of a database
    that does not answer."""
    try:
        had = MigrationRecorder(connections["default"]).has_table()
        missing = unapplied() if had else set(_migrations())
    except DatabaseError:
        return []
    if not missing:
        return []
    app, name = min(missing)
    return [
        f"Les tables de la base ne sont pas à jour (il manque {app} {name}) : lancez manage.py migrate, puis démarrez."
    ]
