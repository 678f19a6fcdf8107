"""`manage.py make_triggers`: the migration of an app whose declared counts and triggers are not those that the database
keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from reservations.counting import DECLARED, Count, Keeper, keepers
from reservations.migrations import _sql
from reservations.rules import ABOVE, DERIVED, Trigger, of_table

APPS = ("reservations", "flux", "attributions")
MIGRATION = '''from django.db import migrations

from reservations.migrations import _sql


class Migration(migrations.Migration):
    """What the database keeps by itself, as it is declared (docs/decisions/0160 and 0165)."""

    dependencies = {dependencies}

    operations = [*_sql.apply_files("{app}", {{"{name}": "{seal}"}})]
'''

#: (table, trigger).
Key = tuple[str, str]


class Command(BaseCommand):
    help = (
        "Écrit la migration, et son fichier SQL, qui met en place les décomptes et les déclencheurs déclarés d’une "
        "application, que la base ne tient pas encore ainsi. Ne change rien dans la base."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("app", choices=APPS)
        parser.add_argument("name", help="numéro et sujet : 0541_arrivals")
        parser.add_argument(
            "--fill", nargs="*", default=[], metavar="TABLE", help="tables à remplir de ce qui est passé"
        )
        parser.add_argument("--instead-of", nargs="*", default=[], metavar="FUNCTION", help="fonctions qui s’en vont")

    def handle(self, *args: Any, **options: Any) -> None:
        app, name = options["app"], options["name"]
        counts = {each.table: each for each in DECLARED.get(app, ()) if isinstance(each, Count)}
        if unknown := sorted({*options["fill"]} - {*counts}):
            raise CommandError(f"Aucun décompte de {app} ne remplit {', '.join(unknown)} : déclarez-le d’abord.")
        changed = list(differing(app))
        gone = [*options["instead_of"], *(each for each in kept_bodies(app) if each not in named(app))]
        dropped, made = moved(app)
        if not changed and not gone and not dropped and not made:
            self.stdout.write("La base tient déjà ce qui est déclaré.")
            return
        statements = [drop for each in (*gone, *(keeper.name for keeper in changed)) for drop in drops(each)]
        statements += [keeper.sql() for keeper in changed]
        statements += (
            ["\n".join(f"DROP TRIGGER {trigger} ON {table};" for table, trigger in dropped)] if dropped else []
        )
        statements += ["\n".join(each.sql() for each in made)] if made else []
        imprinted = [each.table for each in made if each.name == "imprinted" and (each.table, each.name) not in dropped]
        statements += [f"SELECT reservations_imprint_rows('{table}');" for table in imprinted]
        for table in options["fill"]:
            statements += [f"DELETE FROM {table};", counts[table].fill()]
        text = "-- Written by `manage.py make_triggers` from what is declared (docs/decisions/0165).\n\n"
        text += "\n\n".join(statements) + "\n"
        at = Path(apps.get_app_config(app).path)
        (at / f"sql/{name}.sql").write_text(text, encoding="utf-8")
        leaves = [leaf for leaf in MigrationLoader(connection).graph.leaf_nodes(app) if leaf != (app, name)]
        migration = MIGRATION.format(
            app=app, name=name, seal=_sql.seal(text), dependencies=str(leaves).replace("'", '"')
        )
        (at / f"migrations/{name}.py").write_text(migration, encoding="utf-8")
        self.stdout.write(f"{app}/sql/{name}.sql et {app}/migrations/{name}.py sont écrits : relisez-les.")


# --- triggers of one table ---


def declared(app: str) -> dict[Key, Trigger]:
    """The triggers that the models of an app declare, and those that it puts on tables of others."""
    models = [each for each in apps.get_app_config(app).get_models(include_auto_created=True) if not each._meta.proxy]
    own = [one for each in models for one in of_table(each._meta.db_table, each.__dict__.get("triggers", ()))]
    return {(each.table, each.name): each for each in (*own, *ABOVE.get(app, ()))}


def kept() -> dict[Key, str]:
    """{a trigger of this database that a declaration makes: its definition}."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgrelid::regclass::text, t.tgname, pg_get_triggerdef(t.oid) || t.tgenabled::text "
            "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = ANY (%s) AND NOT t.tgisinternal "
            "ORDER BY 1, 2",
            [list(DERIVED)],
        )
        return {(table, name): definition for table, name, definition in cursor.fetchall()}


def moved(app: str) -> tuple[list[Key], list[Trigger]]:
    """The triggers that this database has otherwise than the app declares, or that nothing declares any more, and those
    to make. The declared ones are made, read, and rolled back."""
    own, before = declared(app), kept()
    with transaction.atomic(), connection.cursor() as cursor:
        for (table, name), each in own.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            cursor.execute(each.sql())
        after = kept()
        transaction.set_rollback(True)
    made = [each for key, each in own.items() if before.get(key) != after[key]]
    known = {key for each in APPS for key in declared(each)}
    over = [key for key in before if key not in known and key[0].startswith(f"{app}_")]
    return [*over, *((each.table, each.name) for each in made if (each.table, each.name) in before)], made


# --- counts ---


def named(app: str) -> set[str]:
    return {keeper.name for keeper in keepers(app, DECLARED.get(app, ()))}


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
        for keeper in keepers(app, DECLARED.get(app, ()))
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
