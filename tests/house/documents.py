"""The documents that are lists, which `./run docs` builds in docs/built/: the repository keeps none of them.

Each is read from what it lists: the predicates, the database, the models, the docstrings, the data files. A change of
what a list says is reviewed in its source: `reservations/data/rights.csv`, `tests/house/personal.csv`,
`tests/house/transitions.csv`, `docs/schema.txt`, `attributions/public/rgaa.csv`.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models

from config.local.squashing.sources import COMMENT, Statement, statements
from tests.house.tree import ROOT, STOREYS, WINGS, doors

FOLDER = "docs/built"
#: The documents that `./run docs` writes.
BUILT = ("packages.md", "rgaa.md", "rights.md", "states.md", "tables.md", "triggers.md")
TRANSITIONS = ROOT / "tests/house/transitions.csv"


def put(config: pytest.Config, name: str, text: str) -> None:
    """Write a document, when `--documents` names a folder."""
    assert name in BUILT
    if folder := config.getoption("--documents"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / name).write_text(text, encoding="utf-8")


def rows_of(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def transitions() -> list[tuple[str, str, str, str]]:
    """(machine, from, act, to) of every move there is; « – » is « does not exist »."""
    with TRANSITIONS.open(encoding="utf-8", newline="") as file:
        return [(row["machine"], row["from"], row["act"], row["to"]) for row in csv.DictReader(file, delimiter=";")]


def our_models() -> list[type[models.Model]]:
    return [model for app in STOREYS for model in apps.get_app_config(app).get_models()]


# --- packages ---


def summary(app: str, name: str) -> str:
    """The first line of the docstring of a package or of a module; "" for none."""
    path = ROOT / app / f"{name}.py"
    path = path if path.exists() else ROOT / app / name / "__init__.py"
    documented = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else None
    return " ".join((documented or "").partition("\n\n")[0].split()).partition("\n* ")[0]


def packages_page() -> str:
    """Every package and module at the head of an app, by the docstring that opens it."""
    lines = ["# Packages\n", "What each package of an app holds, in the words of its docstring."]
    for app in (*STOREYS, *WINGS):
        lines += [
            f"\n## {app}\n",
            *rows_of(("Package", "Holds"), ((f"`{n}`", summary(app, n)) for n in sorted(doors(app)))),
        ]
    return "\n".join(lines) + "\n"


def tables_page(meanings: dict[str, str]) -> str:
    """Every table, by app, with the meaning that docs/glossary.md gives its model."""
    lines = ["# Tables\n", "Columns, constraints and indexes: `docs/schema.txt`."]
    for app in STOREYS:
        named = {model.__name__: model for model in apps.get_app_config(app).get_models()}
        rows = ((f"`{name}`", str(named[name]._meta.verbose_name), meanings[name]) for name in sorted(named))
        lines += [f"\n## {app}\n", *rows_of(("Model", "French", "Meaning"), rows)]
    return "\n".join(lines) + "\n"


# --- states ---


def choices() -> Iterator[tuple[str, type[models.Choices]]]:
    """(Model.Choices, the enumeration) of all that a model declares or inherits."""
    for model in our_models():
        declared = {name: value for base in reversed(model.__mro__) for name, value in vars(base).items()}
        for name, value in declared.items():
            if isinstance(value, type) and issubclass(value, models.Choices):
                yield f"{model.__name__}.{name}", value


def states_page() -> str:
    """Every value of every choice, then every transition."""
    lines = ["# States and transitions\n", "The rules of each: `docs/states.md`.\n", "## Transitions"]
    for machine in dict.fromkeys(row[0] for row in transitions()):
        rows = ((origin, f"`{act}`", end) for name, origin, act, end in transitions() if name == machine)
        lines += [f"\n### {machine}\n", *rows_of(("From", "Act", "To"), rows)]
    lines.append("\n## Values")
    for name, values in choices():
        rows = ((f"`{value.name}`", str(value.label)) for value in values)
        lines += [f"\n### {name}\n", *rows_of(("Value", "French"), rows)]
    return "\n".join(lines) + "\n"


# --- triggers ---


def sql_files() -> list[Path]:
    """In the order in which they run: the files of subjects, then the numbered ones, which make some things again."""
    paths = [path for app in STOREYS for path in (ROOT / app / "sql").glob("*.sql")]
    return sorted(paths, key=lambda path: (path.name[0].isdigit(), path))


def prose(comment: str) -> str:
    """A comment of SQL as one sentence."""
    return " ".join(line.strip().removeprefix("--").strip() for line in comment.splitlines()).strip()


def made() -> dict[tuple[str, str, str], tuple[Path, str]]:
    """{(kind, table, name): its file, and what the file says of it}: its own comment, that of its section, or that of
    the file."""
    found = {}
    for path in sorted(sql_files(), key=lambda each: each.stem[:4].isdigit()):  # what comes later drops, or makes again
        heading, parts = statements(path.read_text(encoding="utf-8"))
        for part in parts:
            if part.drops:
                found.pop(part.drops, None)
            if part.makes and part.makes[0] in ("function", "trigger"):
                found[part.makes] = (path, _explained(part) or prose(heading))
    return found


def _explained(part: Statement) -> str:
    return prose("\n".join(COMMENT.findall(part.comment or part.section)))


def triggers() -> list[tuple[str, str, str, str]]:
    """(table, trigger, when it runs, its function) of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid), p.proname FROM pg_trigger t"
            " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal ORDER BY 1, 2"
        )
        return [
            (table, name, text.partition(f" {name} ")[2].partition(" ON ")[0], function)
            for table, name, text, function in cursor.fetchall()
        ]


def functions() -> list[str]:
    """Our functions, in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT proname FROM pg_proc WHERE proname ~ %s", ["^(reservations|flux|attributions)_"]
        )
        return sorted(name for (name,) in cursor.fetchall())


def triggers_page() -> str:
    """Every function with its file and its comment, then every trigger by table."""
    homes = made()
    lines = ["# Functions and triggers of the database\n", "Why they exist, and how one changes: `docs/triggers.md`."]
    named = ((name, *homes["function", "", name]) for name in functions())
    rows = ((f"`{name}`", f"`{path.relative_to(ROOT)}`", words) for name, path, words in named)
    lines += ["\n## Functions\n", *rows_of(("Function", "File", "What it does"), rows), "\n## Triggers\n"]
    lines += rows_of(
        ("Table", "Trigger", "When", "Function", "What it holds"),
        (
            (f"`{table}`", f"`{name}`", when, f"`{function}`", homes.get(("trigger", table, name), (ROOT, ""))[1])
            for table, name, when, function in triggers()
        ),
    )
    return "\n".join(lines) + "\n"
