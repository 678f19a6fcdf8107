"""Pages asked under the account of the site, as in production: the second wall stands (docs/second-wall.md).

Tests connect as the owner of their own server, whom no policy holds. Here each request acts as the application; what a
test does around it stays the owner's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.handlers.base import BaseHandler
from django.core.management import call_command
from django.db import connection
from django.test.client import ClientHandler
from psycopg import sql

from config.database_roles import APPLICATION, PASSWORDS, role

#: Of an account that signs in by itself, where most tests only become one.
ACCOUNT_PASSWORD = "mot-de-passe-d-un-compte"


@contextmanager
def walled() -> Iterator[None]:
    """Every request of a test client, inside, is served by the account of the site, made for this database."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    call_command("database_roles", stdout=None)
    with pytest.MonkeyPatch.context() as patch:
        serve_as_the_site(patch)
        yield


def serve_as_the_site(patch: pytest.MonkeyPatch, handler: type[BaseHandler] = ClientHandler) -> None:
    """The accounts are there: every request that this handler answers is served by that of the site."""
    served = handler.__call__

    def as_the_site(*given: Any) -> Any:
        with site_account():
            return served(*given)

    patch.setattr(handler, "__call__", as_the_site)


@contextmanager
def site_account(work: str = APPLICATION) -> Iterator[None]:
    """Inside, this connection is the application's, or that of another work, for which `database_roles` was called."""
    name = role(work, str(connection.settings_dict["NAME"]))
    _become(sql.SQL("SET ROLE {}").format(sql.Identifier(name)))
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _become(sql.SQL("RESET ROLE"))


def _become(statement: sql.Composed | sql.SQL) -> None:
    """Beside the statements that tests count."""
    connection.ensure_connection()
    connection.connection.execute(statement)


def make_accounts(**options: bool) -> None:
    """The accounts of this database, that sign in with `ACCOUNT_PASSWORD`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in PASSWORDS.values():
            patch.setenv(name, ACCOUNT_PASSWORD)
        call_command("database_roles", stdout=None, **options)


def forget_accounts(database: str) -> None:
    """Accounts are the server's: those of a database that is dropped go with it."""
    from tests.one_template import server

    with server() as postgres:
        for work in PASSWORDS:
            postgres.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role(work, database))))
