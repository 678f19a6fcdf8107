"""`./run status` and `./run stop`: what runs here, and the end of it."""

import json
import os
import signal
import time

from config.local.console import Refusal, say, show
from config.local.processes import Running
from config.local.state import Record, State
from config.local.supervisor import clear_leftovers

PATIENCE = 60  # seconds a supervisor may take to stop everything
PHASES = {"starting": "démarre", "ready": "tourne", "stopping": "s’arrête"}


def status(*, as_json: bool) -> int:
    """Show what runs; 0 when it does, 1 when not."""
    record = State.default().read()
    running = record is not None and record.ready
    if as_json:
        show(json.dumps(described(record), ensure_ascii=False, indent=2))
    elif record is None or not record.alive:
        show("Rien ne tourne. Pour démarrer : ./run demo")
    else:
        show(f"« ./run {record.purpose} » {PHASES[record.phase]}.")
        if record.url:
            show(f"Adresse : {record.url}")
        for name, process in processes(record).items():
            condition = "en marche" if process.alive else "arrêté"
            show(f"  {name:<12} {process.pid:>8}  {condition:<9}  {record.logs.get(name, '')}")
    return 0 if running else 1


def processes(record: Record) -> dict[str, Running]:
    """The supervisor and what it supervises."""
    return {"supervisor": Running(record.pid, record.started), **record.processes}


def described(record: Record | None) -> dict[str, object]:
    """The same for a program."""
    if record is None:
        return {
            "running": False,
            "url": None,
            "processes": {},
            "embedded": {"postgresql": False, "valkey": False},
            "logs": {},
        }
    return {
        "running": record.ready,
        "url": record.url,
        "processes": {
            name: {"pid": process.pid, "alive": process.alive} for name, process in processes(record).items()
        },
        "embedded": record.embedded,
        "logs": record.logs,
    }


def stop() -> int:
    """Stop what runs, and return once it is stopped.

    Raises Refusal when it does not stop in time.
    """
    state = State.default()
    record = state.read()
    if record is None or not record.alive:
        if state.lock():
            clear_leftovers(state)  # of a supervisor that was killed
            state.remove_short_folder()
            state.unlock()
        say("Rien ne tournait.")
        return 0
    os.kill(record.pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while record.alive:
        if time.monotonic() > deadline:
            raise Refusal(f"Le superviseur (processus {record.pid}) ne s’arrête pas : voyez {state.folder}/logs.")
        time.sleep(0.1)
    say("Tout est arrêté.")
    return 0
