"""SQL of migrations, kept as files that one can read, explained one by one in docs/triggers.md: `<app>/sql/<subject>.sql`
for what the squashed migration runs, `<app>/sql/<migration>_<subject>.sql` for those written since, and
`<app>/sql/replaced/` for those that it stands for, which a database of before still runs.

What a migration applied is not rewritten: a trigger that changes is a new file, applied by a new migration. Each file is
named with its seal, so that an edit of what is applied somewhere already is refused before any database is touched.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import migrations

ROOT = Path(__file__).resolve().parents[2]
MADE = re.compile(r"^CREATE FUNCTION (\w+\()", re.MULTILINE)
WALLED = re.compile(r"^ALTER TABLE (\w+) ENABLE ROW LEVEL SECURITY;", re.MULTILINE)
POLICY = re.compile(r"^CREATE POLICY (\w+) ON (\w+)", re.MULTILINE)
TRIGGERED = re.compile(r"^CREATE (?:CONSTRAINT )?TRIGGER (\w+)\s[^;]*?\bON (\w+)", re.MULTILINE)


class Statements(migrations.RunSQL):
    """SQL that a migration runs, and the file that it is read from: none for what only prepares the others."""

    def __init__(self, sql: str, reverse_sql: Any = migrations.RunSQL.noop, *, file: str | None = None) -> None:
        super().__init__(sql, reverse_sql)
        self.file = file


def apply_files(app: str, files: dict[str, str]) -> list[migrations.RunSQL]:
    """Operations that run these files of the app, in order: {name: seal}. Backwards, what they made is dropped: triggers and
    policies, then functions, and with them the triggers that call them.

    Raises ImproperlyConfigured when a file is not the one that was sealed.
    """
    return [_operation(app, name, sealed) for name, sealed in files.items()]


def apply_squashed(app: str, files: dict[str, str]) -> list[migrations.RunSQL]:
    """The same, of files that were ordered by subject: a function may call one that a later file makes."""
    before, after = "SET LOCAL check_function_bodies = off", "SET LOCAL check_function_bodies TO DEFAULT"
    return [Statements(before), *apply_files(app, files), Statements(after)]


def seal(text: str) -> str:
    """A short name for this text, the same on every machine."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _operation(app: str, name: str, sealed: str) -> migrations.RunSQL:
    path = f"{app}/sql/{name}.sql"
    if not (ROOT / path).exists():
        path = f"{app}/sql/replaced/{name}.sql"
    text = (ROOT / path).read_text(encoding="utf-8")
    if seal(text) != sealed:
        raise ImproperlyConfigured(
            f"{path} a changé depuis qu’une migration l’applique (sceau {seal(text)}, attendu {sealed}) : remettez-le "
            "comme il était, et écrivez le changement dans un nouveau fichier, appliqué par une nouvelle migration."
        )
    functions = [name.rstrip("(") for name in MADE.findall(text)]
    backwards = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in TRIGGERED.findall(text)]
    backwards += [f"DROP POLICY IF EXISTS {name} ON {table}" for name, table in POLICY.findall(text)]
    backwards += [f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY" for table in WALLED.findall(text)]
    backwards += [f"DROP FUNCTION IF EXISTS {name} CASCADE" for name in functions]
    return Statements(text, backwards or migrations.RunSQL.noop, file=name)
