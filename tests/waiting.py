"""A test that waits is ended, with where it waits; one that is only slow goes on, whatever the machine does beside it.

What counts is the time asleep: neither running nor queued for a processor, as the kernel counts both for each thread
(`/proc/self/task/…/schedstat`). A test of ten seconds of processor that takes two minutes on a busy machine is not
ended; one that sleeps for sixty seconds is. `@pytest.mark.waits(seconds)` says that a test waits longer by its subject.
"""

from __future__ import annotations

import faulthandler
import signal
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from types import FrameType

import pytest

from tests.selection import INSTALLATIONS

MOST, EVERY = 60.0, 1.0
#: Where browsers, servers and workers do the work while the test sleeps, however busy the machine.
WITH_OTHERS = 600.0

#: What the kernel writes for the main thread: nanoseconds run, nanoseconds queued.
BUSY = Path(f"/proc/self/task/{threading.main_thread().native_id}/schedstat")


class WaitedTooLong(Exception):
    """The test slept for longer than it may."""


class Watch:
    """Looks at the main thread each second, and interrupts the test that sleeps."""

    def __init__(self, every: float = EVERY) -> None:
        self.most = 0.0
        self.began = self.busy = 0.0
        self.every = every
        threading.Thread(target=self.look, daemon=True).start()

    def start(self, most: float) -> None:
        self.began, self.busy, self.most = time.monotonic(), busy(), most

    def stop(self) -> None:
        self.most = 0.0

    def look(self) -> None:
        while True:
            time.sleep(self.every)
            if self.most and time.monotonic() - self.began - (busy() - self.busy) > self.most:
                self.most = 0.0
                faulthandler.dump_traceback(file=sys.__stderr__, all_threads=True)
                signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR2)


def busy() -> float:
    """Seconds for which the main thread ran, or was ready to run."""
    ran, queued, _ = BUSY.read_text().split()
    return (int(ran) + int(queued)) / 1e9


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
