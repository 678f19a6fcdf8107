"""The accounts of the database, by real roles: what each may do, and that the product works under that of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from psycopg import sql

from attributions.retention import forget_reconciled_numbers, pseudonymise_due, purge_access_log
from config import database_checks
from config.celery import app
from config.database_roles import (
    APPLICATION,
    BACKUP,
    FUNCTIONS,
    OWNER,
    READER,
    WORKER,
    connected,
    fault,
    role,
)
from config.schedule import SCHEDULE
from flux.models import FlowEntry
from reservations.access.limits import forget_sign_ins
from reservations.imports.door import receive_file, run
from reservations.imports.kinds import every_kind
from reservations.models import wall
from reservations.queries.imprints import altered
from tests.house.life import live
from tests.house.test_second_wall import walled_tables
from tests.reservations.imports.test_party_files import csv_of, written
from tests.world import World

pytestmark = pytest.mark.django_db

#: The account, signatures and journals; what is erased at term is the worker’s to erase.
KEPT = (
    *("attributions_accessrecord", "reservations_signin"),
    *("flux_flowentry", "flux_recommendation", "attributions_balancesignature", "reservations_imprint"),
    *("attributions_balancedownload", "attributions_statedpurpose", "reservations_peoplereview"),
)


@pytest.fixture
def roles(db: None) -> str:
    """Made by the command; undone with the transaction of the test. The name of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("database_roles", stdout=None)
    return connected().database


@contextmanager
def acting(work: str, database: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role(work, database))))
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")


def refused(statement: str) -> str:
    with pytest.raises(ProgrammingError) as found, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(found.value)


def tables() -> list[str]:
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def test_the_site_may_neither_empty_nor_change_any_table(roles: str) -> None:
    """« TRUNCATE and DDL refused to the application »: on every table there is."""
    every = tables()
    assert len(every) > 110
    with acting(APPLICATION, roles):
        for table in every:
            assert "permission denied" in refused(f"TRUNCATE {table} CASCADE"), table
            for change in (f"ALTER TABLE {table} DISABLE TRIGGER ALL", f"DROP TABLE {table}"):
                assert "must be owner" in refused(change), change
        for statement in (
            "CREATE TABLE beside (id bigint)",
            "CREATE FUNCTION beside() RETURNS void LANGUAGE sql AS ''",
            "SET session_replication_role = replica",
            *(f"UPDATE {table} SET id = id" for table in KEPT),  # noqa: S608
            *(f"DELETE FROM {table}" for table in KEPT),  # noqa: S608
            "INSERT INTO reservations_imprint (table_name, row_id, at) VALUES ('x', 1, now())",
            "DELETE FROM reservations_historyentry",
            "UPDATE attributions_ballotline SET text = ''",
        ):
            assert "permission denied" in refused(statement), statement


def test_a_life_is_lived_under_the_account_of_the_site(world: World, roles: str, time_machine: Any) -> None:
    """Every act of the product: declare, route, propose, decide, let, give back, balance, sign."""
    with acting(APPLICATION, roles):
        live(world, 1, time_machine)
        assert FlowEntry.objects.filter(stage="LEASED").exists()
        assert altered() == []


def test_the_worker_erases_at_term_and_nothing_more(roles: str, world: World) -> None:
    """Four functions of the owner (docs/triggers.md), which the site may not call: no row is the worker's to erase."""
    with acting(WORKER, roles):
        assert (pseudonymise_due(), forget_reconciled_numbers(), purge_access_log()) == (0, 0, 0)
        assert forget_sign_ins(before=timezone.now()) == 0
        for statement in (
            *("DELETE FROM flux_flowentry", "TRUNCATE reservations_signin", "DROP TABLE flux_unit"),
            *("DELETE FROM reservations_signin", "DELETE FROM attributions_accessrecord"),
            "UPDATE attributions_designation SET exemption_text = ''",
            "UPDATE reservations_historyentry SET why = ''",
        ):
            assert re.search("permission denied|must be owner", refused(statement)), statement


def test_a_file_of_each_kind_is_checked_and_written_under_the_accounts_that_do_it(roles: str, world: World) -> None:
    """Given to the site, checked and written by the worker. `COPY` into a table that has a policy is refused to who is
    held by it: every file stopped there, in the demonstration, and no test connected as the worker."""
    member = world.member("alice")
    for kind in every_kind():
        model = ";".join(column.name for column in kind.columns), ";".join(column.example for column in kind.columns)
        with acting(APPLICATION, roles):
            order = receive_file(
                organisation=member.organisation,
                kind=kind,
                name=f"{kind.code}.csv",
                content="\r\n".join(model).encode("utf-8-sig"),
                by=member.user,
            )
        with acting(WORKER, roles):
            assert run(order).state in {"CHECKED", "EMPTY"}, (kind.code, order.failure)
    people = csv_of("courriel;nom;fonction", "agnes@robine.example;Agnès;agent")
    with acting(WORKER, roles):
        assert written(world, "personnes", people).new == 1


def test_what_the_clock_asks_is_done_under_the_account_of_the_worker(roles: str, world: World) -> None:
    """Every task of the schedule, on a world where there is something to look at."""
    tasks = {each["task"] for each in SCHEDULE.values()}
    assert len(tasks) > 20
    app.loader.import_default_modules()
    with acting(WORKER, roles):
        for name in sorted(tasks):
            app.tasks[name]()


def test_the_reader_and_the_backup_read_what_is_theirs(roles: str, world: World) -> None:
    with acting(READER, roles):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM figures.conventions WHERE status = 'SIGNED'")
            assert cursor.fetchone()[0] > 0
        for statement in (
            "SELECT full_name FROM public.reservations_user",
            "SELECT * FROM public.reservations_session",
            "SELECT * FROM public.attributions_lease",
            "UPDATE public.flux_ledger SET sequence = 0",
            "INSERT INTO public.flux_routingpolicy DEFAULT VALUES",
        ):
            assert "permission denied" in refused(statement), statement
    with acting(BACKUP, roles), connection.cursor() as cursor:
        for table in tables():
            cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(table)))
        assert "permission denied" in refused("DELETE FROM reservations_session")


def test_the_reader_opens_no_wall_and_executes_nothing_of_ours(roles: str, world: World) -> None:
    """« The account that reads figures says `SET equiflux.wall='open'` and reads 622 households. » Nor does a
    credential, were it signed: it has no privilege on any of these tables."""
    walled = sorted(walled_tables())
    assert len(walled) > 10
    with acting(READER, roles), wall.opened(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL equiflux.wall = 'open'")
        for table in walled:
            assert "permission denied" in refused(f"SELECT * FROM public.{table}"), table  # noqa: S608
        assert "permission denied" in refused("SELECT public.reservations_digest('reservations_user', 1)")
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        ours = cursor.fetchall()
        for work in (READER, BACKUP):
            cursor.execute(
                "SELECT count(*) FROM unnest(%s::text[]) f WHERE has_function_privilege(%s, f, 'EXECUTE')",
                [[signature for signature, _ in ours], role(work, roles)],
            )
            assert cursor.fetchone() == (0,), work
    assert len(ours) > 50


def test_production_refuses_an_account_that_owns_or_may_everything(roles: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workstation and its demonstration start their own server, and are distinguished."""
    assert "qui peut tout dans la base" in fault()
    with acting(OWNER, roles):
        assert "propriétaire des tables" in fault()
        assert f"postgres://{roles}_app:…@…/{roles}" in fault()
    with acting(APPLICATION, roles):
        assert fault() == ""
    monkeypatch.delenv("EQUIFLUX_WORKSTATION", raising=False)
    assert [each.id for each in database_checks.check_account()] == ["config.E005"]
    monkeypatch.setenv("EQUIFLUX_WORKSTATION", "1")
    assert database_checks.check_account() == []


def test_the_owner_gives_privileges_again_after_a_migration(roles: str) -> None:
    """What the matrix names; a table that it does not name is copied, and nothing else."""
    with acting(OWNER, roles):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE flux_new (id bigint)")
            cursor.execute(f'REVOKE ALL ON flux_vacancy FROM "{roles}_app"')
        call_command("database_roles", stdout=None)
    with acting(APPLICATION, roles), connection.cursor() as cursor:
        cursor.execute("SELECT FROM flux_vacancy")
        assert "permission denied" in refused("INSERT INTO flux_new VALUES (1)")
    with acting(BACKUP, roles), connection.cursor() as cursor:
        cursor.execute("SELECT FROM flux_new")


def test_merged_accounts_are_refused(roles: str) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f'GRANT "{roles}_owner" TO "{roles}_app"')
        with pytest.raises(CommandError, match=f"Le compte « {roles}_app » peut plus que son métier"):
            call_command("database_roles", stdout=None)
        transaction.set_rollback(True)
    with acting(APPLICATION, roles), pytest.raises(CommandError, match="Il manque des comptes de la base"):
        call_command("database_roles", stdout=None)
