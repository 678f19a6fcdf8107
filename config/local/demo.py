"""`./run demo`: the whole product on this machine, with its demonstration data."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from config.day import given
from config.local import days, postgres
from config.local.console import Refusal, say, show
from config.local.loading import put_in_place, refuse_given_database, steps
from config.local.processes import Service, last_lines
from config.local.progress import in_short
from config.local.recovery import RULE
from config.local.services import PATIENCE, collecting_static, manage_command, start_missing
from config.local.state import ROOT, Record, State, write_atomically
from config.local.status import stop
from config.local.supervisor import Stopped, Supervisor, supervising

HOST = "127.0.0.1"
FIRST_PORT, LAST_PORT = 8000, 8099
PACKAGES = "EQUIFLUX_PACKAGES_TOOK"  # seconds that `run` spent on installing them first, if it did
CONTACT = "administration@equiflux.example"  # the operator’s account, of which nothing is read
CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "config")  # its banner would be no line of a log
WORKER = "equiflux@local"


@dataclass(frozen=True)
class Wishes:
    """What the command line asked for."""

    port: int | None
    ready_file: Path | None
    detach: bool
    reset: bool = False  # drop the database, and put the demonstration of this morning in its place
    retell: bool = False  # the same, lived whole by its acts
    on: date | None = None  # the day to open it on; None: the one that it lives on already
    again: bool = False  # its supervisor was killed: in its place, unless everything was stopped meanwhile


def demo(wishes: Wishes) -> int:
    """Run the demonstration, or show the one that runs already.

    Raises Refusal when it cannot be started.
    """
    if wishes.ready_file is not None and not wishes.ready_file.parent.is_dir():
        raise Refusal(f"Le dossier {wishes.ready_file.parent} n’existe pas : créez-le, ou changez --ready-file.")
    if wishes.reset:
        refuse_given_database("--reset")
    if wishes.on is not None:
        days.refuse_given_database()
    state = State.default()
    running = wait_for_turn(state)
    if running is None and wishes.again and state.read() is None:
        return 0
    if running is not None and is_to_stop(running, wishes):
        say("La démonstration tourne : je l’arrête d’abord.")
        stop()
        running = wait_for_turn(state)
    if running is not None:
        say("La démonstration tourne déjà.")
        announce(running, wishes.ready_file)
        return 0
    if wishes.detach:
        state.unlock()
        return detach(state, wishes)
    return supervise(state, wishes)


def keep(wishes: Wishes) -> int:
    """Supervise in a child, and in another one where it is killed once everything answered: on the same port, with the
    data that are there. The exit code of the one that ended by itself, or was asked to stop. Killed alone, this process
    takes nothing with it."""
    state = State.default()
    while True:
        child = os.fork()  # safe: we have no threads
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            return demo(wishes)
        signal.signal(signal.SIGTERM, partial(_pass_on, child))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        record = state.read()
        if code >= 0 or record is None or (record.pid, record.phase, bool(record.url)) != (child, "ready", True):
            return abs(code)
        say(f"Le superviseur s’est arrêté (signal {signal.Signals(-code).name}) : relancé.")
        wishes = Wishes(urllib.parse.urlsplit(record.url).port, wishes.ready_file, detach=False, again=True)


def _pass_on(child: int, signum: int, _frame: FrameType | None) -> None:
    os.kill(child, signum)


def is_to_stop(running: Record, wishes: Wishes) -> bool:
    """Is what runs not what was asked for?

    Raises Refusal when it lives on a later day than the one that is asked for.
    """
    if wishes.reset or wishes.on is None:
        return wishes.reset
    at = days.day_at(given(running.environment))
    days.refuse_going_back(wishes.on, at)
    return wishes.on > at


def wait_for_turn(state: State) -> Record | None:
    """Wait until a demonstration is ready (its record is returned), or may be started (None, and we hold the lock).

    Raises Refusal when another command holds the folder for too long.
    """
    deadline = time.monotonic() + PATIENCE
    announced = False
    while not state.lock():
        record = state.read()
        demonstration = record is not None and record.purpose == "demo" and record.alive
        if record is not None and demonstration and record.ready:
            return record
        if not announced:
            say("Une autre commande occupe les services : j’attends qu’elle soit prête ou qu’elle finisse…")
            announced = True
        if not demonstration and time.monotonic() > deadline:
            raise Refusal(f"Une autre commande occupe {state.folder} : voyez ./run status, ou arrêtez-la (./run stop).")
        time.sleep(0.2)
    return None


def supervise(state: State, wishes: Wishes) -> int:
    """Start everything, announce it, and stand by until asked to stop."""
    with supervising(state, "demo", considerate=False) as supervisor:
        if wishes.ready_file is not None and wishes.ready_file.is_file():
            wishes.ready_file.unlink()  # it would speak of an earlier start
        with reserve(wishes.port) as door:  # kept to the end: nobody is refused while the web server starts again
            try:
                start_everything(supervisor, door, wishes)
                supervisor.publish("ready")
                announce(supervisor.record, wishes.ready_file)
            except Stopped:
                say("Démarrage interrompu.")
                return 1
            say(f"Pour arrêter : ./run stop, ou Ctrl-C si elle est au premier plan. {RULE}")
            try:
                supervisor.watch()
            except Stopped:
                say("Arrêt…")
            return 0


def start_everything(supervisor: Supervisor, door: socket.socket, wishes: Wishes) -> None:
    """Start the services, put the data in place, open the door, and wait until everything answers.

    Raises Refusal when a step fails, Stopped when asked to stop meanwhile.
    """
    progress = steps(supervisor.state)
    supervisor.meanwhile = progress.tick
    try:
        progress.begin("Base PostgreSQL")
        environment = start_missing(supervisor)
        with collecting_static(supervisor, environment) as collected:
            ahead = put_in_place(
                supervisor, environment, progress, reset=wishes.reset, retell=wishes.retell, on=wishes.on
            )
            progress.begin("Travailleur et site")
            site, works = accounts(supervisor, environment)
            environment = collected() | ahead
        supervisor.record.url = f"http://{HOST}:{door.getsockname()[1]}/"
        supervisor.record.environment |= ahead
        own = {"WEBHOOKS_ON_THIS_MACHINE": "1", "EMAIL_URL": "mailbox:", "SITE_URL": supervisor.record.url}
        environment = {**own, **environment}
        supervisor.start(worker(supervisor.state, {**environment, **works}))
        supervisor.start(beat(supervisor.state, {**environment, **works}))
        supervisor.start(web({**environment, **site}, door))
        supervisor.record.accounts = read_accounts(supervisor, environment)
        ready = f"{supervisor.record.url}sante/pret/"
        supervisor.wait_for(lambda: answers(ready), 2 * PATIENCE, f"{ready} dit encore que tout ne marche pas")
    finally:
        supervisor.meanwhile = lambda: None
        progress.end()
    packages = float(os.environ.get(PACKAGES) or 0)
    say(in_short(({"Paquets": packages} if packages else {}) | progress.took))


def accounts(supervisor: Supervisor, environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """How the site connects to the database that we started, and how the worker and the clock do: under the accounts of
    their work, as in production, made again when the tables changed. Nothing of a database that was given.

    Raises Refusal when they cannot be made.
    """
    if not supervisor.record.embedded.get("postgresql"):
        return {}, {}
    sockets, pgdata = supervisor.state.socket_folder(), supervisor.state.pgdata
    if not postgres.has_accounts(sockets, environment["SECRET_KEY"]):
        passwords = (postgres.password_of(name, pgdata) for name in postgres.ACCOUNTS)
        environment = {**environment, **dict(zip(postgres.PASSWORDS, passwords, strict=True))}
        log = supervisor.state.log("database_roles")
        with log.open("wb") as output:
            code = supervisor.run(manage_command("database_roles", "--keep-owner"), environment, ROOT, output, output)
        if code:
            raise Refusal(f"« manage.py database_roles » a échoué ; fin de son journal, {log} :\n{last_lines(log)}")
    site, works = (postgres.address_of(sockets, account=name) for name in postgres.ACCOUNTS)
    return {"DATABASE_URL": site}, {"DATABASE_URL": works}


def reserve(port: int | None) -> socket.socket:
    """The listening socket of the web server; callers wait in its queue until the server takes it over.

    Raises Refusal when the port asked for is taken, or no port is free.
    """
    for number in [port] if port is not None else range(FIRST_PORT, LAST_PORT + 1):
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, number))
            door.listen(2048)
            return door
        except OSError as error:
            door.close()
            if error.errno == errno.EADDRINUSE and port is None:
                continue
            if error.errno == errno.EADDRINUSE:
                raise Refusal(f"Le port {port} est déjà pris : choisissez-en un autre avec --port.") from error
            raise Refusal(f"Le port {number} ne peut pas être ouvert ({error.strerror}).") from error
    raise Refusal(f"Aucun port libre de {FIRST_PORT} à {LAST_PORT} : donnez-en un avec --port.")


def worker(state: State, environment: Mapping[str, str]) -> Service:
    """The Celery worker."""
    options = ["--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle", "--hostname", WORKER]
    return Service("worker", [*CELERY, "worker", *options], environment, ROOT)


def beat(state: State, environment: Mapping[str, str]) -> Service:
    """The Celery clock. Its schedule is in the settings: the file is only its notebook."""
    for notebook in state.folder.glob(f"{state.beat_schedule.name}*"):
        notebook.unlink()  # a kill can leave it unreadable
    options = ["--schedule", str(state.beat_schedule), "--pidfile", "", "--loglevel", "INFO"]
    return Service("beat", [*CELERY, "beat", *options], environment, ROOT)


def web(environment: Mapping[str, str], door: socket.socket) -> Service:
    """The web server, on the socket reserved for it."""
    options = ["--bind", f"fd://{door.fileno()}", "--graceful-timeout", "5"]  # the rest: gunicorn.conf.py
    return Service(
        "web",
        [sys.executable, "-m", "gunicorn", "config.wsgi", *options],
        {"SUPPORT_CONTACT": CONTACT, **environment, "EQUIFLUX_DEMO": "1", "DATABASE_POOL": "1"},
        ROOT,
        pass_fds=(door.fileno(),),
        given_up=door.close,  # better refused than left waiting
    )


def read_accounts(supervisor: Supervisor, environment: Mapping[str, str]) -> list[dict[str, Any]]:
    """The accounts of the demonstration, once the worker has routed the queue of the morning.

    Raises Refusal when they cannot be read.
    """
    log = supervisor.state.log("accounts")
    with log.with_suffix(".json").open("wb") as output, log.open("wb") as errors:
        code = supervisor.run(manage_command("demo", "--json"), environment, ROOT, output, errors)
    if code:
        raise Refusal(f"« manage.py demo » a échoué ; fin de son journal, {log} :\n{last_lines(log)}")
    accounts: list[dict[str, Any]] = json.loads(log.with_suffix(".json").read_text(encoding="utf-8"))["accounts"]
    return accounts


def answers(url: str) -> bool:
    """Whether the page answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310
            return bool(response.status == 200)
    except urllib.error.HTTPError as refused:
        refused.close()
        return False
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def detach(state: State, wishes: Wishes) -> int:
    """Leave a supervisor running in its own session, and return once it is ready, relaying what it says until then."""
    log = state.log("supervisor")
    arguments = ["demo", "--kept"]
    if wishes.port is not None:
        arguments += ["--port", str(wishes.port)]
    if wishes.ready_file is not None:
        arguments += ["--ready-file", str(wishes.ready_file)]
    if wishes.on is not None:
        arguments += ["--on", wishes.on.isoformat()]
    arguments += [name for name, wished in (("--reset", wishes.reset), ("--retell", wishes.retell)) if wished]
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-P", sys.argv[0], *arguments],  # ourselves again
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
        )
    try:
        with log.open(encoding="utf-8", errors="replace") as result:
            while True:
                code = child.poll()
                sys.stderr.write(result.read())
                sys.stderr.flush()
                record = state.read()
                if record is not None and record.ready and record.purpose == "demo":
                    break
                if code is not None:
                    return 1
                time.sleep(0.2)
            sys.stderr.write(result.read())  # what was stated since
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        return 1
    announce(record, wishes.ready_file)
    return 0


def announce(record: Record, ready_file: Path | None) -> None:
    """State a person, and a program by `ready_file`, where everything is."""
    if ready_file is not None:
        content = {"url": record.url, "accounts": record.accounts, "logs": record.logs}
        text = json.dumps(content, ensure_ascii=False, indent=2)
        if ready_file.is_file() or not ready_file.exists():
            write_atomically(ready_file, text, mode=0o644)
        else:
            ready_file.write_text(text, encoding="utf-8")  # a pipe, or a device of the system: never put a file instead
    lines = [f"Équiflux répond : {record.url}", *taken_day(record), "", "Comptes de démonstration"]
    lines += table([[account.get(key) or "" for key in ACCOUNT_COLUMNS] for account in record.accounts])
    lines += ["", "Journaux", *table([[name, path] for name, path in record.logs.items()]), ""]
    show("\n".join(lines))


def taken_day(record: Record) -> list[str]:
    """What day it is there, when it is not today."""
    ahead = given(record.environment)
    if not ahead:
        return []
    return [f"Elle vit le {days.day_at(ahead):%d/%m/%Y} ; ./run demo --reset revient à ce matin."]


ACCOUNT_COLUMNS = ("login", "password", "title", "organisation")


def table(rows: list[list[str]]) -> list[str]:
    """The rows as lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
