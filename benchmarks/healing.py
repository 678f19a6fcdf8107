"""How long each process of the demonstration that serves here takes to come back: ./run bench healing [--write]

Each is killed alone (SIGKILL), then the backends of PostgreSQL, then several at once, then all. It is back when the
readiness of the site answers 200, for two seconds on end, and each process runs again.
"""

from __future__ import annotations

import http.client
import os
import signal
import sys
import time
import urllib.parse
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from benchmarks.command_line import Parser
from benchmarks.page import put
from config.local.processes import Running
from config.local.state import State

READY, BACKENDS = "/sante/pret/", "backends"
#: What is killed together.
FALLS = (
    *(("postgresql",), (BACKENDS,), ("valkey",), ("web",), ("worker",), ("beat",)),
    *(("web", "worker", "beat"), ("postgresql", "valkey"), ("postgresql", "valkey", "web", "worker", "beat")),
)
#: Seconds: wanted at most, between two readings, before a fall, that it holds, and until nothing more is waited for.
WANTED, PACE, REST, STEADY, PATIENCE = 10, 0.1, 10, 2, 120


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when no demonstration serves here, or when something takes longer than is wanted."""
    parser = Parser("benchmarks.healing", "En combien de temps revient ce qui est tué.")
    parser.add_argument("--write", action="store_true", help="écrit le tableau dans docs/performance.md")
    options = parser.parse_args(arguments)
    record = State.default().read()
    if record is None or not record.ready or record.url is None:
        sys.stderr.write("Ouvrez d’abord la démonstration : ./run demo --detach\n")
        return 1
    host = urllib.parse.urlsplit(record.url).netloc
    found = {fall: healed(host, fall) for fall in FALLS}
    table = "\n".join(
        [
            f"| killed | seconds until it is back, at most {WANTED} |",
            "| --- | --: |",
            *(f"| {', '.join(fall)} | {seconds:.1f} |" for fall, seconds in found.items()),
        ]
    )
    if options.write:
        put("./run bench healing", table, page="performance.md")
    sys.stdout.write(table + "\n")
    return int(max(found.values()) > WANTED)


def healed(host: str, fall: Collection[str]) -> float:
    """Seconds from the fall to the first of the answers that hold. Raises TimeoutError beyond two minutes."""
    time.sleep(REST)
    killed = [pid for name in fall for pid in pids(name)]
    began = time.monotonic()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    back: float | None = None
    while time.monotonic() - began < PATIENCE:
        if not is_ready(host) or not all(is_running(name) for name in fall):
            back = None
        elif back is None:
            back = time.monotonic()
        elif time.monotonic() - back > STEADY:
            return back - began
        time.sleep(PACE)
    raise TimeoutError(f"{', '.join(fall)}: {PATIENCE} s")


def pids(name: str) -> list[int]:
    """Those of a process as the supervisor records it; of the connections that PostgreSQL serves."""
    if name != BACKENDS:
        return [running()[name].pid]
    server = running()["postgresql"].pid
    children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    return [int(pid) for pid in children if "equiflux" in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")]


def is_running(name: str) -> bool:
    return name == BACKENDS or running()[name].alive


def running() -> Mapping[str, Running]:
    record = State.default().read()
    return record.processes if record else {}


def is_ready(host: str) -> bool:
    line = http.client.HTTPConnection(host, timeout=2)
    try:
        line.request("GET", READY)
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
