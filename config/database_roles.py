"""Five accounts of the database, each with what its work asks: no statement of the site can undo what triggers keep.

The owner migrates; the application serves the site, owns nothing, and is shown the households of whom it says that it
reads for (docs/second-wall.md); the worker is shown all of them, and asks for what is erased at term; the reader reads
views of figures, and nothing else; the backup reads everything. Their names are those of the database and of their
work: « equiflux_app ».
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from psycopg import sql

from config.privileges import (
    ACCOUNTS,
    APPLICATION,
    BACKUP,
    DATABASE,
    OWNER,
    READER,
    SCHEMAS,
    SEQUENCES,
    SHOWN_ALL,
    VIEWS,
    WORKER,
    of_functions,
    of_tables,
)
from reservations.credentials import blocks_of
from reservations.models import ActingKey, wall

#: The variable that gives the password of each.
PASSWORDS = {
    OWNER: "DATABASE_OWNER_PASSWORD",
    APPLICATION: "DATABASE_APPLICATION_PASSWORD",
    WORKER: "DATABASE_WORKER_PASSWORD",
    READER: "DATABASE_READER_PASSWORD",
    BACKUP: "DATABASE_BACKUP_PASSWORD",
}
#: What verifies credentials: one row for each key of the installation in use.
KEYS = "reservations_actingkey"
#: Our functions, which PostgreSQL lets everybody execute: those of extensions stay so.
FUNCTIONS = """
SELECT p.oid::regprocedure::text, p.proname FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY 1
"""
OWNED = """
SELECT format('ALTER %s %s OWNER TO ', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('i', 'e'))
UNION ALL
SELECT format('ALTER FUNCTION %s OWNER TO ', p.oid::regprocedure)
FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
#: Who is connected: its name, whether it may do everything, whether it owns the tables, the database, and whether no
#: policy holds it.
CONNECTED = """
SELECT current_user, rolsuper,
    EXISTS (
        SELECT FROM pg_class WHERE relname = 'reservations_user' AND relkind = 'r'
        AND pg_has_role(current_user, relowner, 'MEMBER')
    ),
    current_database(),
    rolbypassrls
FROM pg_roles WHERE rolname = current_user
"""


@dataclass(frozen=True, slots=True)
class Connected:
    """The account that a process connects with."""

    name: str
    is_unbound: bool
    is_owner: bool
    database: str
    is_shown_all: bool


def connected() -> Connected:
    """Who this process is for the database. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(CONNECTED)
        return Connected(*cursor.fetchone())


def fault(work: str = APPLICATION) -> str:
    """Why a process of the site, or the worker and the clock, may not serve with this account, as a sentence that says
    what to do; "" when it may."""
    found = connected()
    if found.is_unbound or found.is_owner:
        what = "qui peut tout dans la base" if found.is_unbound else "propriétaire des tables"
        return (
            f"Le site se connecte avec le compte « {found.name} », {what} : rien n’y serait gardé contre une erreur ni "
            "contre une intrusion. Avec ce compte, lancez python manage.py database_roles, puis donnez au site "
            f"{_address(APPLICATION, found.database)}, au travailleur et à l’horloge "
            f"{_address(WORKER, found.database)}."
        )
    if work == APPLICATION and found.is_shown_all:
        return (
            f"Le site se connecte avec le compte « {found.name} », celui du travailleur, à qui la base montre tous les "
            f"ménages : donnez-lui {_address(APPLICATION, found.database)}."
        )
    if work == APPLICATION and not wall.is_recognised():
        return (
            "La base ne reconnaît pas ce que le site signe avec SECRET_KEY : il ne montrerait aucun ménage. Avec le "
            "compte du propriétaire, et la même SECRET_KEY, lancez python manage.py database_roles."
        )
    if work == WORKER and not found.is_shown_all:
        return (
            f"Le travailleur, ou l’horloge, se connecte avec le compte « {found.name} », celui du site, à qui la base "
            "ne montre que ce que lit une personne. Avec le compte de l’administrateur de PostgreSQL, lancez python "
            f"manage.py database_roles, puis donnez au travailleur et à l’horloge {_address(WORKER, found.database)}."
        )
    return ""


def _address(work: str, database: str) -> str:
    return f"DATABASE_URL=postgres://{role(work, database)}:…@…/{database}"


def role(work: str, database: str) -> str:
    """« equiflux_app »."""
    return f"{database}_{work}"


@transaction.atomic
def make_roles(*, keep_owner: bool = False) -> list[str]:
    """Make the five accounts, give the owner what there is, and each exactly its privileges: their names. Safe to run
    again, after each migration. An owner that is no superuser only gives the privileges. `keep_owner`: tables stay to
    whom they are, who goes on migrating them (a workstation).

    Raises ImproperlyConfigured: accounts that are merged, or nobody to make them.
    """
    found = connected()
    names = {work: role(work, found.database) for work in PASSWORDS}
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            owned = () if keep_owner else _ownership(names, found.database)
            for statement in (*_accounts(names), *owned):
                cursor.execute(statement)
        cursor.execute(
            "SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s) AND rolbypassrls = (rolname = ANY(%s))",
            [list(names.values()), [names[work] for work in SHOWN_ALL]],
        )
        if cursor.fetchone()[0] < len(names) or not (found.is_unbound or found.is_owner):
            raise ImproperlyConfigured(
                "Il manque des comptes de la base : lancez une première fois database_roles avec le compte de "
                "l’administrateur de PostgreSQL, puis, après chaque migration, avec celui du propriétaire."
            )
        _refuse_merged(names)
        for statement in (*_figures(found.name if keep_owner else names[OWNER]), *_privileges(names, found.database)):
            cursor.execute(statement)
    _give_keys()
    return list(names.values())


def _give_keys() -> None:
    """The database verifies what the installation signs, with its key and those before, and nothing else. Not
    where the tables are still to be made."""
    kept = [blocks_of(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    if KEYS in connection.introspection.table_names():
        ActingKey.objects.all().delete()
        ActingKey.objects.bulk_create(ActingKey(inner_block=inner, outer_block=outer) for inner, outer in kept)


def _refuse_merged(names: dict[str, str]) -> None:
    """Two of them that are one, or one that may act as another, are no wall."""
    asked = {work: name for work, name in names.items() if work != OWNER}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY(%(all)s) AND (r.rolsuper OR r.rolcreaterole OR"
            " EXISTS (SELECT FROM pg_roles o WHERE o.rolname = ANY(%(all)s) AND o.oid <> r.oid"
            " AND r.rolname = ANY(%(asked)s) AND pg_has_role(r.oid, o.oid, 'MEMBER')))",
            {"all": list(names.values()), "asked": list(asked.values())},
        )
        merged = [name for (name,) in cursor.fetchall()]
    if merged:
        raise ImproperlyConfigured(
            f"Le compte « {merged[0]} » peut plus que son métier (administrateur, ou membre d’un autre) : retirez-lui "
            "ces droits (ALTER ROLE … NOSUPERUSER NOCREATEROLE ; REVOKE … FROM …), puis recommencez."
        )


def _accounts(names: dict[str, str]) -> Iterator[sql.Composable]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [list(names.values())])
        there = {name for (name,) in cursor.fetchall()}
    for work, name in names.items():
        if name not in there:
            yield sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name))
        held = sql.SQL("BYPASSRLS" if work in SHOWN_ALL else "NOBYPASSRLS")
        yield sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(name), held)
        if work == WORKER:  # an earlier version opened the second wall so
            yield sql.SQL("ALTER ROLE {} RESET equiflux.wall").format(sql.Identifier(name))
        if password := os.environ.get(PASSWORDS[work]):
            yield sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(password))


def _ownership(names: dict[str, str], database: str) -> Iterator[sql.Composable]:
    owner = sql.Identifier(names[OWNER])
    yield sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database), owner)
    yield sql.SQL("ALTER SCHEMA public OWNER TO {}").format(owner)
    with connection.cursor() as cursor:
        cursor.execute(OWNED)
        owned = [statement for (statement,) in cursor.fetchall()]
    yield from (sql.SQL(statement) + owner for statement in owned)


def _figures(owner: str) -> Iterator[sql.Composable]:
    """The views of who reads figures, made again as this version says. None where the tables are still to be made."""
    yield sql.SQL("DROP SCHEMA IF EXISTS figures CASCADE")
    yield sql.SQL("CREATE SCHEMA figures AUTHORIZATION {}").format(sql.Identifier(owner))
    if KEYS in connection.introspection.table_names():
        yield sql.SQL(VIEWS)
        for view in re.findall(r"^CREATE VIEW (figures\.\w+)", VIEWS, re.MULTILINE):
            yield sql.SQL("ALTER VIEW {} OWNER TO {}").format(sql.SQL(view), sql.Identifier(owner))


def _privileges(names: dict[str, str], database: str) -> Iterator[sql.Composable]:
    """What the matrix gives each (`config/privileges.py`), and nothing that an earlier version gave."""
    account = {work: sql.Identifier(name) for work, name in names.items()}
    everybody = sql.SQL(", ").join([sql.SQL("PUBLIC"), *(account[work] for work in ACCOUNTS)])
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(sql.Identifier(database), everybody)
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(everybody)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(everybody)
    yield sql.SQL("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}").format(everybody)
    for work in ACCOUNTS:
        on = sql.Identifier(database)
        yield sql.SQL("GRANT {} ON DATABASE {} TO {}").format(sql.SQL(DATABASE[work]), on, account[work])
    for schema, works in SCHEMAS.items():
        used = sql.SQL(", ").join(account[work] for work in works)
        yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), used)
    yield sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA figures TO {}").format(account[READER])
    for work, right in SEQUENCES.items():
        yield sql.SQL("GRANT {} ON ALL SEQUENCES IN SCHEMA public TO {}").format(sql.SQL(right), account[work])
    yield sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(account[BACKUP])
    there = set(connection.introspection.table_names())
    for table, work, rights in of_tables():
        if table in there and rights and work != BACKUP:
            given = sql.SQL(", ").join(map(sql.SQL, rights))
            yield sql.SQL("GRANT {} ON {} TO {}").format(given, sql.Identifier(table), account[work])
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        functions = cursor.fetchall()
    executed = of_functions()
    for signature, name in functions:
        function = sql.SQL(signature)
        yield sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM {}").format(function, everybody)
        for work in executed.get(name, ()):
            yield sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(function, account[work])
