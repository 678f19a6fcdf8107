"""The databases of a demonstration, in the embedded server: ours, and the draft that takes its place.

A demonstration is put in place under a draft name, whole; a name changes hands in one step. So a start that is killed
leaves the old database, or the new one (`ensure_database`).
"""

from pathlib import Path

from psycopg import Connection, OperationalError, sql
from psycopg.errors import UndefinedTable

from config.local.console import Refusal
from config.local.fingerprint import STORY, fingerprint
from config.local.postgres import NAME, connect

DRAFT = f"{NAME}_draft"
#: What earlier versions kept beside ours.
OF_BEFORE = f"{NAME}_prepared"

Server = Connection[tuple[object, ...]]


def is_current(sockets: Path) -> bool:
    """Whether our database holds the tables, the territories and the story of the present code: nothing to check."""
    with connect(sockets) as server:
        row = server.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [NAME]
        ).fetchone()
    return row is not None and row[0] == fingerprint(*STORY)


def mark_current(sockets: Path, code: str) -> None:
    """Our database was brought up to date by the code of this fingerprint."""
    with connect(sockets) as server:
        _note(server, NAME, code)


def is_empty(sockets: Path) -> bool:
    """Whether nobody has entered anything in our database: no table yet, or neither an account nor an organisation."""
    with connect(sockets, NAME) as database:
        tables = database.execute("SELECT to_regclass('django_migrations'), to_regclass('reservations_organisation')")
        if tables.fetchone() == (None, None):
            return True
        try:
            found = database.execute(
                "SELECT FROM reservations_organisation UNION ALL SELECT FROM reservations_user LIMIT 1"
            )
        except UndefinedTable:  # migrations of which some are still to be run
            return False
        return found.fetchone() is None


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


def start_draft(sockets: Path, name: str = "") -> str:
    """Make an empty database beside ours, under the name of the draft or another; its name."""
    with connect(sockets) as server:
        _drop(server, name or DRAFT)
        _run(server, "CREATE DATABASE {}", name or DRAFT)
    return name or DRAFT


def put_in_place(sockets: Path, code: str) -> None:
    """Put the draft in place of our database, whoever is connected to it."""
    with connect(sockets) as server:
        _note(server, DRAFT, code)
        _drop(server, NAME)
        _rename(server, DRAFT, NAME)


def drop(sockets: Path, name: str) -> None:
    """Remove a database of ours."""
    with connect(sockets) as server:
        _drop(server, name)


def ensure_database(sockets: Path) -> None:
    """Make our database if it is not there, and finish what a killed start had begun.

    A draft is whole when ours is gone, and takes its place. A database whose removal was cut short cannot be opened any
    more: PostgreSQL says so, and it is removed.
    """
    with connect(sockets) as server:
        for name in (NAME, DRAFT):
            if _state(server, name) == "half removed":
                _drop(server, name)
        if _state(server, DRAFT) and not _state(server, NAME):
            _rename(server, DRAFT, NAME)
        for name in (DRAFT, OF_BEFORE):
            _drop(server, name)
        if not _state(server, NAME):
            _run(server, "CREATE DATABASE {}", NAME)


def size(sockets: Path) -> str:
    """How much room our database takes, as PostgreSQL says it."""
    with connect(sockets) as server:
        row = server.execute("SELECT pg_database_size(%s)", [NAME]).fetchone()
    return f"{int(str(row[0])) / 1e6:.0f} Mo" if row else "0 Mo"


def _note(server: Server, name: str, code: str) -> None:
    comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
    server.execute(comment.format(sql.Identifier(name), sql.Literal(code)))


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
