"""A backup that can be proved: what PostgreSQL writes of one moment, and beside it the account of what was held then.

`pg_dump` and the account of each table read the same snapshot, so that nothing need stop; who restores compares row by
row what came back with what was there. Files that people deposited are rows too.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from config.local.postgres import KEYLESS, folders
from reservations.refusals import Refusal

FORMAT = 1
DUMP, ACCOUNT = ".dump", ".json"

#: In what words rows are written to be compared, wherever the server is.
PLAINLY = (
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL IntervalStyle = 'postgres'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
)
#: All but the key by which credentials are verified, of which no copy is made (`KEYLESS`).
TABLES = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    " AND relname <> 'reservations_actingkey' ORDER BY relname"
)
#: Rows of a table, and the sum of what is written of each: the same in any order.
SUMMED = "SELECT count(*), coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric), 0)::text FROM {} t"
SEQUENCES = "SELECT sequencename, coalesce(last_value, 0) FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
TRIGGERS = (
    "SELECT c.relname || '.' || t.tgname, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
)
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"


@dataclass(frozen=True, slots=True)
class Held:
    """What a database holds: {table: (rows, sum of them)}, {sequence: its value}, {trigger: how it is enabled}, and the
    migrations that it had."""

    tables: dict[str, tuple[int, str]]
    sequences: dict[str, int]
    triggers: dict[str, str]
    migrations: list[str]

    @property
    def rows(self) -> int:
        return sum(rows for rows, _ in self.tables.values())


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: the file of PostgreSQL, when its moment was, and what was held then."""

    dump: Path
    made_at: datetime
    held: Held


def held() -> Held:
    """Read the whole database, in the transaction that is open. Each table once; nothing is kept in memory."""
    with connection.cursor() as cursor:
        for words in PLAINLY:
            cursor.execute(words)
        cursor.execute(TABLES)
        tables = {}
        for (name,) in cursor.fetchall():
            cursor.execute(sql.SQL(SUMMED).format(sql.Identifier(name)))
            rows, total = cursor.fetchone()
            tables[name] = (rows, total)
        found: dict[str, list[Any]] = {}
        for what, asked in {"sequences": SEQUENCES, "triggers": TRIGGERS, "migrations": MIGRATIONS}.items():
            cursor.execute(asked)
            found[what] = cursor.fetchall()
    migrations = [name for (name,) in found["migrations"]]
    return Held(tables, dict(found["sequences"]), dict(found["triggers"]), migrations)


def back_up(folder: Path, *, now: datetime) -> Backup:
    """Write a backup of this moment in a folder; it takes its name once it is whole.

    Raises Refusal when the folder cannot be written, or when `pg_dump` fails or is too old: nothing is left then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _written(folder / f"equiflux-{now:%Y%m%dT%H%M%SZ}{DUMP}", now)
    except OSError as error:
        raise Refusal(f"{folder} ne peut pas être écrit ({error.strerror}) : donnez un dossier à vous.") from error


def _written(dump: Path, now: datetime) -> Backup:
    drafts = {dump.with_suffix(f"{each}.part"): dump.with_suffix(each) for each in (ACCOUNT, DUMP)}
    account, content = drafts
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", "--no-owner", KEYLESS, f"--file={content}")
            backup = Backup(dump, now, held())
        account_of = {"format": FORMAT, "made_at": now.isoformat(), "sha256": _sha256(content), **asdict(backup.held)}
        account.write_text(json.dumps(account_of, indent=1), encoding="utf-8")
        for draft, name in drafts.items():  # what PostgreSQL wrote comes last: once it is there, all is
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.rename(name)
    finally:
        for draft in drafts:
            draft.unlink(missing_ok=True)
    return backup


def forget_old(folder: Path, *, keep: int) -> list[Path]:
    """Remove the oldest whole backups of a folder beyond `keep`; those removed."""
    whole = sorted(folder.glob(f"equiflux-*{DUMP}"))
    old = whole[: max(0, len(whole) - keep)]
    for dump in old:
        dump.unlink()
        dump.with_suffix(ACCOUNT).unlink(missing_ok=True)
    return old


def read(dump: Path) -> Backup:
    """A backup of a folder. Raises Refusal when it lacks a part, or is not as it was written."""
    try:
        content = json.loads(dump.with_suffix(ACCOUNT).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(
            f"{dump.with_suffix(ACCOUNT)} manque ou ne se lit pas : une sauvegarde est faite de deux fichiers, {DUMP} "
            f"et {ACCOUNT}, côte à côte."
        ) from error
    if content.get("format") != FORMAT:
        raise Refusal(f"{dump} a été écrit par une autre version d’Équiflux : rétablissez-le avec elle.")
    try:
        whole = _sha256(dump) == content["sha256"]
    except OSError as error:
        raise Refusal(f"{dump} ne se lit pas ({error.strerror}).") from error
    if not whole:
        raise Refusal(f"{dump} n’est plus tel qu’il a été écrit (empreinte SHA-256) : prenez une autre sauvegarde.")
    tables = {name: (rows, total) for name, (rows, total) in content["tables"].items()}
    kept = Held(tables, content["sequences"], content["triggers"], content["migrations"])
    return Backup(dump, datetime.fromisoformat(content["made_at"]), kept)


def restore(backup: Backup) -> list[str]:
    """Put a backup into this database, which is empty, and compare: what differs, in sentences; [] when nothing does.

    Raises Refusal when the database holds tables, or when `pg_restore` fails: it is then as empty as before.
    """
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        there = len(cursor.fetchall())
    name = connection.settings_dict["NAME"]
    if there:
        raise Refusal(
            f"La base {name} contient déjà {there} tables, et rien n’y est écrasé : créez une base vide (createdb, "
            "encodage UTF8), et nommez-la dans DATABASE_URL."
        )
    options = ("--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-comments")
    _run("pg_restore", *options, str(backup.dump))
    with transaction.atomic():
        return list(differences(backup.held, held()))


def differences(before: Held, after: Held) -> Iterator[str]:
    """What one database holds and another does not, in sentences."""
    for name in sorted(before.tables.keys() | after.tables.keys()):
        old, new = before.tables.get(name), after.tables.get(name)
        if old != new:
            counts = [f"{each[0]} lignes" if each else "absente" for each in (old, new)]
            same = old is not None and new is not None and old[0] == new[0]
            differing = "des lignes diffèrent" if same else f"{counts[0]} sauvegardées, {counts[1]} rétablies"
            yield f"table {name} : {differing}"
    for what, kept, found in (
        ("séquence", before.sequences, after.sequences),
        ("déclencheur", before.triggers, after.triggers),
        ("migration", dict.fromkeys(before.migrations), dict.fromkeys(after.migrations)),
    ):
        of: dict[str, Any] = {**kept}
        for name in sorted(
            of.keys() ^ found.keys() | {name for name in of if name in found and of[name] != found[name]}
        ):
            yield f"{what} {name} : {'absent après' if name not in found else 'pas comme avant'}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(program: str, *options: str) -> None:
    """Run a program of PostgreSQL on this database; its password is in no command line. Raises Refusal."""
    known = {each.keyword.decode() for each in Conninfo.get_defaults()}
    given = {key: value for key, value in connection.get_connection_params().items() if key in known}
    password = {"PGPASSWORD": str(given.pop("password"))} if given.get("password") else {}
    command = [_program(program), f"--dbname={make_conninfo(**given)}", *options]
    done = subprocess.run(command, env={**os.environ, **password}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refusal(f"{program} a échoué : {done.stderr.strip() or done.returncode}")


def _program(name: str) -> str:
    """Where this program is, of the version of the server or of a later one. Raises Refusal."""
    connection.ensure_connection()
    asked = connection.connection.info.server_version // 10000
    for path in (shutil.which(name), *(str(folder / name) for folder in folders())):
        if path and os.access(path, os.X_OK):
            result = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
            version = re.search(r"\) (\d+)", result)
            if version and int(version[1]) >= asked:
                return path
    raise Refusal(f"{name} de PostgreSQL {asked} ou plus récent est introuvable : installez postgresql-client-{asked}.")
