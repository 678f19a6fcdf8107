"""Sources.

* The SQL that migrations run, statement by statement: what each makes, drops or writes, under its comment.
* The tables of an app as one list of operations, from the state that its migrations lead to.
* Columns keep the order that the migrations gave them: a database that was altered and one made at once hold the
  same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.operations import CreateExtension
from django.db.migrations import CreateModel, Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import OperationWriter

#: What ends or hides a statement: a dollar-quoted body, a string, a comment, a semicolon.
TOKENS = re.compile(r"(\$\w*\$|'(?:[^']|'')*'|--[^\n]*|;)")
COMMENT = re.compile(r"--[^\n]*")

#: What a statement makes: the kind, and the names that state it from another.
MAKES = {
    "function": re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (?P<name>\w+)"),
    "trigger": re.compile(r"CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER (?P<name>\w+)\s[^;]*?\bON (?P<table>\w+)"),
    "policy": re.compile(r"CREATE POLICY (?P<name>\w+) ON (?P<table>\w+)"),
    "view": re.compile(r"CREATE (?:OR REPLACE )?VIEW (?P<name>\w+)"),
    "index": re.compile(r"CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?(?P<name>\w+)"),
    "rows": re.compile(r"ALTER TABLE (?P<table>\w+) (?P<name>ENABLE) ROW LEVEL SECURITY"),
    "forced": re.compile(r"ALTER TABLE (?P<table>\w+) (?P<name>FORCE) ROW LEVEL SECURITY"),
    "constraint": re.compile(r"ALTER TABLE (?P<table>\w+) ADD CONSTRAINT (?P<name>\w+)"),
    "comment": re.compile(r"COMMENT ON (?P<table>\w+) (?P<name>\S+)"),
    "grant": re.compile(r"(?P<name>(?:GRANT|REVOKE) [^;]*)"),
}
DROPS = {
    "function": re.compile(r"DROP FUNCTION (?:IF EXISTS )?(?P<name>\w+)"),
    "trigger": re.compile(r"DROP TRIGGER (?:IF EXISTS )?(?P<name>\w+) ON (?P<table>\w+)"),
    "policy": re.compile(r"DROP POLICY (?:IF EXISTS )?(?P<name>\w+) ON (?P<table>\w+)"),
    "view": re.compile(r"DROP VIEW (?:IF EXISTS )?(?P<name>\w+)"),
    "index": re.compile(r"DROP INDEX (?:CONCURRENTLY )?(?:IF EXISTS )?(?P<name>\w+)"),
    "constraint": re.compile(r"ALTER TABLE (?P<table>\w+) DROP CONSTRAINT (?:IF EXISTS )?(?P<name>\w+)"),
}
ALTERED_POLICY = re.compile(r"ALTER POLICY (?P<name>\w+) ON (?P<table>\w+)")
#: What serves a change of rows and is over once they are changed.
PASSING = re.compile(r"(ALTER TABLE \w+ (DISABLE|ENABLE) TRIGGER|LOCK TABLE|SET |DROP TABLE)")
WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+(?:ONLY\s+)?(\w+)")
CALLS = re.compile(r"\b((?:reservations|flux|attributions)_\w+)\s*\(")
RUNS = re.compile(r"EXECUTE FUNCTION (\w+)")
#: Of a function made or dropped, what stands between its parentheses: no type of ours holds a comma.
ARGUMENTS = re.compile(r"(?:CREATE (?:OR REPLACE )?|DROP )FUNCTION (?:IF EXISTS )?\w+\s*\((?P<arguments>[^)]*)\)")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Statement:
    """One statement of a file: what is stated of those that follow it too, its own comment, its code, whether a blank
    line goes before it, and what it is about."""

    section: str
    comment: str
    code: str
    is_apart: bool
    makes: Key | None = field(default=None)
    drops: Key | None = field(default=None)

    @property
    def bare(self) -> str:
        """Its code without a comment."""
        return COMMENT.sub("", self.code)

    @property
    def text(self) -> str:
        sentence = f"{self.comment}\n{self.code}" if self.comment else self.code
        return f"{self.section}\n\n{sentence}" if self.section else sentence

    @property
    def writes(self) -> set[str]:
        """The tables whose rows it writes itself."""
        return set(WRITES.findall(self.bare))

    @property
    def calls(self) -> set[str]:
        """The functions of ours that it names."""
        return set(CALLS.findall(self.bare)) | set(RUNS.findall(self.bare))

    @property
    def arguments(self) -> int:
        """How many arguments the function that it makes or drops takes: PostgreSQL holds one of a name for each."""
        found = ARGUMENTS.match(self.bare.strip())
        return len([each for each in found["arguments"].split(",") if each.strip()]) if found else 0

    @property
    def is_passing(self) -> bool:
        return PASSING.match(self.bare.strip()) is not None


def statements(text: str) -> tuple[str, list[Statement]]:
    """The heading of a file (its first comment, when a blank line follows) and its statements, in order."""
    heading, body = _heading(text)
    return heading, [_statement(part) for part in _split(body) if COMMENT.sub("", part).strip()]


def _heading(text: str) -> tuple[str, str]:
    lines = text.splitlines()
    end = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    if end and (end == len(lines) or not lines[end].strip()):
        return "\n".join(lines[:end]), "\n".join(lines[end:])
    return "", text


def _split(text: str) -> Iterator[str]:
    """The statements, each with the comments and blank lines before it; what follows a last semicolon on its line is
    its own."""
    current, quote = "", None
    for part in TOKENS.split(text):
        current += part
        if quote:
            quote = None if part == quote else quote
        elif re.fullmatch(r"\$\w*\$", part):
            quote = part
        elif part == ";":
            yield current
            current = ""
    if current.strip():
        yield current


def _statement(part: str) -> Statement:
    is_apart = re.match(r"\s*?\n\s*?\n", part) is not None
    lines = part.strip().splitlines()
    first = next(at for at, line in enumerate(lines) if line.strip() and not line.startswith("--"))
    *above, comment = re.split(r"\n\s*\n", "\n".join(lines[:first]).strip())
    if first and not lines[first - 1].strip():  # a blank line before the code: it is stated of all that follows
        above, comment = [*above, comment], ""
    code = "\n".join(lines[first:])
    bare = COMMENT.sub("", code)
    altered = ALTERED_POLICY.match(bare)
    if altered:  # stated whole, as when it was made
        code = code.replace("ALTER POLICY", "CREATE POLICY", 1)
    return Statement("\n\n".join(above), comment, code, is_apart, _key(MAKES, COMMENT.sub("", code)), _key(DROPS, bare))


def _key(shapes: dict[str, re.Pattern[str]], bare: str) -> Key | None:
    for kind, shape in shapes.items():
        found = shape.match(bare)
        if found:
            names = found.groupdict()
            return kind, names.get("table", ""), names["name"]
    return None


HEADING = '''"""The tables of {app}, with their constraints and their indexes, as ./run squash wrote them.

The migration that makes them is {name}.py."""

{imports}

TABLES: list[migrations.operations.base.Operation] = [
{operations}
]
'''


def written(app: str, name: str, state: ProjectState, replaced: Sequence[Migration]) -> str:
    """The module that holds them."""
    imports, lines = {"from django.db import migrations, models"}, []
    for operation in operations(app, state, replaced):
        text, wanted = OperationWriter(operation, indentation=1).serialize()
        imports |= wanted
        lines.append(text)
    return HEADING.format(app=app, name=name, imports="\n".join(sorted(imports)), operations="\n".join(lines))


def operations(app: str, state: ProjectState, replaced: Sequence[Migration]) -> list[Operation]:
    """What PostgreSQL must know first, then every table, in the order in which they came."""
    extensions = {
        operation.name: operation
        for migration in replaced
        for operation in migration.operations
        if isinstance(operation, CreateExtension)
    }
    tables = [_table(model) for (of, _), model in state.models.items() if of == app]
    return [*extensions.values(), *tables]


def _table(model: ModelState) -> CreateModel:
    model = model.clone()
    options = {name: value for name, value in model.options.items() if value or name not in ("indexes", "constraints")}
    return CreateModel(model.name, list(model.fields.items()), options, model.bases, model.managers)
