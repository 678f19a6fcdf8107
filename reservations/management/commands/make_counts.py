"""`manage.py make_counts`: the migration of an app whose declared counts are not those that the database keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from reservations.counting import DECLARED, Count, Keeper, keepers
from reservations.migrations import _sql

MIGRATION = '''from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the database counts, as it is declared (docs/decisions/0160)."""

    dependencies = {dependencies}

    operations = [*_sql.apply_files("{app}", {{"{name}": "{seal}"}})]
'''


class Command(BaseCommand):
    help = (
        "Écrit la migration, et son fichier SQL, qui met en place les décomptes déclarés d’une application, que la "
        "base ne tient pas encore ainsi. N’exécute rien."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("app", choices=sorted(DECLARED))
        parser.add_argument("name", help="numéro et sujet : 0541_arrivals")
        parser.add_argument(
            "--fill", nargs="*", default=[], metavar="TABLE", help="tables à remplir de ce qui est passé"
        )
        parser.add_argument("--instead-of", nargs="*", default=[], metavar="FUNCTION", help="fonctions qui s’en vont")

    def handle(self, *args: Any, **options: Any) -> None:
        app, name = options["app"], options["name"]
        counts = {each.table: each for each in DECLARED[app] if isinstance(each, Count)}
        if unknown := sorted({*options["fill"]} - {*counts}):
            raise CommandError(f"Aucun décompte de {app} ne remplit {', '.join(unknown)} : déclarez-le d’abord.")
        changed = list(differing(app))
        gone = [*options["instead_of"], *(each for each in kept_bodies(app) if each not in named(app))]
        if not changed and not gone:
            self.stdout.write("La base tient déjà ce qui est déclaré.")
            return
        statements = [drop for each in (*gone, *(keeper.name for keeper in changed)) for drop in drops(each)]
        statements += [keeper.sql() for keeper in changed]
        for table in options["fill"]:
            statements += [f"DELETE FROM {table};", counts[table].fill()]
        text = "-- Written by `manage.py make_counts` from what is declared (reservations/counting.py).\n\n"
        text += "\n\n".join(statements) + "\n"
        at = Path(apps.get_app_config(app).path)
        (at / f"sql/{name}.sql").write_text(text, encoding="utf-8")
        leaves = [leaf for leaf in MigrationLoader(connection).graph.leaf_nodes(app) if leaf != (app, name)]
        migration = MIGRATION.format(
            app=app, name=name, seal=_sql.seal(text), dependencies=str(leaves).replace("'", '"')
        )
        (at / f"migrations/{name}.py").write_text(migration, encoding="utf-8")
        self.stdout.write(f"{app}/sql/{name}.sql et {app}/migrations/{name}.py sont écrits : relisez-les.")


def named(app: str) -> set[str]:
    return {keeper.name for keeper in keepers(app, DECLARED[app])}


def kept_bodies(app: str) -> dict[str, str]:
    """{function: its text} of those that keep the counts of the app in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE starts_with(proname, %s) AND prorettype = 'trigger'::regtype",
            [f"{app}_counts_of_"],
        )
        return dict(cursor.fetchall())


def kept_triggers(function: str) -> list[tuple[str, str, str]]:
    """(trigger, table, its event) that call a function in this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, t.tgrelid::regclass::text, CASE WHEN t.tgtype & 4 > 0 THEN 'INSERT' "
            "WHEN t.tgtype & 8 > 0 THEN 'DELETE' ELSE 'UPDATE' END FROM pg_trigger t "
            "JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = %s AND NOT t.tgisinternal ORDER BY 2, 1",
            [function],
        )
        return list(cursor.fetchall())


def differing(app: str) -> list[Keeper]:
    """The functions that this database has otherwise, or whose triggers it has not."""
    bodies = kept_bodies(app)
    return [
        keeper
        for keeper in keepers(app, DECLARED[app])
        if bodies.get(keeper.name) != keeper.body()
        or {(name, table, event) for name, table, event in kept_triggers(keeper.name)}
        != {(name, keeper.table, event) for name, event in zip(keeper.triggers(), keeper.events, strict=True)}
    ]


def drops(function: str) -> list[str]:
    """The statements that take away a function and what calls it, where this database has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid::regprocedure::text FROM pg_proc WHERE proname = %s", [function])
        found = [each for (each,) in cursor.fetchall()]
    triggers = [f"DROP TRIGGER {name} ON {table};" for name, table, _ in kept_triggers(function)]
    return [*triggers, *(f"DROP FUNCTION {each};" for each in found)]
