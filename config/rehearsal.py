"""An upgrade, rehearsed: a backup restored beside, brought to the tables of this version, and every decision, account
and sealed balance of it looked at again by its code. The installation goes on meanwhile, untouched."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import connection
from psycopg import sql

from reservations.refusals import Refusal

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Step:
    """One command of this version on the copy: what it does, and what it looks for."""

    command: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Done:
    """A step, and what its command wrote."""

    step: Step
    is_right: bool
    said: str


def steps(dump: Path) -> tuple[Step, ...]:
    """What is done to the copy, in order: the last says nothing where one before it fails."""
    return (
        Step(("restore", "--rows-only", str(dump)), "La sauvegarde est rétablie à part"),
        Step(("migrate", "--no-input", "--verbosity", "0"), "Ses tables passent à cette version"),
        Step(("replay",), "Chaque décision est rejouée par ce code"),
        Step(("audit_routing",), "Comptes, décomptes et empreintes sont refaits"),
        Step(("recount_balance",), "Chaque année est recomptée, et chaque bilan envoyé relu"),
    )


#: Those without which the others say nothing.
LEADING = 2


def rehearsed(dump: Path) -> Iterator[Done]:
    """Each step as it ends.

    Raises Refusal where this account may not make a database.
    """
    with _copy() as environment:
        for number, step in enumerate(steps(dump), start=1):
            line = [sys.executable, "-P", str(ROOT / "manage.py"), *step.command]
            done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
            yield Done(step, done.returncode == 0, (done.stdout + done.stderr).strip())
            if done.returncode and number <= LEADING:
                return


@contextmanager
def _copy() -> Iterator[dict[str, str]]:
    """The environment of commands on an empty database beside ours, which goes at the end."""
    given = connection.get_connection_params()
    given.pop("cursor_factory", None)
    given.pop("context", None)
    name = f"{given['dbname']}_repetition"
    copy = sql.Identifier(name)
    try:
        with psycopg.connect(**given, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(copy))
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(copy))
    except psycopg.errors.InsufficientPrivilege as refused:
        raise Refusal(
            f"Ce compte ne peut pas créer la base {name}, où l’essai se fait : lancez cette commande avec celui de "
            "l’administrateur de PostgreSQL."
        ) from refused
    try:
        yield {**os.environ, "DATABASE_URL": urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))}
    finally:
        with psycopg.connect(**given, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(copy))
