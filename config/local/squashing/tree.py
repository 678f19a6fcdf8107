"""The files of migrations: what is replaced moves to `replaced/`, untouched, and what was written in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from config.local.squashing.final import Final, Subject
from config.local.state import ROOT

APPS = ("reservations", "flux", "attributions")
SQUASHED = "squashed"
REPLACED = "replaced"
#: Where a file of SQL is named in sentences or read, beside the migrations themselves.
NAMING = ("docs/*.md", "docs/research/*.md", "*/**/*.py", "*.md")

#: A trigger, as table.name, or a function, where a document explains it.
THING = re.compile(r"\*\*`([\w.]+)(?:\(\))?`\*\*")

MIGRATION = '''"""Every table of {app}, then what the database keeps by itself, as ./run squash wrote them.

It replaces the {count} migrations of `replaced/`, which a database of before still runs (docs/decisions/0095)."""

{imports}


class Migration(_start.Migration):
    replaces = [
{replaces}
    ]

    dependencies = [
{dependencies}
    ]

    operations = [
        *_tables.TABLES,
        *_sql.apply_squashed(
            "{app}",
            {{
{files}
            }},
        ),
    ]
'''


def migrations(app: str) -> Path:
    return ROOT / app / "migrations"


def sources(app: str) -> Path:
    return ROOT / app / "sql"


def number(names: Iterable[str]) -> str:
    """The number of a squash: the first hundred after those that it replaces."""
    return f"{(max(int(name[:4]) for name in names) // 100 + 1) * 100:04d}"


def put_aside(app: str, former: Mapping[str, str], lasts: Mapping[str, str]) -> None:
    """Move what is replaced, and take the former squash away. `former` {app: its squash} and `lasts` {app: the last
    migration that it replaced}: who depended on the first depends on the second from now on."""
    for folder, kind in ((migrations(app), "[0-9]*.py"), (sources(app), "[0-9]*.sql")):
        aside = folder / REPLACED
        aside.mkdir(exist_ok=True)
        for path in sorted(folder.glob(kind)):
            if path.stem != former.get(app):
                path.rename(aside / path.name)
    if app in former:
        (migrations(app) / f"{former[app]}.py").unlink()
    (migrations(app) / REPLACED / "__init__.py").touch()
    for path in (migrations(app) / REPLACED).glob("[0-9]*.py"):
        text = path.read_text(encoding="utf-8")
        for of, name in former.items():
            text = text.replace(f'("{of}", "{name}")', f'("{of}", "{lasts[of]}")')
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8")


def write_sql(app: str, subjects: Iterable[Subject]) -> None:
    """The final files, and none of a squash of before."""
    for path in sources(app).glob("*.sql"):
        path.unlink()
    for subject in subjects:
        (sources(app) / f"{subject.name}.sql").write_text(subject.text, encoding="utf-8")


def write_migration(
    app: str, name: str, *, replaces: Iterable[str], dependencies: Iterable[tuple[str, str]], files: Mapping[str, str]
) -> None:
    """The one that stands for all."""
    kept = list(replaces)
    package = "from reservations.migrations import _sql, _start"
    tables = "from reservations.migrations import _sql, _start, _tables"
    text = MIGRATION.format(
        app=app,
        count=len(kept),
        imports=(tables if app == "reservations" else f"from {app}.migrations import _tables\n{package}"),
        replaces="\n".join(f'        ("{app}", "{each}"),' for each in kept),
        dependencies="\n".join(f'        ("{of}", "{last}"),' for of, last in dependencies),
        files="\n".join(f'                "{each}": "{seal}",' for each, seal in files.items()),
    )
    (migrations(app) / f"{name}.py").write_text(text, encoding="utf-8")


@dataclass
class Renaming:
    """Where each thing is now, for who names the file of SQL that stated it."""

    left: Mapping[str, Final]
    #: {old path: files where several could be meant}
    doubtful: dict[str, set[str]] = field(default_factory=dict)

    @cached_property
    def homes(self) -> dict[str, str]:
        """{a trigger, as table.name, or a function: its file}."""
        return {
            (f"{key[1]}.{key[2]}" if key[1] else key[2]): f"{app}/sql/{subject.name}.sql"
            for app, each in self.left.items()
            for subject in each.subjects.values()
            for key in subject.makes
        }

    def everywhere(self, moved: Mapping[str, Iterable[str]]) -> None:
        """In every document and module, but for what is replaced. `moved`: {app: files that were put aside}."""
        for path in _naming():
            before = text = path.read_text(encoding="utf-8")
            for app, names in moved.items():
                for name in names:
                    if f"{app}/sql/{name}.sql" in text:
                        text = self._renamed(text, app, name, path)
            if text != before:
                path.write_text(text, encoding="utf-8")

    def _renamed(self, text: str, app: str, name: str, path: Path) -> str:
        """In a list of what the database keeps, a file is named after the thing that it holds: it is that of the thing.
        A test reads the file that was run."""
        old, went = f"{app}/sql/{name}.sql", self.left[app].went.get(name, [])
        most = max(set(went), key=went.count) if went and "tests" not in path.parts else f"{REPLACED}/{name}"
        parts = text.split(old)
        for at, part in enumerate(parts[:-1]):
            item = re.split(r"\n(?=[*#|])|\n\n", part)[-1]
            things = [thing for thing in THING.findall(item) if thing in self.homes]
            if not things and len(set(went)) > 1:
                self.doubtful.setdefault(old, set()).add(str(path.relative_to(ROOT)))
            parts[at] = part + (self.homes[things[-1]] if things else f"{app}/sql/{most}.sql")
        return "".join(parts)


def _naming() -> list[Path]:
    found = {path for place in NAMING for path in ROOT.glob(place)}
    return sorted(path for path in found if ".venv" not in path.parts and REPLACED not in path.parts)
