"""« One declared matrix (account × table × right), tested against the catalogue both ways »; then each account is tried
by a program, with all its privileges and any setting: nothing beyond it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from django.core.management import call_command
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
from tests.house.tree import ROOT

pytestmark = pytest.mark.django_db

#: {(relation, account or PUBLIC): rights} of what is ours; a right on columns says which.
HELD = """
SELECT c.relkind::text, c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type, NULL
FROM pg_class c CROSS JOIN aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND a.grantee <> c.relowner
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'r', c.relname, coalesce(r.rolname, 'PUBLIC'), e.privilege_type,
    string_agg(t.attname, ', ' ORDER BY t.attnum)
FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN aclexplode(t.attacl) e
LEFT JOIN pg_roles r ON r.oid = e.grantee
WHERE c.relnamespace = 'public'::regnamespace AND e.grantee <> c.relowner
GROUP BY 1, 2, 3, 4
"""
EXECUTED = """
SELECT p.proname, coalesce(r.rolname, 'PUBLIC')
FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
LEFT JOIN pg_roles r ON r.oid = a.grantee
WHERE p.pronamespace = 'public'::regnamespace AND a.grantee <> p.proowner
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
#: What else a role has: what it may by itself, whom it may act as, what it owns, what its sessions begin with.
ELSE = """
SELECT r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication, r.rolbypassrls,
    EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid OR m.roleid = r.oid),
    EXISTS (
        SELECT FROM pg_shdepend d
        WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.deptype = 'o'
    ),
    EXISTS (SELECT FROM pg_db_role_setting s WHERE s.setrole = r.oid)
FROM pg_roles r WHERE r.rolname = %s
"""
#: Every way to use a table, as one would; none changes a row.
TRIED = {
    "SELECT": "SELECT FROM public.{} WHERE false",
    "INSERT": "INSERT INTO public.{} SELECT * FROM public.{} WHERE false",
    "DELETE": "DELETE FROM public.{} WHERE false",
    "UPDATE": "UPDATE public.{} SET {column} = {column} WHERE false",
    "TRUNCATE": "TRUNCATE public.{}",
    "TRIGGER": "CREATE TRIGGER tried AFTER INSERT ON public.{} EXECUTE FUNCTION reservations_refuse()",
    "REFERENCES": "CREATE TABLE public.tried (x bigint REFERENCES public.{})",
    "ALTER": "ALTER TABLE public.{} DISABLE TRIGGER ALL",
    "POLICY": "ALTER TABLE public.{} DISABLE ROW LEVEL SECURITY",
    "DROP": "DROP TABLE public.{} CASCADE",
}
#: Every setting by which something was ever opened, or that changes whose tables and rules are read.
SETTINGS = {
    "equiflux.wall": "open",
    "equiflux.unguarded": "attributions_balanceversion.kept",
    "equiflux.act": "open",
    "equiflux.acting": '{"administrator": 1, "organisation": 1}',
    "row_security": "off",
    "search_path": "pg_temp, public",
    "check_function_bodies": "off",
}
#: One statement after another, under the account of the session: those that were not refused. A statement is undone
#: whatever came of it.
PROGRAM = """
DO $program$
DECLARE
    each record;
    went text[] := '{{}}';
BEGIN
    FOR each IN SELECT * FROM json_to_recordset({tried}::json) AS tried(name text, statement text) LOOP
        BEGIN
            EXECUTE each.statement;
            RAISE EXCEPTION 'it went' USING ERRCODE = 'EQ001';
        EXCEPTION
            WHEN insufficient_privilege THEN NULL;
            WHEN OTHERS THEN went := went || each.name;
        END;
    END LOOP;
    PERFORM set_config('equiflux.tried', to_json(went)::text, false);
END
$program$
"""


@pytest.fixture
def database(db: None) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("database_roles", stdout=None)
    yield str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('equiflux.tried', '', false)")


def rows(statement: str, *values: object) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall()


def test_what_is_given_is_the_matrix_and_the_matrix_is_given(database: str) -> None:
    """Tables, columns, sequences, functions, the database and its schema: nothing beyond it, nothing missing."""
    names = {(table, f"{database}_{work}", right) for table, work, rights in of_tables() for right in rights}
    held = {
        (name, account, f"{right} ({columns})" if columns else right)
        for kind, name, account, right, columns in rows(HELD)
        if kind != "S"
    }
    assert held == names
    sequences = {(account, right) for kind, _, account, right, _ in rows(HELD) if kind == "S"}
    assert sequences == {(f"{database}_{work}", right) for work, right in SEQUENCES.items()}
    executed = {(name, f"{database}_{work}") for name, works in of_functions().items() for work in works}
    assert set(rows(EXECUTED)) == executed
    where = {
        "pg_database": {(f"{database}_{work}", right) for work, each in DATABASE.items() for right in each.split(", ")},
        "pg_namespace": {(f"{database}_{work}", "USAGE") for work in SCHEMAS["public"]},
    }
    for catalogue, given in where.items():
        name, acl, owner, kind = (
            ("datname", "datacl", "datdba", "d")
            if catalogue == "pg_database"
            else ("nspname", "nspacl", "nspowner", "n")
        )
        asked = (
            f"SELECT coalesce(r.rolname, 'PUBLIC'), a.privilege_type FROM {catalogue} c"  # noqa: S608
            f" CROSS JOIN aclexplode(coalesce(c.{acl}, acldefault('{kind}', c.{owner}))) a"
            f" LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE c.{name} = %s AND a.grantee <> c.{owner}"
        )
        assert set(rows(asked, database if kind == "d" else "public")) == given, catalogue


def test_every_table_is_in_the_matrix_once(database: str) -> None:
    """A table that is new says who asks for it."""
    named = [table for table, work, _ in of_tables() if work == BACKUP]
    with connection.cursor() as cursor:
        assert sorted(named) == sorted(connection.introspection.table_names(cursor))


def test_who_reads_figures_reads_its_views_and_nothing_else(database: str) -> None:
    """« Views made for it (figures without households), nothing else »: of no table that names a household, a person
    or what somebody typed about one; and another version’s are gone."""
    reader = f"{database}_{READER}"
    views = sorted(re.findall(r"^CREATE VIEW figures\.(\w+)", VIEWS, re.MULTILINE))
    assert len(views) > 10
    held = rows(
        "SELECT c.relname, r.rolname, a.privilege_type FROM pg_class c CROSS JOIN aclexplode(c.relacl) a"
        " JOIN pg_roles r ON r.oid = a.grantee"
        " WHERE c.relnamespace = 'figures'::regnamespace AND a.grantee <> c.relowner"
    )
    assert sorted(held) == [(view, reader, "SELECT") for view in views]
    used = rows(
        "SELECT n.nspname, r.rolname, a.privilege_type FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a"
        " JOIN pg_roles r ON r.oid = a.grantee"
        " WHERE r.rolname = %s OR (n.nspname = 'figures' AND a.grantee <> n.nspowner)",
        reader,
    )
    assert used == [("figures", reader, "USAGE")]
    behind = {
        name
        for (name,) in rows(
            "SELECT DISTINCT d.refobjid::regclass::text FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid"
            " JOIN pg_class c ON c.oid = w.ev_class WHERE c.relnamespace = 'figures'::regnamespace"
            " AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid"
        )
    }
    walled = {name for (name,) in rows("SELECT relname FROM pg_class WHERE relrowsecurity")}
    people = {"reservations_user", "reservations_membership", "reservations_historyentry", "attributions_proposal"}
    assert behind & (walled | people) == set()
    columns = {
        name for (name,) in rows("SELECT column_name FROM information_schema.columns WHERE table_schema = 'figures'")
    }
    assert not {
        each for each in columns if re.search("street|text$|words|reference|signed_by|_by_id|income|priority", each)
    }
    with connection.cursor() as cursor:
        cursor.execute("CREATE VIEW figures.of_before AS SELECT 1")
    call_command("database_roles", stdout=None)
    assert rows("SELECT to_regclass('figures.of_before')") == [(None,)]


def test_what_is_called_is_executed_by_who_calls_it(database: str) -> None:
    """« Where does this unit live » was asked by an act and executed by nobody: every vacancy declared under the
    account of the site was refused. What Python, a policy, a trigger or a function that runs as who calls it calls
    is in the matrix; but what who migrates calls, and what a docstring names."""
    ours = rows(
        "SELECT p.proname, p.prosrc, p.prosecdef, p.prorettype = 'trigger'::regtype FROM pg_proc p"
        " WHERE p.pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    executed = set(of_functions())
    callers = [body for name, body, as_owner, is_trigger in ours if not as_owner and (is_trigger or name in executed)]
    callers += [policy for (policy,) in rows("SELECT pg_get_expr(polqual, polrelid) FROM pg_policy")]
    for folder in ("reservations", "flux", "attributions"):
        callers += [
            path.read_text(encoding="utf-8")
            for path in (ROOT / folder).rglob("*.py")
            if not {"migrations", "__pycache__"} & set(path.parts)
        ]
    asked = {word for text in callers for word in re.findall(r"\w+(?=\()|(?<=\")\w+(?=\")", text)}
    called = asked & {name for name, _, _, is_trigger in ours if not is_trigger}
    assert called - executed == {"reservations_imprint_rows", "reservations_imprint_shapes", "reservations_link"}
    assert called > {"flux_dwelling", "attributions_named", "attributions_reads_a_file"}


def test_no_account_has_anything_else(database: str) -> None:
    """No other right of a role, nobody to act as, nothing of its own, no setting at the start of its sessions; but that
    policies do not hold the worker and the backup, and that the owner owns."""
    for work in ACCOUNTS:
        assert rows(ELSE, f"{database}_{work}") == [(False, work in SHOWN_ALL, False, False, False)], work
    assert rows(ELSE, f"{database}_{OWNER}") == [(False, False, False, True, False)]
    assert rows("SELECT FROM pg_default_acl") == []


@pytest.mark.parametrize("work", ACCOUNTS)
def test_an_account_is_tried_with_any_setting_and_goes_nowhere_beyond_the_matrix(database: str, work: str) -> None:
    """Each way to use each table, each of our functions, and what changes the server: really asked, by the account."""
    rights = {(table, right.split(" ")[0]) for table, of, given in of_tables() if of == work for right in given}
    columns = {table: right for table, of, given in of_tables() if of == work for right in given if "(" in right}
    tried, expected = {}, set()
    for table in sorted({table for table, _, _ in of_tables()}):
        found = rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped", table
        )
        column = columns[table].split("(")[1].split(",")[0].rstrip(")") if table in columns else found[0][0]
        for right, statement in TRIED.items():
            tried[f"{right} {table}"] = statement.replace("{column}", f'"{column}"').replace("{}", table)
            if (table, right) in rights:
                expected.add(f"{right} {table}")
    rows("SELECT set_config('search_path', '', true)")  # types are then named with their schema
    for name, signature in rows(
        "SELECT proname, proname || '(' || (SELECT coalesce(string_agg('NULL::' || format_type(t, NULL), ', '"
        " ORDER BY n), '') FROM unnest(proargtypes) WITH ORDINALITY AS o(t, n)) || ')' FROM pg_proc p"
        " WHERE pronamespace = 'public'::regnamespace AND prorettype <> 'trigger'::regtype"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    ):
        tried[name] = f"SELECT public.{signature}"
        if work in of_functions().get(name, ()):
            expected.add(name)
    rows("SELECT set_config('search_path', 'public', true)")
    tried |= {
        "a table": "CREATE TABLE public.tried (id bigint)",
        "a function": "CREATE FUNCTION public.tried() RETURNS void LANGUAGE sql AS ''",
        "a schema": "CREATE SCHEMA tried",
        "an account": "CREATE ROLE tried",
        "another account": f"SET ROLE {database}_{OWNER}",
        "its rights": f"ALTER ROLE {database}_{work} SUPERUSER",
        "its policies": f"ALTER ROLE {database}_{work} BYPASSRLS",
        "no trigger": "SET session_replication_role = replica",
        "a file": "COPY (SELECT 1) TO '/dev/null'",
        "a program": "COPY (SELECT 1) TO PROGRAM 'true'",
        "passwords": "SELECT rolpassword FROM pg_authid",
        "a file of the server": "SELECT pg_read_file('PG_VERSION')",
        "a temporary table": "CREATE TEMP TABLE tried (id bigint)",
    }
    for view in re.findall(r"^CREATE VIEW (figures\.\w+)", VIEWS, re.MULTILINE):
        tried[f"SELECT {view}"] = f"SELECT FROM {view} WHERE false"
        if work == READER:
            expected.add(f"SELECT {view}")
    if work in (APPLICATION, WORKER):
        expected.add("a temporary table")
    assert went(f"{database}_{work}", tried, {}) == expected
    assert went(f"{database}_{work}", tried, SETTINGS) <= expected, "a policy of another makes a read fail, no more"


def went(account: str, tried: dict[str, str], settings: dict[str, str]) -> set[str]:
    """What was not refused to this account, each of these statements being asked under these settings."""
    program = sql.SQL(PROGRAM).format(
        tried=sql.Literal(json.dumps([{"name": name, "statement": each} for name, each in tried.items()]))
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET LOCAL SESSION AUTHORIZATION {}").format(sql.Identifier(account)))
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute(program)
        cursor.execute("SELECT current_setting('equiflux.tried')")
        (found,) = cursor.fetchone()
        transaction.set_rollback(True)
    return set(json.loads(found))
