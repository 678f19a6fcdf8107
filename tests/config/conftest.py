"""The supervisor seen from outside: real commands, each on a state folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from config.local import postgres, prepared
from config.local.processes import Running, started_at
from config.local.state import ROOT, Record, State
from config.local.supervisor import supervising
from tests.one_template import template

GIVEN = ("DATABASE_URL", "REDIS_URL")


class House:
    """A state folder and the commands run on it; no service is given unless stated."""

    def __init__(self, folder: Path, tables: Path | None = None) -> None:
        self.folder = folder
        self.tables = tables
        self.state = State(folder)
        self.environment = {name: value for name, value in os.environ.items() if name not in GIVEN}
        self.environment |= {"EQUIFLUX_STATE": str(folder), "PYTHONPATH": str(ROOT)}
        self.children: list[subprocess.Popen[str]] = []

    @property
    def secret_key(self) -> str:
        """With what its processes sign: the key of the environment, else that of its folder."""
        return self.environment.get("SECRET_KEY") or self.state.secret_key()

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """`./run ARGUMENTS`, from somewhere else."""
        return self._finish([ROOT / "run", *arguments], environment)

    def have_tables(self) -> None:
        """Start from a database whose tables are made, unless there is one."""
        if self.tables is not None and not self.state.pgdata.exists():
            subprocess.run(["cp", "-a", self.tables, self.state.pgdata], check=True)

    def demo(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """The bare demonstration, to its end (use --detach)."""
        self.have_tables()
        return self._finish([sys.executable, Path(__file__).with_name("bare_demo.py"), "demo", *options], environment)

    def demo_in_foreground(self, *options: str) -> subprocess.Popen[str]:
        """The bare demonstration once it is ready, still running."""
        self.have_tables()
        command = [sys.executable, str(Path(__file__).with_name("bare_demo.py")), "demo", *options]
        pipe = subprocess.PIPE
        child = subprocess.Popen(command, env=self.environment, cwd=self.folder, stdout=pipe, stderr=pipe, text=True)
        self.children.append(child)
        until(lambda: child.poll() is not None or self.ready, seconds=120)  # a loaded machine takes its time
        return child

    def _finish(self, command: list[object], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            env=self.environment | environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=240,
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


def cluster(folder: Path, database: str) -> Path:
    """The data of an embedded server, stopped, that holds a copy of a database of the tests."""
    program = next(found / "pg_dump" for found in postgres.folders() if (found / "pg_dump").exists())
    content = folder / "content.sql"
    where = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}")
    subprocess.run([program, "--no-owner", "-f", content, "-d", urlunsplit(where)], check=True)
    state = State(folder / "cluster")
    assert state.lock()
    with supervising(state, "test", considerate=False) as supervisor:
        address = postgres.start(supervisor, postgres.FAST_AND_FORGETFUL)
        prepared.ensure_database(state.socket_folder())
        psql = [program.with_name("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", address, "-f", content]
        subprocess.run(psql, check=True, stdout=subprocess.DEVNULL)
    return state.pgdata


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: pytest.FixtureRequest) -> Iterator[Path]:
    """The data of a server whose database has the tables, and nothing else: copied, it spares the migrations."""
    with tempfile.TemporaryDirectory(prefix="equiflux-tables-") as folder:
        with django_db_blocker.unblock(), template() as name:
            made = cluster(Path(folder), name)
        yield made


@pytest.fixture
def house(tmp_path: Path, tables: Path) -> Iterator[House]:
    house = House(tmp_path / "état local", tables)  # an accent and a space: paths have them
    yield house
    house.close()
