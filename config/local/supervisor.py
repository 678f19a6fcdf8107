"""The supervisor: starts services, watches them, starts again what falls, stops them all, publishes what it does."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

from config.local.console import Refusal, say
from config.local.processes import (
    Running,
    Service,
    clear_away,
    finish,
    kill_session,
    last_lines,
    launch,
    spawn,
    started_at,
)
from config.local.recovery import Watched
from config.local.state import Record, State

WATCHED_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Died(Refusal):
    """A service ended by itself; the message says which, and the end of its log says why."""


class Stopped(Exception):
    """Somebody asked us to stop."""


class Supervisor:
    """Runs services in a state folder whose lock we hold. Use it in `with supervising(…)`."""

    def __init__(self, state: State, purpose: str) -> None:
        self.state = state
        self.record = Record(purpose, os.getpid(), started_at(os.getpid()) or 0)
        self._services: list[Watched] = []
        self._unpublished = False
        self._signal: int | None = None
        self.meanwhile: Callable[[], None] = lambda: None  # done at each look around, while something is waited for

    # Signals only leave a note: the next look around acts on it, never in the middle of a step

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take note of the signals that ask us to stop, instead of ending on the spot."""
        previous = {signum: signal.signal(signum, self._note) for signum in WATCHED_SIGNALS}
        try:
            yield
        finally:
            for signum, handler in previous.items():
                signal.signal(signum, handler)

    def _note(self, signum: int, _frame: FrameType | None) -> None:
        self._signal = signum

    @property
    def asked_to_stop(self) -> bool:
        """Whether a signal to stop was received and not passed on."""
        return self._signal is not None

    def publish(self, phase: str | None = None) -> None:
        """Publish the record, in a new phase if one is given."""
        self.record.phase = phase or self.record.phase
        self.state.publish(self.record)

    def start(self, service: Service) -> None:
        """Start a service and publish it at once, so that it can be found even if we are killed next."""
        log = self.state.log(service.name)
        process = launch(service, log)
        self._services.append(Watched(service, process))
        self.record.processes[service.name] = Running(process.pid, started_at(process.pid) or 0)
        self.record.logs[service.name] = str(log)
        self.publish()

    def look(self) -> None:
        """See that all is well.

        Raises Stopped when somebody asked us to stop, Died when a service ended by itself.
        """
        if self.asked_to_stop:
            raise Stopped
        self.meanwhile()
        for one in self._services:
            how = _end(one)
            if how:
                log = self.state.log(one.service.name)
                raise Died(
                    f"{one.service.name} s’est arrêté de lui-même ({how}) ; tout le reste est arrêté aussi.\n"
                    f"Fin de son journal, {log} :\n{last_lines(log)}"
                )

    def wait_for(self, condition: Callable[[], bool], seconds: float, complaint: str) -> None:
        """Wait until `condition` holds.

        Raises Refusal with `complaint` when it does not within `seconds`, and what `look` raises.
        """
        deadline = time.monotonic() + seconds
        while True:
            self.look()
            if condition():
                return
            if time.monotonic() > deadline:
                raise Refusal(f"{complaint} après {seconds:.0f} s : voyez les journaux dans {self.state.folder}/logs.")
            time.sleep(0.05)

    def watch(self) -> None:
        """Stand by, and start again what falls (`config/local/recovery.py`).

        Always ends with Stopped, when somebody asked us to stop.
        """
        while not self.asked_to_stop:
            for one in self._services:
                self._mend(one)
            if self._unpublished:
                self._tell()
            time.sleep(0.2)
        raise Stopped

    def _mend(self, one: Watched) -> None:
        """Notice that a service fell; start it again when it is time."""
        how = _end(one)
        if one.process is not None and how:
            kill_session(one.process.pid)
            self._fell(one, how)
        elif one.due is not None and time.monotonic() >= one.due:
            self._start_again(one)

    def _start_again(self, one: Watched) -> None:
        try:
            process = launch(one.service, self.state.log(one.service.name), again=True)
        except (OSError, subprocess.SubprocessError) as error:
            self._fell(one, f"ne démarre pas : {error}")
            return
        one.started(process, time.monotonic())
        self.record.processes[one.service.name] = Running(process.pid, started_at(process.pid) or 0)
        self._tell()

    def _fell(self, one: Watched, how: str) -> None:
        name = one.service.name
        one.fell(how, time.monotonic())
        self.record.restarts[name] = one.restarts
        if one.restarts.given_up:
            say(f"{name} s’est arrêté ({how}), {one.falls} fois de suite : il n’est plus relancé. {self.advice(name)}")
            if one.service.given_up is not None:
                one.service.given_up()
        else:
            say(f"{name} s’est arrêté ({how}) : relancé.")
        self._tell()

    def advice(self, name: str) -> str:
        """What to do about a service that is left down."""
        return f"Voyez {self.state.log(name)}, puis ./run stop et ./run demo."

    def _tell(self) -> None:
        """Publish, or later when there is no room to write: what runs goes on."""
        try:
            self.publish()
        except OSError:
            self._unpublished = True
        else:
            self._unpublished = False

    def run(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        folder: Path,
        output: IO[bytes] | None = None,
        errors: IO[bytes] | int | None = None,
    ) -> int:
        """Run a step to its end, with its output and errors sent to files, and return its exit code.

        Raises what `look` raises; the step is then stopped.
        """
        with self.beside(command, environment, folder, output, errors) as end:
            return end()

    @contextlib.contextmanager
    def beside(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        folder: Path,
        output: IO[bytes] | None = None,
        errors: IO[bytes] | int | None = None,
    ) -> Iterator[Callable[[], int]]:
        """Run a step beside the others. What is given waits for its end, and returns its exit code; a step that has not
        ended when this is left is stopped."""
        child = spawn(
            command,
            signal.SIGTERM,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )

        def end() -> int:
            while not _ended(child):
                self.look()
            return child.returncode

        try:
            yield end
        finally:
            if child.poll() is None:
                child.terminate()
            finish(child)

    def hand_over(self, command: Sequence[str | Path], environment: Mapping[str, str], folder: Path | None) -> int:
        """Run a command that has the terminal to itself, and return its exit code as a shell would give it.

        Ctrl-C reaches it by the terminal and is its own affair; a request to stop is passed on.
        Raises Died when a service ends meanwhile; the command is then stopped.
        """
        with self.listening():
            child = spawn(command, signal.SIGTERM, env=environment, cwd=folder)
            try:
                while not _ended(child):
                    if self._signal in (signal.SIGTERM, signal.SIGHUP):
                        child.send_signal(signal.SIGTERM)
                    self._signal = None
                    self.look()
            finally:
                if child.poll() is None:
                    child.terminate()
                    child.wait()
        return child.returncode if child.returncode >= 0 else 128 - child.returncode

    def wait_for_users(self) -> None:
        """Wait until no other command uses our services, or until asked to stop."""
        if self.state.unused():
            return
        say("D’autres commandes utilisent encore ces services : j’attends qu’elles finissent…")
        while not self.asked_to_stop and not self.state.unused():
            time.sleep(0.2)

    def stop_all(self) -> None:
        """Stop the services, those that use the others first."""
        for foundation in (False, True):
            wave = [
                (one.service, one.process)
                for one in self._services
                if one.process is not None and one.service.foundation is foundation
            ]
            for service, process in wave:
                if process.poll() is None:
                    process.send_signal(service.stop_signal)
            for _, process in wave:
                finish(process)
        self._services.clear()


def _end(one: Watched) -> str:
    """How the process of a service ended, "" as long as it runs (or is to be started again)."""
    code = None if one.process is None else one.process.poll()
    if code is None:
        return ""
    return f"code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _ended(child: subprocess.Popen[bytes]) -> bool:
    try:
        child.wait(0.1)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextlib.contextmanager
def supervising(state: State, purpose: str, *, considerate: bool) -> Iterator[Supervisor]:
    """Supervise in `state`, whose lock we hold: clear what a dead supervisor left, and at the end stop everything.

    A considerate supervisor waits for the commands that attached to its services before stopping them,
    unless it is asked to stop.
    """
    supervisor = Supervisor(state, purpose)
    with supervisor.listening():
        try:
            clear_leftovers(state)
            supervisor.publish()
            yield supervisor
        finally:
            try:
                with contextlib.suppress(OSError):  # no room left: all the more reason to stop what runs
                    supervisor.publish("stopping")
                if considerate:
                    supervisor.wait_for_users()
            finally:
                supervisor.stop_all()
                state.forget()
                state.remove_short_folder()
                state.release()
                state.unlock()


def clear_leftovers(state: State) -> None:
    """Make sure nothing runs any more of what a supervisor that was killed had started here."""
    record = state.read()
    if record is not None:
        for process in reversed(record.processes.values()):
            clear_away(process)
    state.forget()
