"""The supervisor seen from outside: real commands, each on a state folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local.processes import Running, started_at
from config.local.state import ROOT, Record, State

GIVEN = ("DATABASE_URL", "REDIS_URL")


class House:
    """A state folder and the commands run on it; no service is given unless said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = State(folder)
        self.environment = {name: value for name, value in os.environ.items() if name not in GIVEN}
        self.environment |= {"EQUIFLUX_STATE": str(folder), "PYTHONPATH": str(ROOT)}
        self.children: list[subprocess.Popen[str]] = []

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`./run ARGUMENTS`, from somewhere else."""
        return self._finish([ROOT / "run", *arguments], environment)

    def demo(self, *options: str) -> subprocess.CompletedProcess[str]:
        """The bare demonstration, to its end (use --detach)."""
        return self._finish([sys.executable, Path(__file__).with_name("bare_demo.py"), "demo", *options], {})

    def demo_in_foreground(self, *options: str) -> subprocess.Popen[str]:
        """The bare demonstration once it is ready, still running."""
        command = [sys.executable, str(Path(__file__).with_name("bare_demo.py")), "demo", *options]
        pipe = subprocess.PIPE
        child = subprocess.Popen(command, env=self.environment, cwd=self.folder, stdout=pipe, stderr=pipe, text=True)
        self.children.append(child)
        until(lambda: child.poll() is not None or self.ready)
        return child

    def _finish(self, command: list[object], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            env=self.environment | environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    @property
    def record(self) -> Record:
        """What the supervisor publishes."""
        record = self.state.read()
        assert record is not None
        return record

    @property
    def ready(self) -> bool:
        record = self.state.read()
        return record is not None and record.ready

    def close(self) -> None:
        """Leave nothing behind, whatever the test did."""
        self.run("stop")
        for child in self.children:
            child.kill()
            child.communicate()


def until(condition: object, seconds: float = 30) -> None:
    """Wait for what must happen."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def family(pid: int) -> set[Running]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(parent), []).append(int(folder.name))
    found, waiting = set(), [pid]
    while waiting:
        one = waiting.pop()
        began = started_at(one)
        if began is not None:
            found.add(Running(one, began))
        waiting += children.get(one, [])
    return found


def kill(pid: int) -> None:
    """As a crash, or an impatient person, would."""
    os.kill(pid, signal.SIGKILL)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "état local")  # an accent and a space: paths have them
    yield house
    house.close()
