"""The prepared demonstration: a copy, in the embedded server, of the database as the acts left it.

Starting over is then a copy too: seconds instead of minutes. Copies are made by PostgreSQL, whole or not at all, under
a draft name; a name changes hands in one step. So a start that is killed leaves the old database, the new one, or a
finished draft that the next start puts in its place (`ensure_database`).
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from psycopg import Connection, OperationalError, sql

from config.local.console import Refusal
from config.local.fingerprint import STORY, fingerprint
from config.local.postgres import NAME, connect

PREPARED, DRAFT = f"{NAME}_prepared", f"{NAME}_draft"
#: So many days on, what was told is still what somebody would find who had left it there; after that it is told again.
KEPT = timedelta(days=7)

Server = Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Origin:
    """What a told database comes from: the code and the data that told it, and the morning where the story stops."""

    fingerprint: str
    told_on: str

    @classmethod
    def of(cls, day: date) -> "Origin":
        """That of a story told that day by the present code."""
        return cls(fingerprint(*STORY), day.isoformat())

    @property
    def day(self) -> date:
        return date.fromisoformat(self.told_on)

    def serves(self, today: date) -> bool:
        """Whether it may stand for a story told today: by the same code, in the same year, a few days ago at most."""
        same_code = self.fingerprint == fingerprint(*STORY)
        return same_code and self.day.year == today.year and timedelta(0) <= today - self.day <= KEPT


def origin(sockets: Path, name: str) -> Origin | None:
    """What this database was told from, None when it is not there or nobody knows."""
    with connect(sockets) as server:
        row = server.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
    try:
        return Origin(**json.loads(str(row[0]))) if row and row[0] else None
    except (ValueError, TypeError):
        return None


def is_current(sockets: Path) -> bool:
    """Whether our database holds the tables, the territories and the story of the present code: nothing to check."""
    found = origin(sockets, NAME)
    return found is not None and found.fingerprint == fingerprint(*STORY)


def mark_current(sockets: Path, code: str) -> None:
    """Our database was brought up to date by the code of this fingerprint, whenever its story was told."""
    found = origin(sockets, NAME)
    with connect(sockets) as server:
        _note(server, NAME, Origin(code, found.told_on if found else ""))


def is_empty(sockets: Path) -> bool:
    """Whether our database has no table yet."""
    with connect(sockets, NAME) as database:
        return database.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,)


def check_again(address: str) -> None:
    """Anything may be done to the database of this address, from now on: the next start trusts nothing about it.

    Raises Refusal when it does not answer.
    """
    try:
        with Connection.connect(address, autocommit=True, connect_timeout=5) as database:
            database.execute(sql.SQL("COMMENT ON DATABASE {} IS NULL").format(sql.Identifier(database.info.dbname)))
    except OperationalError as error:
        raise Refusal(
            "La base embarquée ne répond pas : voyez ./run status et son journal, ou relancez (./run stop, ./run demo)."
        ) from error


def keep(sockets: Path, told: Origin) -> None:
    """Keep a copy of our database, to which nobody is connected, in place of the one kept before."""
    with connect(sockets) as server:
        _copy(server, NAME, told)
        _drop(server, PREPARED)
        _rename(server, DRAFT, PREPARED)
        _run(server, "ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", PREPARED)  # what is prepared is not written to
        _note(server, NAME, told)


def bring_back(sockets: Path, told: Origin) -> None:
    """Put a copy of the prepared demonstration in place of our database, whoever is connected to it."""
    with connect(sockets) as server:
        _copy(server, PREPARED, told)
        _drop(server, NAME)
        _rename(server, DRAFT, NAME)


def start_empty(sockets: Path) -> None:
    """Put an empty database in place of ours, whoever is connected to it."""
    with connect(sockets) as server:
        _drop(server, NAME)
        _run(server, "CREATE DATABASE {}", NAME)


def forget(sockets: Path) -> None:
    """Drop what is prepared: it no longer tells what the code tells."""
    with connect(sockets) as server:
        _drop(server, PREPARED)


def ensure_database(sockets: Path) -> None:
    """Make our database if it is not there, and finish what a killed start had begun.

    A draft takes the place of the database it was made to replace. A database whose removal was cut short cannot be
    opened any more: PostgreSQL says so, and it is removed.
    """
    with connect(sockets) as server:
        for name in (NAME, PREPARED, DRAFT):
            if _state(server, name) == "half removed":
                _drop(server, name)
        if _state(server, DRAFT) and not _state(server, NAME):
            _rename(server, DRAFT, NAME)
        _drop(server, DRAFT)
        if not _state(server, NAME):
            _run(server, "CREATE DATABASE {}", NAME)


def size(sockets: Path) -> str:
    """How much room our database takes, as PostgreSQL says it."""
    with connect(sockets) as server:
        row = server.execute("SELECT pg_database_size(%s)", [NAME]).fetchone()
    return f"{int(str(row[0])) / 1e6:.0f} Mo" if row else "0 Mo"


def _copy(server: Server, source: str, told: Origin) -> None:
    """A draft that is the same as `source`, and says what it comes from."""
    _drop(server, DRAFT)
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(DRAFT), sql.Identifier(source)),
    )
    _note(server, DRAFT, told)


def _note(server: Server, name: str, told: Origin) -> None:
    comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
    server.execute(comment.format(sql.Identifier(name), sql.Literal(json.dumps(asdict(told)))))


def _rename(server: Server, before: str, after: str) -> None:
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(before), sql.Identifier(after)))


def _drop(server: Server, name: str) -> None:
    _run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _run(server: Server, statement: str, name: str) -> None:
    server.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _state(server: Server, name: str) -> str:
    """Is this database there: "", "whole", or "half removed"?"""
    row = server.execute("SELECT datconnlimit FROM pg_database WHERE datname = %s", [name]).fetchone()
    if row is None:
        return ""
    return "half removed" if row[0] == -2 else "whole"
