"""`./run status` and `./run stop`: what runs here, and the end of it."""

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import psycopg

from config.local.console import Refusal, say, show
from config.local.processes import Running
from config.local.recovery import Restarts
from config.local.state import Record, State
from config.local.supervisor import clear_leftovers

PATIENCE = 60  # seconds a supervisor may take to stop everything
PHASES = {"starting": "démarre", "ready": "tourne", "stopping": "s’arrête"}
ROOM = 64 * 1024 * 1024  # bytes without which PostgreSQL cannot go on


def status(*, as_json: bool) -> int:
    """Show what runs; 0 when it does and answers, 1 when not. The product is asked: what was published may be old."""
    state = State.default()
    record = state.read()
    problems = [] if record is None or not record.alive else list(found_wrong(state, record))
    running = record is not None and record.ready and not problems
    if as_json:
        show(json.dumps(described(record, running, problems), ensure_ascii=False, indent=2))
    elif record is None or not record.alive:
        show("Rien ne tourne. Pour démarrer : ./run demo")
    else:
        condition = "ne répond pas comme il faut" if record.ready and problems else PHASES[record.phase]
        show(f"« ./run {record.purpose} » {condition}.")
        for problem in problems:
            show(f"  ! {problem}")
        if record.url:
            show(f"Adresse : {record.url}")
        for name, process in processes(record).items():
            condition = "en marche" if process.alive else "arrêté"
            show(f"  {name:<12} {process.pid:>8}  {condition:<9}  {record.logs.get(name, '')}")
            if name in record.restarts:
                show(f"  {'':<12} {'':>8}  {fallen_words(record.restarts[name])}")
    return 0 if running else 1


def fallen_words(fallen: Restarts) -> str:
    """What happened to a service that fell, in words."""
    times = "pas encore relancé" if not fallen.count else f"relancé {fallen.count} fois"
    end = " ; il n’est plus relancé" if fallen.given_up else ""
    return f"{times}, la dernière chute le {fallen.fell_at.replace('T', ' à ')} ({fallen.reason}){end}"


def processes(record: Record) -> dict[str, Running]:
    """The supervisor and what it supervises."""
    return {"supervisor": Running(record.pid, record.started), **record.processes}


def found_wrong(state: State, record: Record) -> Iterator[str]:
    """What does not work, in sentences: what the processes, the product, the database and the disk say now."""
    for name, process in record.processes.items():
        if not process.alive:
            left_down = name in record.restarts and record.restarts[name].given_up
            then = "voyez son journal, puis ./run stop et ./run demo" if left_down else "il est relancé"
            yield f"{name} est arrêté : {then}."
    if record.phase == "ready":
        yield from asked(record)
    free = shutil.disk_usage(state.folder).free
    if free < ROOM:
        yield f"Il ne reste que {free // 1024**2} Mo sur le disque de {state.folder} : libérez de la place."


def asked(record: Record) -> Iterator[str]:
    """What the product answers of itself; without a site, or when it does not answer, what the database does."""
    if record.url:
        try:
            with urllib.request.urlopen(f"{record.url}sante/pret/", timeout=10):  # noqa: S310
                return
        except urllib.error.HTTPError as answer:
            try:
                with answer:
                    yield from json.load(answer)["problems"]
            except (ValueError, KeyError):
                yield f"Le site répond {answer.code} : voyez son journal."
            return
        except OSError as error:
            yield f"Le site ne répond pas ({getattr(error, 'reason', error)}) : voyez son journal."
    address = record.environment.get("DATABASE_URL", "")
    try:
        psycopg.connect(address, connect_timeout=5).close()
    except psycopg.Error:
        yield "La base de données ne répond pas : voyez son journal."


def described(record: Record | None, running: bool, problems: list[str]) -> dict[str, object]:
    """The same for a program."""
    if record is None:
        return {
            "running": False,
            "problems": [],
            "url": None,
            "processes": {},
            "embedded": {"postgresql": False, "valkey": False},
            "logs": {},
        }
    return {
        "running": running,
        "problems": problems,
        "url": record.url,
        "processes": {
            name: {"pid": process.pid, "alive": process.alive, **_fallen(record.restarts.get(name, Restarts()))}
            for name, process in processes(record).items()
        },
        "embedded": record.embedded,
        "logs": record.logs,
    }


def _fallen(fallen: Restarts) -> dict[str, object]:
    return {
        "restarts": fallen.count,
        "fell_at": fallen.fell_at or None,
        "reason": fallen.reason or None,
        "given_up": fallen.given_up,
    }


def stop() -> int:
    """Stop what runs, and return once it is stopped.

    Raises Refusal when it does not stop in time.
    """
    state = State.default()
    deadline = time.monotonic() + PATIENCE
    while (record := state.read()) is None or not record.alive:
        if state.lock():
            clear_leftovers(state)  # of a supervisor that was killed, which is then started again no more
            state.remove_short_folder()
            state.unlock()
            say("Rien ne tournait.")
            return 0
        if time.monotonic() > deadline:
            raise Refusal(f"Une autre commande occupe {state.folder} : voyez ./run status.")
        time.sleep(0.1)
    os.kill(record.pid, signal.SIGTERM)
    while record.alive:
        if time.monotonic() > deadline:
            raise Refusal(f"Le superviseur (processus {record.pid}) ne s’arrête pas : voyez {state.folder}/logs.")
        time.sleep(0.1)
    say("Tout est arrêté.")
    return 0
