"""A machine that is not updated yet goes on working: the code before runs on the tables of today.

docs/operations.md: what is new is added first, what is no longer used is taken away by the update that follows.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from psycopg import sql

from config.local.state import ROOT
from tests.one_template import PREFIX, server, template

#: Where what a database is made of is written.
MADE = ("*/migrations/*.py", "*/sql/*.sql")
#: Its own tests of acts, from an orientation to a lease, and of the page where clerks decide.
TOLD = (
    "tests/flux/operations/test_routing.py",
    "tests/flux/views/test_routing.py",
    "tests/attributions/households/operations/test_lease.py",
)
#: Those of them that go furthest.
FURTHEST = "(sequence_of_acts and 3) or re_routing_shows_both or whole_life_leaves_books or undone_lease"
#: What it would call a database with its tables, and the tables that it knows.
NAME = "from config.local.fingerprint import TABLES, fingerprint; print(fingerprint(*TABLES, 'tests/one_template.py'))"


def git(*words: str) -> bytes:
    return subprocess.run(["git", "-C", ROOT, *words], check=True, capture_output=True).stdout


def written(paths: Iterable[str]) -> set[tuple[str, str]]:
    """{(app, migration)} of these paths, wherever they are kept, but for those that stand for others: what is squashed
    is what it was."""
    found = {re.fullmatch(r"(\w+)/migrations/(?:replaced/)?(\d{4}_\w+)\.py", path) for path in paths}
    return {(each[1], each[2]) for each in found if each and not each[2].endswith("_squashed")}


def migrations(of: str) -> set[tuple[str, str]]:
    return written(git("ls-tree", "-r", "--name-only", of).decode().splitlines())


def commit_before() -> str | None:
    """The latest commit that has some of today's migrations and no other; nothing where the history is not there."""
    if not (ROOT / ".git").exists():
        return None
    today = written(str(path.relative_to(ROOT)) for path in ROOT.glob("*/migrations/**/*.py"))
    for changed in git("log", "--format=%H", "--", *MADE).decode().split():
        parents = git("log", "-1", "--format=%P", changed).decode().split()
        if parents and migrations(parents[0]) < today:
            return parents[0]
    return None


BEFORE = commit_before()


@pytest.mark.django_db
@pytest.mark.skipif(BEFORE is None, reason="an archive without its history has no code before it")
def test_the_code_before_acts_on_the_tables_of_today(tmp_path: Path) -> None:
    code = git("archive", str(BEFORE), ".", ":(exclude).venv")  # an environment is none, whoever versioned it
    with tarfile.open(fileobj=BytesIO(code)) as archive:
        archive.extractall(tmp_path, filter="data")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}_before")
    environment |= {"PYTHONPATH": str(tmp_path), "DATABASE_URL": urlunsplit(address)}

    def python(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)

    known = f"{PREFIX}{python('-c', NAME).stdout.strip()}"
    with template() as today, server() as postgres:
        assert known not in (PREFIX, today)
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        postgres.execute(copy.format(sql.Identifier(known), sql.Identifier(today)))
    try:
        ran = python("-m", "pytest", "-q", "--create-db", *TOLD, "-k", FURTHEST)
        assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]
    finally:
        with server() as postgres:
            postgres.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(known)))
