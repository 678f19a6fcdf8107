"""The database and the broker a command needs: given by the environment, lent by a running supervisor, or started."""

import contextlib
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.day import AHEAD
from config.local import days, postgres, prepared, valkey
from config.local.console import Refusal, say
from config.local.processes import last_lines
from config.local.state import ROOT, Record, State
from config.local.supervisor import Supervisor, supervising
from config.safety import WORKSTATION

GIVEN = ("DATABASE_URL", "REDIS_URL")
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Services:
    """A supervisor (of nothing, when every service is given or lent) and the environment of the commands to run."""

    supervisor: Supervisor
    environment: dict[str, str]


def base_environment(state: State) -> dict[str, str]:
    """What every Django process gets, before the addresses of its services."""
    return {
        "SECRET_KEY": state.secret_key(),
        "JOURNAL_KEYS": state.journal_keys(),
        "SIGNING_CERTIFICATES": str(state.signing_certificate()),
        **os.environ,
        WORKSTATION: "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }


def given_addresses() -> dict[str, str]:
    """The services named by the environment; those are never embedded."""
    return {name: os.environ[name] for name in GIVEN if os.environ.get(name)}


def start_missing(supervisor: Supervisor, database_settings: dict[str, str] | None = None) -> dict[str, str]:
    """Start what the environment does not give, and return the environment of the commands.

    Raises Refusal when a service cannot be started.
    """
    addresses = given_addresses()
    if "DATABASE_URL" not in addresses:
        supervisor.record.embedded["postgresql"] = True
        addresses["DATABASE_URL"] = postgres.start(supervisor, database_settings or {})
        prepared.ensure_database(supervisor.state.socket_folder())
        if ahead := days.kept(supervisor.state.socket_folder()):
            addresses[AHEAD] = str(ahead)
    if "REDIS_URL" not in addresses:
        supervisor.record.embedded["valkey"] = True
        addresses["REDIS_URL"] = valkey.start(supervisor)
    supervisor.record.environment = addresses
    return {**base_environment(supervisor.state), **addresses}


def prepare_database(
    supervisor: Supervisor, environment: Mapping[str, str], begin: Callable[[str], None] = lambda _: None
) -> None:
    """Bring the tables and the territories up to date; `begin` receives the command that begins.

    Raises Refusal with the end of the log when a step fails.
    """
    for name, arguments in {"migrate": ["migrate", "--no-input"], "load_territories": ["load_territories"]}.items():
        begin(name)
        log = supervisor.state.log(name)
        with log.open("wb") as output:
            code = supervisor.run(manage_command(*arguments), environment, ROOT, output, output)
        if code:
            raise Refusal(f"« manage.py {name} » a échoué ; fin de son journal, {log} :\n{last_lines(log)}")


@contextlib.contextmanager
def collecting_static(supervisor: Supervisor, environment: dict[str, str]) -> Iterator[Callable[[], dict[str, str]]]:
    """Collect the static files as in production, beside the other steps, unless the sources are those collected last.
    What is given waits for them, and returns the environment of the processes that serve them.

    It raises Refusal with the end of the log when the step fails.
    """
    state = supervisor.state
    folder, note, log = state.folder / "static", state.folder / "static.sha256", state.log("collectstatic")
    collected = {**environment, "STATIC_ROOT": str(folder)}
    seal = hashlib.sha256()
    for path in [ROOT / "requirements" / "base.txt", *sorted((ROOT / "static").rglob("*"))]:
        if path.is_file():
            seal.update(f"{path.name}\n".encode() + path.read_bytes())
    if folder.exists() and note.exists() and note.read_text() == seal.hexdigest():
        yield lambda: collected
        return
    note.unlink(missing_ok=True)
    command = manage_command("collectstatic", "--no-input", "--clear")
    with log.open("wb") as output, supervisor.beside(command, collected, ROOT, output, output) as end:

        def wait() -> dict[str, str]:
            if end():
                raise Refusal(f"« manage.py collectstatic » a échoué ; fin de son journal, {log} :\n{last_lines(log)}")
            note.write_text(seal.hexdigest())
            return collected

        yield wait


def manage_command(*arguments: str) -> list[str | Path]:
    """The command line of `manage.py`."""
    return [sys.executable, ROOT / "manage.py", *arguments]


@contextlib.contextmanager
def borrowed_or_started(state: State, purpose: str, *, prepare: bool) -> Iterator[Services]:
    """The services for one command, stopped afterwards if we started them.

    The database is brought up to date if asked, unless a running supervisor, which did it, lends it.
    Raises Refusal when the services can neither be used nor started.
    """
    if len(given_addresses()) == len(GIVEN):
        supervisor = Supervisor(state, purpose)
        environment = {**base_environment(state), **given_addresses()}
        if prepare:
            prepare_database(supervisor, environment)
        yield Services(supervisor, environment)
        return
    lender = wait_for_turn(state)
    if lender is not None:
        environment = {**base_environment(state), **lender.environment, **given_addresses()}
        try:
            yield Services(Supervisor(state, purpose), environment)
        finally:
            state.release()
        return
    with supervising(state, purpose, considerate=True) as supervisor:
        environment = start_missing(supervisor)
        if prepare:
            prepare_database(supervisor, environment)
        supervisor.publish("ready")
        yield Services(supervisor, environment)


def wait_for_turn(state: State) -> Record | None:
    """Wait until services can be borrowed (their record is returned), or started (None, and we hold the lock).

    Raises Refusal when another command holds the folder for too long.
    """
    deadline = time.monotonic() + PATIENCE
    announced = False
    while not state.lock():
        lender = state.attach()
        if lender is not None:
            return lender
        if not announced:
            say("Une autre commande démarre ou arrête les services : j’attends mon tour…")
            announced = True
        if time.monotonic() > deadline:
            raise Refusal(f"Une autre commande occupe {state.folder} : voyez ./run status, ou arrêtez-la (./run stop).")
        time.sleep(0.2)
    return None
