"""Five accounts of the database, each with what its work asks: no statement of the site can undo what triggers keep.

The owner migrates; the application serves the site, owns nothing, and is shown the households of whom it says that it
reads for (docs/second-wall.md); the worker is shown all of them, and asks for what is erased at term; the reader reads
the rest, and executes no function; the backup reads everything. Their names are those of the database and of their
work: « equiflux_app ».
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from psycopg import sql

from reservations.credentials import blocks_of
from reservations.models import ActingKey, wall

#: The last word of their names, and the variable that gives their password.
OWNER, APPLICATION, WORKER, READER, BACKUP = "owner", "app", "worker", "read", "backup"
PASSWORDS = {
    OWNER: "DATABASE_OWNER_PASSWORD",
    APPLICATION: "DATABASE_APPLICATION_PASSWORD",
    WORKER: "DATABASE_WORKER_PASSWORD",
    READER: "DATABASE_READER_PASSWORD",
    BACKUP: "DATABASE_BACKUP_PASSWORD",
}
#: No policy holds them (`BYPASSRLS`), which an administrator of the server alone gives.
SHOWN_ALL = (WORKER, BACKUP)
#: What is erased at the legal term of personal data, and triggers refuse to everybody, is erased by functions of the
#: owner that check the term themselves (docs/triggers.md, « Saying no »): the worker alone calls them.
ERASING = {
    "attributions_forget_numbers",
    "attributions_pseudonymise",
    "attributions_purge_access_log",
    "reservations_forget_sign_ins",
}
#: Called by functions of the owner, or by migrations: nobody else executes them.
OWN = {
    "reservations_add_imprint",
    "reservations_give_back",
    "reservations_imprint_rows",
    "reservations_imprint_shapes",
    "reservations_refuse_days_to_come",
    "reservations_set_aside",
}
#: Entries of the account: of one that is written, triggers alone move the description that it counts under.
MOVED = {"flux_flowentry": "description_id"}
#: Written by the database alone, or by migrations: the others read them.
READ_ONLY = {"reservations_imprint", "reservations_imprintedtable", "reservations_ruleaside", "django_migrations"}
#: What verifies credentials: of the owner alone. `pg_dump` locks it under the account of the backup, and copies no row.
KEYS = "reservations_actingkey"
#: Secrets, digests of secrets, open sessions, what was tried at the door and mails that wait: nothing for who reads
#: figures. Nor is any table that has a policy: a setting that opens the second wall opens nothing to it.
SECRET = (
    KEYS,
    "axes_accessattempt",
    "axes_accessfailurelog",
    "axes_accesslog",
    "reservations_addresschange",
    "reservations_apitoken",
    "reservations_invitation",
    "reservations_mailitem",
    "reservations_recoverycode",
    "reservations_secondfactor",
    "reservations_session",
    "flux_webhookdelivery",
    "flux_webhookendpoint",
)

#: {table: the acts that a trigger refuses to everybody}
REFUSED = """
SELECT c.relname, bool_or(t.tgtype & 16 > 0), bool_or(t.tgtype & 8 > 0), bool_or(c.relrowsecurity)
FROM pg_class c
LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgqual IS NULL AND t.tgfoid = to_regproc('reservations_refuse')
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
GROUP BY 1 ORDER BY 1
"""
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
        for statement in _privileges(names):
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


def _privileges(names: dict[str, str]) -> Iterator[sql.Composable]:
    """What each may do, and nothing that an earlier version gave."""
    works = (APPLICATION, WORKER, READER, BACKUP)
    application, worker, reader, backup = (sql.Identifier(names[work]) for work in works)
    everybody = sql.SQL(", ").join([application, worker, reader, backup])
    yield sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {}").format(everybody)
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(everybody)
    yield sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(everybody)
    yield sql.SQL("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(backup)
    yield sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}, {}").format(application, worker)
    with connection.cursor() as cursor:
        cursor.execute(REFUSED)
        tables = cursor.fetchall()
    for table, no_update, no_delete, is_walled in tables:
        refused = {act for act, is_refused in (("UPDATE", no_update), ("DELETE", no_delete)) if is_refused}
        given = [] if table in READ_ONLY else ["INSERT", "UPDATE", "DELETE"]
        given = [act for act in given if act not in refused and not (table in MOVED and act != "INSERT")]
        if table in MOVED:
            given.append(f"UPDATE ({MOVED[table]})")
        if given:
            acts = sql.SQL(", ").join(map(sql.SQL, given))
            yield sql.SQL("GRANT {} ON {} TO {}, {}").format(acts, sql.Identifier(table), application, worker)
        if table in SECRET or is_walled:
            yield sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(table), reader)
        if table == KEYS:
            yield sql.SQL("REVOKE ALL ON {} FROM {}, {}").format(sql.Identifier(table), application, worker)
        if table == "reservations_user":
            yield sql.SQL("REVOKE ALL ON reservations_user FROM {}").format(reader)
            yield sql.SQL("GRANT SELECT (id, full_name, is_active) ON reservations_user TO {}").format(reader)
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        functions = cursor.fetchall()
    every = [each for each, _ in functions]
    daily = [each for each, name in functions if name not in ERASING | OWN]
    erasing = [each for each, name in functions if name in ERASING]
    named = [sql.SQL(", ").join(map(sql.SQL, each)) for each in (every, daily, erasing)]
    yield sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC, {}").format(named[0], everybody)
    yield sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}, {}").format(named[1], application, worker)
    yield sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(named[2], worker)
