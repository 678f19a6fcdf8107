"""« No setting that an account may say opens anything »: what an attacker tries with the passwords of the site and of
the worker, each by a connection of its own, on a balance that everybody signed."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from attributions.bilan.models import BalanceVersion
from attributions.households.models import Application
from config.database_roles import APPLICATION, WORKER, role
from reservations import credentials
from reservations.models import Convention, wall
from reservations.queries.imprints import altered
from tests.attributions.bilan.balances import lived, people, send, sign
from tests.attributions.households.named import household
from tests.one_template import server
from tests.own_database import own_database
from tests.walled import ACCOUNT_PASSWORD, forget_accounts, make_accounts
from tests.world import build_world

Account = psycopg.Connection[tuple[object, ...]]

#: Every way to say that a rule or a table is not that of the owner, in a session and in one statement.
SAID = (
    "SET equiflux.unguarded = 'attributions_balanceversion.kept attributions_balanceversion.sealed_once"
    " reservations_quota.kept_once_out_of_draft reservations_rate.kept_once_out_of_draft'",
    "SET equiflux.wall = 'open'",
    "CREATE TEMP TABLE reservations_convention AS SELECT id, 'DRAFT' AS status FROM public.reservations_convention",
    "CREATE TEMP TABLE reservations_ruleaside (transaction bigint, rule text)",
    "INSERT INTO pg_temp.reservations_ruleaside SELECT pg_current_xact_id()::text::bigint, r FROM unnest(ARRAY["
    "'attributions_balanceversion.kept', 'reservations_quota.kept_once_out_of_draft']) r",
    "SET search_path = pg_temp, public",
)
#: What was forged of a sealed balance and of a signed share, and what else would open the way to it.
FORGED = (
    "UPDATE public.attributions_balanceversion SET content = '{}', seal = repeat('0', 64)",
    "UPDATE public.attributions_balanceversion SET sealed_at = NULL",
    "DELETE FROM public.attributions_balanceversion",
    "UPDATE public.reservations_quota SET share = share + 1",
    "DELETE FROM public.reservations_quota",
    "UPDATE public.reservations_convention SET status = 'DRAFT'",
    "UPDATE public.reservations_signatory SET signed_on = signed_on - 1",
    "INSERT INTO public.reservations_rate (quota_id, share) SELECT id, 1 FROM public.reservations_quota",
    "DELETE FROM public.flux_return",
    "DELETE FROM public.attributions_balancesignature",
    "UPDATE public.reservations_historyentry SET why = 'réécrit'",
    "INSERT INTO public.reservations_ruleaside (transaction, rule)"
    " SELECT pg_current_xact_id()::text::bigint, 'attributions_balanceversion.kept'",
    "SELECT public.reservations_set_aside(ARRAY['attributions_balanceversion.kept'])",
    "SET session_replication_role = replica",
    "ALTER TABLE public.attributions_balanceversion DISABLE TRIGGER kept",
)
REFUSED = re.compile(r"permission denied|must be owner|: rule \w+|are kept once")


@dataclass
class Signed:
    """A database of its own, where a balance is sealed and a household is not at its term."""

    name: str
    household: int

    def account(self, work: str) -> Account:
        given = connection.get_connection_params() | {"dbname": self.name, "user": role(work, self.name)}
        given |= {"password": ACCOUNT_PASSWORD}
        given.pop("cursor_factory", None)
        given.pop("context", None)
        return psycopg.connect(**given, autocommit=True)


@pytest.fixture(scope="module")
def signed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Signed]:
    with django_db_blocker.unblock():
        with own_database("doors") as name:
            world = build_world()
            people(world)
            lived(world)
            sign(world, send(world))
            named = household(world)
            closed = timezone.localdate() - timedelta(days=30)
            Application.objects.filter(pk=named.pk).update(closed_on=closed, closure="WAIVED")
            make_accounts(keep_owner=True)
            yield Signed(name, named.pk)
        forget_accounts(name)


def refused(account: Account, statement: str) -> str:
    with pytest.raises(psycopg.Error) as found:
        account.execute(statement)
    return str(found.value)


@pytest.mark.parametrize("work", [APPLICATION, WORKER])
def test_no_setting_of_an_account_rewrites_what_was_sealed_or_signed(signed: Signed, work: str) -> None:
    """« The site's own account says `SET equiflux.unguarded`, rewrites a sealed balance with its seal and a signed
    share, and the trigger writes an honest imprint. »"""
    before = sealed()
    with signed.account(work) as account:
        for statement in SAID:
            account.execute(statement)
        for statement in FORGED:
            assert REFUSED.search(refused(account, statement)), (statement, refused(account, statement))
            together = f"BEGIN; {SAID[0]}; {statement}; COMMIT"
            assert REFUSED.search(refused(account, together)), statement
            account.execute("ROLLBACK")
    assert sealed() == before
    assert altered() == []


def sealed() -> list[tuple[object, ...]]:
    shares = Convention.objects.filter(status="SIGNED").order_by("pk", "quotas__pk").values_list("pk", "quotas__share")
    return [*BalanceVersion.objects.values_list("pk", "content", "seal", "sealed_at"), *shares]


def test_the_site_erases_nothing_and_the_worker_nothing_before_its_day(signed: Signed) -> None:
    """Functions of the owner, executed by the worker alone, look themselves whether the term is over."""
    today = timezone.localdate()
    erase = "SELECT attributions_pseudonymise(ARRAY[{}]::bigint[], '{}')"
    asked = (
        erase.format(signed.household, today),
        f"SELECT attributions_deal_facts('{today}')",
        f"SELECT attributions_forget_numbers('{today}')",
        f"SELECT attributions_purge_access_log('{today}')",
        f"SELECT reservations_forget_sign_ins('{today - timedelta(days=183)}')",
    )
    with signed.account(APPLICATION) as account:
        for statement in asked:
            assert "permission denied for function" in refused(account, statement), statement
    later = today + timedelta(days=3660)
    with signed.account(WORKER) as account:
        for statement in asked:
            assert account.execute(statement).fetchone() == (0,), statement
            assert "is to come" in refused(account, re.sub(r"'\d{4}-\d\d-\d\d'", f"'{later}'", statement)), statement
        for name in ("reservations_set_aside", "reservations_give_back", "reservations_add_imprint"):
            may = "SELECT bool_or(has_function_privilege(oid, 'EXECUTE')) FROM pg_proc WHERE proname = %s"
            assert account.execute(may, [name]).fetchone() == (False,), name
    assert Application.objects.get(pk=signed.household).name != ""


def test_no_setting_of_the_site_shows_it_a_household(signed: Signed) -> None:
    """« `SET equiflux.wall='open'` reads 622 households »: nothing is shown to a word, nor to a credential that another
    key signed, that was made for another connection, that is over, of another use, changed or cut; nor to who puts
    tables of its own in the place of those that a policy looks at."""
    with signed.account(APPLICATION) as account:
        here = account.info.backend_pid
        good = {"use": "act", "connection": here, "until": time.time() + 600, "secret": settings.SECRET_KEY}
        member = {"organisation": 1, "user": 1, "landlord": 1, "territory": 1, "administrator": 1}
        acting = credentials.signed(given=member, **good | {"use": "acting"})
        forged = {
            "a word": "open",
            "unsigned": json.dumps({"use": "act", "connection": here, "until": time.time() + 600}),
            "another key": credentials.signed(given={}, **good | {"secret": "another" * 8}),
            "another connection": credentials.signed(given={}, **good | {"connection": here + 1}),
            "over": credentials.signed(given={}, **good | {"until": time.time() - 1}),
            "another use": acting,
            "changed": acting[:64] + acting[64:].replace('"acting"', '"act"'),
            "cut": credentials.signed(given={}, **good)[:-1],
            "no content": credentials.signed(given={}, **good)[:64],
        }
        for statement in (
            *SAID,
            "CREATE TEMP TABLE attributions_pastcandidacy AS SELECT id AS application_id FROM"
            " public.attributions_application_organisations",
            "CREATE TEMP TABLE reservations_actingkey (inner_block bytea, outer_block bytea)",
            "INSERT INTO pg_temp.reservations_actingkey VALUES ('', '')",
        ):
            account.execute(statement)
        for name, credential in forged.items():
            account.execute("SELECT set_config('equiflux.act', %s, false)", [credential])
            account.execute("SELECT set_config('equiflux.acting', %s, false)", [credential.replace("act", "acting")])
            assert shown(account) == 0, name
        account.execute("SELECT set_config('equiflux.act', %s, false)", [credentials.signed(given={}, **good)])
        assert shown(account) > 0, "by the installation, for this connection and this use, in its time"


def shown(account: Account) -> int:
    """Of tables that have a policy, how many rows an account is shown."""
    walled = "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"
    tables = [str(name) for (name,) in account.execute(walled).fetchall()]
    assert len(tables) > 10
    counted = " + ".join(f"(SELECT count(*) FROM public.{table})" for table in tables)  # noqa: S608
    found = account.execute(f"SELECT {counted}".encode()).fetchone()
    assert found is not None
    return int(str(found[0]))


@pytest.mark.parametrize("work", [APPLICATION, WORKER])
def test_what_verifies_credentials_is_read_by_no_account_that_serves(signed: Signed, work: str) -> None:
    with signed.account(work) as account:
        for statement in (
            "SELECT * FROM {}",
            "INSERT INTO {} DEFAULT VALUES",
            "DELETE FROM {}",
            "BEGIN; LOCK TABLE {}",
        ):
            assert "permission denied" in refused(account, statement.format("public.reservations_actingkey")), statement
            account.execute("ROLLBACK")


def test_a_credential_is_not_written_in_the_statement_that_gives_it(signed: Signed) -> None:
    """Who has the password of the site watches its other sessions in `pg_stat_activity`."""
    with wall.opened("watched"), server() as watching:
        number = connection.connection.info.backend_pid
        (seen,) = watching.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [number]).fetchone()
    assert ("set_config" in seen, "watched" in seen) == (True, False)


@pytest.mark.django_db
def test_a_setting_says_for_whom_one_reads_and_opens_no_rule() -> None:
    """A function that judges by a setting of the session is named here; one that runs as the owner, or judges whether a
    rule holds by what it reads, says where its tables are."""

    def functions(where: str, *values: object) -> set[str]:
        with connection.cursor() as cursor:
            ours = f"SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND {where}"  # noqa: S608
            cursor.execute(ours, values or None)
            return {name for (name,) in cursor.fetchall()}

    elsewhere = "NOT coalesce(array_to_string(proconfig, ' '), '') ~ 'search_path=public, pg_temp'"
    assert functions("prosrc ~ 'current_setting'") == {"reservations_credential"}
    assert functions(f"prosecdef AND {elsewhere}") == set()
    assert functions(f"prosrc ~ 'reservations_unguarded' AND prosrc ~ 'FROM' AND {elsewhere}") == set()
    asked = "EXISTS (SELECT FROM pg_policy WHERE pg_get_expr(polqual, polrelid) ~ (proname || '\\('))"
    assert functions(f"{asked} AND prosrc ~ 'FROM' AND {elsewhere}") == set(), "a policy judges by tables of ours"
