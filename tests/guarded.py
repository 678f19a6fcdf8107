"""What the product writes, it writes under its locks: a row that two acts may change is changed by one act at a time.

docs/locks.md lists, of a table and a way of writing it, the tables of which the act has locked a row by then; and of a
function that locks rows, the tables whose rows it reads locked. Both are held wherever a test runs the product: an act
that forgets its lock fails in whatever test runs it, and nobody else has to come at that moment to see it. What a test
reads or writes by itself, with no act, is not asked; nor what is read where a test takes every lock away.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import QuerySet

ROOT = Path(__file__).resolve().parents[1]
HEAD = "| what is written | how | under the lock of |\n| --- | --- | --- |\n"
READ = "| where | function | rows |\n| --- | --- | --- |\n"
LOCKING = re.compile(r' FOR (?:NO KEY )?UPDATE(?: OF "(?P<named>\w+)")?')
#: The table that is read, not those of the queries inside.
FROM = re.compile(r' FROM "(\w+)"(?! [U-Z]\d)')
WRITING = re.compile(r'\s*(INSERT|UPDATE|DELETE)(?: INTO| FROM)? "?(\w+)"?')
PRODUCT = ("flux/", "reservations/", "attributions/")


def _rows(head: str) -> list[tuple[str, str, frozenset[str]]]:
    """The lines of a table of docs/locks.md; what is locked by its name in the database."""
    page = (ROOT / "docs/locks.md").read_text(encoding="utf-8").partition(head)[2].partition("\n\n")[0]
    cells = [[cell.strip() for cell in row.strip("| ").split("|")] for row in page.splitlines()]
    return [(one, other, frozenset(_table(each) for each in locked.split(", "))) for one, other, locked in cells]


def _table(name: str) -> str:
    return next(model._meta.db_table for model in apps.get_models() if model.__name__ == name)


def declared() -> dict[tuple[str, str], frozenset[str]]:
    """By way of writing and table, the tables that are locked."""
    return {(way.upper(), _table(name)): under for name, ways, under in _rows(HEAD) for way in ways.split(", ")}


def read_locked() -> dict[str, frozenset[str]]:
    """By function, the tables whose rows it reads locked."""
    return {f"{path}:{function}": locked for path, function, locked in _rows(READ)}


class Watch:
    """What each connection has locked since its act began."""

    def __init__(
        self, asked: Mapping[tuple[str, str], frozenset[str]], reading: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        self.asked, self.reading = asked, reading or {}
        self.read = frozenset[str]().union(*self.reading.values())
        self.held: dict[int, set[str]] = {}
        self.locking = QuerySet.select_for_update

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """For the session: on each connection, of whatever thread; an act is the outermost `atomic` that no test
        opened."""
        enter, leave = transaction.Atomic.__enter__, transaction.Atomic.__exit__

        def entered(block: Any) -> Any:
            found = enter(block)
            self.begin(transaction.get_connection(block.using))
            return found

        def left(block: Any, *raised: Any) -> Any:
            try:
                return leave(block, *raised)
            finally:
                self.end(transaction.get_connection(block.using))

        patch.setattr(transaction.Atomic, "__enter__", entered)
        patch.setattr(transaction.Atomic, "__exit__", left)
        connection_created.connect(self.listen, weak=False)
        for each in connections.all(initialized_only=True):
            self.listen(each)

    def listen(self, connection: BaseDatabaseWrapper, **_: object) -> None:
        if self.asks not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.asks)

    def begin(self, connection: BaseDatabaseWrapper) -> None:
        if sum(not block._from_testcase for block in connection.atomic_blocks) == 1:
            self.held[id(connection)] = set()

    def end(self, connection: BaseDatabaseWrapper) -> None:
        if all(block._from_testcase for block in connection.atomic_blocks):
            self.held.pop(id(connection), None)

    def asks(self, execute: Callable[..., Any], statement: Any, parameters: Any, many: bool, context: Any) -> Any:
        result = execute(statement, parameters, many, context)
        begun = statement[:6] if isinstance(statement, str) else ""
        if begun not in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            return result
        held, found = self.held.get(id(context["connection"]), set()), context["cursor"].cursor.rowcount > 0
        if begun == "SELECT":
            self.reads(statement, held, found=found)
        elif not found:
            return result
        elif written := WRITING.match(statement):
            missing = self.asked.get((begun, written[2]), frozenset()) - held
            if missing and (act := writer()):
                raise AssertionError(
                    f"{act} writes {written[2]} ({begun.lower()}) without the lock of {', '.join(sorted(missing))}: "
                    "docs/locks.md"
                )
        return result

    def reads(self, statement: str, held: set[str], *, found: bool) -> None:
        """What is locked is held until the act is over. A function that locks a table reads it locked first: `held` has
        its own name with the table then, whatever another had locked before."""
        locked, table = LOCKING.search(statement), FROM.search(statement)
        name = (locked and locked["named"]) or (table and table[1]) or ""
        if locked and found:
            held.add(name)
        if name not in self.read or name not in self.reading.get(function := writer(), ()):
            return
        if locked:
            held.add(f"{function} {name}")
        elif found and f"{function} {name}" not in held and QuerySet.select_for_update is self.locking:
            raise AssertionError(f"{function} reads {name} without its lock: docs/locks.md")


def writer() -> str:
    """Which function of the product runs the statement; nothing when it is a test."""
    frame = sys._getframe(2)
    while frame is not None:
        if (name := _named(frame.f_code.co_filename, frame.f_code.co_qualname)) is not None:
            return name
        frame = frame.f_back  # type: ignore[assignment]
    return ""


@cache
def _named(file: str, function: str) -> str | None:
    """A function of the product, those inside it with it; "" for a test, None for what both call."""
    path = file.removeprefix(f"{ROOT}/")
    if path.startswith(("/", ".venv/")) or "/models/" in path or path == "tests/guarded.py":
        return None
    return f"{path}:{function.partition('.<locals>')[0]}" if path.startswith(PRODUCT) else ""
