"""The command itself, in the environment of services that ./run started or borrowed."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import invalidate_caches

import django
from django.db.migrations import Migration, RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader

from config.local.squashing import final, proof, sources, tree
from config.local.squashing.final import Final, Source, Subject
from config.local.squashing.sources import statements
from config.local.state import ROOT
from reservations.management.commands import make_triggers
from reservations.migrations import _sql

NAME = "equiflux_squash"


def main() -> int:
    """Squash, then prove it: 1 when the database of after is not that of before, and how."""
    django.setup()
    with (
        proof.empty_database(os.environ["DATABASE_URL"], f"{NAME}_before") as before,
        proof.empty_database(os.environ["DATABASE_URL"], f"{NAME}_after") as after,
    ):
        proof.migrated(before)
        squash(before)
        proof.migrated(after)
        found = proof.differences(before, after)
    if found:
        sys.stdout.write("La base faite par la migration écrite n’est pas celle d’avant :\n" + "\n".join(found) + "\n")
        return 1
    sys.stdout.write("La base est la même, à la ligne près. Relisez ce qui a changé (git status), puis ./run test.\n")
    return 0


def squash(before: str) -> None:
    """Write one migration an app from those that lead from nothing to the state of today; `before` is a database that
    they made."""
    loader = MigrationLoader(None)
    plan = [loader.graph.nodes[key] for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), True)]
    ours = {app: [each for each in plan if each.app_label == app] for app in tree.APPS}
    state = loader.project_state()
    declared = {
        app: {("trigger", *key): each.sql() for key, each in make_triggers.declared(app).items()} for app in ours
    }
    left = final.final(_sources(ours), proof.filled(before), declared)
    _add_rows(left, ours, before)

    former = {app: each.name for app, found in ours.items() for each in found if each.replaces}
    replaces = {app: [name for each in found for name in _replaced(each)] for app, found in ours.items()}
    lasts = {
        app: [name for _, name in each.replaces][-1] for app, found in ours.items() for each in found if each.replaces
    }
    name = f"{tree.number(name for names in replaces.values() for name in names)}_{tree.SQUASHED}"
    moved = {app: [path.stem for path in tree.sources(app).glob("[0-9]*.sql")] for app in tree.APPS}
    for app in tree.APPS:
        tree.put_aside(app, former, lasts)
        tree.write_sql(app, left[app].subjects.values())
        (tree.migrations(app) / "_tables.py").write_text(
            sources.written(app, name, state, [loader.disk_migrations[app, each] for each in replaces[app]]),
            encoding="utf-8",
        )
        tree.write_migration(
            app,
            name,
            replaces=replaces[app],
            dependencies=_dependencies(app, name, loader),
            files={each.name: _sql.seal(each.text) for each in left[app].subjects.values()},
        )
    renaming = tree.Renaming(left)
    renaming.everywhere(moved)
    for old, where in renaming.doubtful.items():
        sys.stdout.write(f"Relisez qui nomme {old} : {', '.join(sorted(where))}\n")
    written = [tree.migrations(app) / each for app in tree.APPS for each in ("_tables.py", f"{name}.py")]
    for action in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *action, *written], cwd=ROOT, check=False)
    invalidate_caches()


def _replaced(migration: Migration) -> list[str]:
    """The migrations that were written, whichever squash holds them now."""
    return [name for _, name in migration.replaces] or [migration.name]


def _sources(ours: dict[str, list[Migration]]) -> list[Source]:
    """Every file of SQL that these migrations run, in their order."""
    return [
        Source(app, getattr(operation, "file", migration.name), str(operation.sql))
        for app, found in ours.items()
        for migration in found
        for operation in migration.operations
        if isinstance(operation, RunSQL) and getattr(operation, "file", "") is not None
    ]


def _add_rows(left: dict[str, Final], ours: dict[str, list[Migration]], before: str) -> None:
    """What Python wrote in the tables of an app becomes rows of a file, the first time that it is squashed."""
    for app, found in ours.items():
        if not any(isinstance(operation, RunPython) for each in found for operation in each.operations):
            continue
        writing = {
            table
            for each in left.values()
            for subject in each.subjects.values()
            for s in subject.statements
            for table in s.writes
        }
        for table in sorted(proof.filled(before)):
            if table.startswith(f"{app}_") and table not in writing:
                name = table.removeprefix(f"{app}_")
                rows = statements(proof.inserted(before, table))[1]
                left[app].subjects[name] = Subject(name, "-- Rows that an installation begins with.", rows)


def _dependencies(app: str, name: str, loader: MigrationLoader) -> list[tuple[str, str]]:
    """The squashes of the layers below. The lowest comes after all that Django and others make: each of their
    migrations would render our tables again."""
    below = tree.APPS[: tree.APPS.index(app)]
    if below:
        return [(of, name) for of in below]
    return sorted(
        leaf
        for leaf in loader.graph.leaf_nodes()
        if not {of for of, _ in loader.graph.forwards_plan(leaf)} & set(tree.APPS)
    )


if __name__ == "__main__":
    sys.exit(main())
