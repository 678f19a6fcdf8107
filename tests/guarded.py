"""What the product writes, it writes under its locks: a row that two acts may change is changed by one act at a time.

docs/locks.md lists, of a table and a way of writing it, the tables of which the act has locked a row by then. It is
held wherever a test makes the product write: an act that forgets its lock fails in whatever test runs it, and nobody
else has to come at that moment to see it. What a test writes by itself, with no act, is not asked.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

ROOT = Path(__file__).resolve().parents[1]
HEAD = "| what is written | how | under the lock of |\n| --- | --- | --- |\n"
LOCKING = re.compile(r' FOR (?:NO KEY )?UPDATE(?: OF "(?P<named>\w+)")?')
FROM = re.compile(r' FROM "(\w+)"')
WRITING = re.compile(r'\s*(INSERT|UPDATE|DELETE)(?: INTO| FROM)? "?(\w+)"?')
PRODUCT = ("flux/", "reservations/", "attributions/")


def declared() -> dict[tuple[str, str], frozenset[str]]:
    """By way of writing and table, the tables that are locked, as docs/locks.md lists them; by their names in the
    database."""
    tables = {model.__name__: model._meta.db_table for model in apps.get_models()}
    page = (ROOT / "docs/locks.md").read_text(encoding="utf-8").partition(HEAD)[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in row.strip("| ").split("|")] for row in page.splitlines()]
    return {
        (way.upper(), tables[name]): frozenset(tables[each] for each in under.split(", "))
        for name, ways, under in rows
        for way in ways.split(", ")
    }


class Watch:
    """What each connection has locked since its act began."""

    def __init__(self, asked: Mapping[tuple[str, str], frozenset[str]]) -> None:
        self.asked = asked
        self.held: dict[int, set[str]] = {}

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
        if begun not in ("SELECT", "INSERT", "UPDATE", "DELETE") or context["cursor"].cursor.rowcount < 1:
            return result
        held = self.held.get(id(context["connection"]), set())
        if begun == "SELECT":
            if locked := LOCKING.search(statement):
                held.add(locked["named"] or FROM.search(statement)[1])  # type: ignore[index]
        elif written := WRITING.match(statement):
            missing = self.asked.get((begun, written[2]), frozenset()) - held
            if missing and (act := writer()):
                raise AssertionError(
                    f"{act} writes {written[2]} ({begun.lower()}) without the lock of {', '.join(sorted(missing))}: "
                    "docs/locks.md"
                )
        return result


def writer() -> str:
    """Which function of the product writes now; nothing when it is a test."""
    frame = sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
        if not path.startswith(("/", ".venv/")) and "/models/" not in path and path != "tests/guarded.py":
            return f"{path}:{frame.f_code.co_qualname}" if path.startswith(PRODUCT) else ""
        frame = frame.f_back  # type: ignore[assignment]
    return ""
