"""When what fell is started again, and until when: the rule alone, without a clock."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.local.processes import Service
from config.local.recovery import LIMIT, RULE, STEADY, Watched, delay
from config.local.state import ROOT, State
from config.local.supervisor import Stopped, Supervisor


def test_each_fall_in_a_row_waits_longer_never_ten_seconds_until_enough_is_enough() -> None:
    waits = [delay(falls) for falls in range(1, LIMIT + 2)]

    assert waits == [0.5, 1.0, 2.0, 4.0, *[8.0] * 11, None]
    assert f"après {LIMIT} chutes de suite" in RULE


def test_a_service_that_held_a_minute_starts_afresh() -> None:
    service = Service("beat", ["true"], {}, ROOT)
    one = Watched(service, None, launched=0.0)
    for _ in range(LIMIT):
        one.fell("code 1", now=1.0)
    assert one.falls == LIMIT
    assert not one.restarts.given_up

    one.fell("code 1", now=STEADY)
    assert (one.falls, one.due) == (1, STEADY + 0.5)


class Impatient(Supervisor):
    """Reported to stop once the service is left down."""

    @property
    def asked_to_stop(self) -> bool:
        return any(fallen.given_up for fallen in self.record.restarts.values())


def test_what_never_holds_is_left_down_and_stated_and_the_others_go_on(
    tmp_path: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.local.recovery.FIRST", 0.01)
    monkeypatch.setattr("config.local.recovery.LONGEST", 0.01)
    closed = []
    supervisor = Impatient(State(tmp_path), "demo")
    fails = [sys.executable, "-c", "print('no use'); raise SystemExit(3)"]
    supervisor.start(Service("web", fails, {}, tmp_path, given_up=lambda: closed.append("door")))
    supervisor.start(Service("beat", [sys.executable, "-c", "import signal; signal.pause()"], {}, tmp_path))

    with pytest.raises(Stopped):
        supervisor.watch()

    fallen = supervisor.record.restarts["web"]
    assert (fallen.count, fallen.reason, fallen.given_up) == (LIMIT, "code 3", True)
    assert closed == ["door"]
    assert "il n’est plus relancé. Voyez " in capsys.readouterr().err
    assert supervisor.state.log("web").read_text().count("no use") == LIMIT + 1  # one log, from the first fall on
    assert supervisor.record.processes["beat"].alive
    supervisor.stop_all()


class Unbuffered:
    """A text stream that keeps nothing back: what cannot be written raises at once."""

    def __init__(self, raw: io.FileIO) -> None:
        self.raw = raw

    def write(self, text: str) -> None:
        self.raw.write(text.encode())

    def flush(self) -> None:
        self.raw.flush()


def test_a_full_disk_silences_the_supervisor_and_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`./run demo --detach` states in a file of the disk that is full."""
    monkeypatch.setattr("config.local.recovery.FIRST", 0.01)
    monkeypatch.setattr("config.local.recovery.LONGEST", 0.01)
    supervisor = Impatient(State(tmp_path), "demo")
    supervisor.start(Service("web", [sys.executable, "-c", "raise SystemExit(3)"], {}, tmp_path))
    supervisor.start(Service("beat", ["sleep", "infinity"], {}, tmp_path))
    with io.FileIO("/dev/full", "w") as full, monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", Unbuffered(full))
        with pytest.raises(OSError, match="No space left"):
            sys.stderr.write("said\n")
        with pytest.raises(Stopped):
            supervisor.watch()

    assert supervisor.record.restarts["web"].given_up
    assert supervisor.record.processes["beat"].alive
    supervisor.stop_all()


def test_what_cannot_even_be_started_is_a_fall(tmp_path: object) -> None:
    """The program was removed meanwhile, or there is no room to write its log."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\nexec sleep 0.1\n")
    program.chmod(0o700)
    supervisor = Impatient(State(tmp_path / "state"), "demo")
    supervisor.start(Service("web", [program], {}, tmp_path))
    program.unlink()
    [one] = supervisor._services
    while one.falls < 2:
        supervisor._mend(one)
        time.sleep(0.05)

    assert one.restarts.reason.startswith("ne démarre pas : ")
    assert isinstance(one.process, subprocess.Popen | None)
