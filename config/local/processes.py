"""Processes that cannot outlive their supervisor, and how to recognise and stop them."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.prctl.argtypes = [ctypes.c_int, *4 * [ctypes.c_ulong]]


@dataclass(frozen=True)
class Running:
    """A process by its number and the moment it started: numbers are used again, pairs are not."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return started_at(self.pid) == self.started


@dataclass(frozen=True)
class Service:
    """A long-lived process: its command, and the signals by which it ends well or, without its supervisor, at once."""

    name: str
    command: Sequence[str | os.PathLike[str]]
    environment: Mapping[str, str]
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    become: Callable[[], None] | None = None
    pass_fds: tuple[int, ...] = ()
    foundation: bool = False  # the others need it until their own end
    given_up: Callable[[], None] | None = None  # what to do when it falls too often to be started again


def started_at(pid: int) -> int | None:
    """When the process started (in the system's own ticks), None when it has ended.

    Without /proc only its presence is known: 0.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None if os.path.exists("/proc/self/stat") else _presence(pid)
    return None if fields[0] in "ZX" else int(fields[19])


def _presence(pid: int) -> int | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return 0
    return 0


def spawn(
    command: Sequence[str | os.PathLike[str]],
    orphan_signal: int,
    become: Callable[[], None] | None = None,
    **options: Any,
) -> subprocess.Popen[bytes]:
    """Start a child to which the system sends `orphan_signal` when we die; `options` are those of Popen.

    The order matters: a change of identity (`become`) erases the request, so it comes first.
    """
    parent = os.getpid()

    def prepare() -> None:
        if become is not None:
            become()
        if sys.platform == "linux":
            LIBC.prctl(PR_SET_PDEATHSIG, orphan_signal, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # the supervisor died before the request was made

    return subprocess.Popen(command, preexec_fn=prepare, **options)  # safe: we have no threads


def launch(service: Service, log: Path, *, again: bool = False) -> subprocess.Popen[bytes]:
    """Start a service in a session of its own (Ctrl-C is for the supervisor), writing to `log`, after what it held when
    it is started `again`.

    Raises OSError when it cannot be started.
    """
    if log.exists() and not again:
        os.replace(log, log.with_suffix(".previous.log"))
    with log.open("ab") as output:
        return spawn(
            service.command,
            service.orphan_signal,
            service.become,
            env=service.environment,
            cwd=service.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=service.pass_fds,
        )


def finish(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    """Wait for a process that was asked to end, insist after `seconds`, and take away what is left of its session."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    kill_session(process.pid)


def clear_away(process: Running, seconds: float = 10) -> None:
    """Make sure nothing is left of a process whose supervisor died: let it end, then insist."""
    deadline = time.monotonic() + seconds
    while process.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    if process.alive or started_at(process.pid) is None:  # a number in use again is somebody else's
        kill_session(process.pid)


def kill_session(leader: int) -> None:
    """End what is left of the session of a process that ended."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, for a person."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
