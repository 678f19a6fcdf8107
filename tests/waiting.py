"""A test that waits is ended, with where it waits; one that is only slow goes on, whatever the machine does beside it.

What counts is the time asleep: neither running nor queued for a processor, itself or the server of its connection, as
the kernel counts both for each (`/proc/…/schedstat`). A test of ten seconds of processor that takes two minutes on a
busy machine is not ended; one that sleeps for sixty seconds is. `@pytest.mark.waits(seconds)` says that a test waits
longer by its subject.
"""

from __future__ import annotations

import contextlib
import faulthandler
import signal
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from types import FrameType

import pytest
from django.db import connections

from tests.selection import INSTALLATIONS

MOST, EVERY = 60.0, 1.0
#: Where browsers, servers and workers do the work while the test sleeps, however busy the machine.
WITH_OTHERS = 600.0

#: What the kernel writes for the main thread: nanoseconds run, nanoseconds queued.
BUSY = Path(f"/proc/self/task/{threading.main_thread().native_id}/schedstat")


def asleep() -> float:
    """Seconds, from any moment on, for which this thread has neither run nor been ready to run: what it waits for, and
    not what the machine does beside it."""
    ran, queued, _ = Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()
    return time.monotonic() - (int(ran) + int(queued)) / 1e9


class WaitedTooLong(Exception):
    """The test slept for longer than it may."""


class Watch:
    """Looks at the main thread each second, and interrupts the test that sleeps."""

    def __init__(self, every: float = EVERY) -> None:
        self.most = self.asleep = 0.0
        self.every, self.database = every, connections["default"]  # that of this thread
        threading.Thread(target=self.look, daemon=True).start()

    def start(self, most: float) -> None:
        self.asleep, self.most = 0.0, most

    def stop(self) -> None:
        self.most = 0.0

    def look(self) -> None:
        worked, _ = self.works()
        while True:
            before = time.monotonic()
            time.sleep(self.every)
            now = time.monotonic()
            work, is_ready = self.works()
            spent = sum(seconds - worked.get(file, seconds) for file, seconds in work.items())
            worked = work
            if not is_ready:  # the kernel adds what is queued once it has run: nothing is known of it yet
                self.asleep += max(0.0, now - before - spent)
            if self.most and self.asleep > self.most:
                self.most = 0.0
                faulthandler.dump_traceback(file=sys.__stderr__, all_threads=True)
                signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR2)

    def works(self) -> tuple[dict[Path, float], bool]:
        """Seconds for which the main thread, PostgreSQL for its connection, and this very thread, which the main one
        may be waiting for, ran or were ready to run; is one of the first two running or ready?"""
        files, found, is_ready = [BUSY], {}, False
        native = getattr(self.database, "connection", None)
        if native is not None and not native.closed:
            files.append(Path(f"/proc/{native.info.backend_pid}/schedstat"))
        for file in (*files, BUSY.parent.with_name(str(threading.get_native_id())) / BUSY.name):
            with contextlib.suppress(OSError):
                ran, queued, _ = file.read_text().split()
                found[file] = (int(ran) + int(queued)) / 1e9
                if file in files:
                    is_ready |= file.with_name("stat").read_text().rpartition(")")[2].split()[0] == "R"
        return found, is_ready


def end(signum: int, frame: FrameType | None) -> None:
    raise WaitedTooLong("This test waited for longer than it may: where, its traceback says (tests/waiting.py).")


def pytest_configure(config: pytest.Config) -> None:
    if BUSY.exists() and config.pluginmanager.get_plugin("watch") is None:
        signal.signal(signal.SIGUSR2, end)
        config.pluginmanager.register(Watching(Watch()), "watch")


class Watching:
    """The plugin."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        marker = item.get_closest_marker("waits")
        others = item.nodeid.startswith(INSTALLATIONS) or item.get_closest_marker("browser")
        self.watch.start(float(marker.args[0]) if marker else WITH_OTHERS if others else MOST)
        try:
            return (yield)
        finally:
            self.watch.stop()
