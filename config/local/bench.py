"""`./run bench`: the measures of `benchmarks/`, in the folder where the command is typed."""

import os
import sys
from collections.abc import Sequence

from config.local.console import Refusal, say
from config.local.postgres import folders
from config.local.services import start_missing
from config.local.state import State
from config.local.supervisor import Stopped, Supervisor, supervising

#: Pure Python: nothing is started for them. The first is the one meant when none is named.
BENCHMARKS = ("routing", "known", "speed", "words", "guessing", "healing", "proofs")

#: Measured on a real database and a real queue, started for it.
WITH_SERVICES = (
    "database",
    "pace",
    "balance",
    "migrate",
    "storage",
    "imports",
    "files",
    "golive",
    "mails",
    "data",
    "pages",
    "wall",
    "search",
)


def bench(arguments: Sequence[str]) -> int:
    """Run a benchmark with what follows its name, and return its exit code.

    Raises Refusal when the services that it needs cannot be started.
    """
    name, rest = BENCHMARKS[0], list(arguments)
    if rest and rest[0] in BENCHMARKS + WITH_SERVICES:
        name, *rest = rest
    command = [sys.executable, "-P", "-m", f"benchmarks.{name}", *rest]
    if name not in WITH_SERVICES:
        return Supervisor(State.default(), "bench").hand_over(command, os.environ, None)
    state = State.for_benchmarks()
    if not state.lock():
        raise Refusal("Une autre mesure tourne déjà ici : attendez sa fin.")
    try:
        with supervising(state, "bench", considerate=False) as supervisor:
            environment = start_missing(supervisor)
            supervisor.publish("ready")
            return supervisor.hand_over(command, {**environment, "PGBENCH": pgbench()}, None)
    except Stopped:
        say("Interrompu.")
        return 1


def pgbench() -> str:
    """PostgreSQL's own benchmark, from the wheel or the system; "" when there is none."""
    return next((str(folder / "pgbench") for folder in folders() if (folder / "pgbench").exists()), "")
