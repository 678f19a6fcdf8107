"""What the tests took, by folder: printed at the end of a run, with the slowest of them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePosixPath

import pytest

#: Folders and tests that are printed, the slowest first.
FOLDERS, TESTS = 20, 15


class Spent:
    """Adds up the seconds of each phase of each test, whatever process ran it."""

    def __init__(self) -> None:
        self.by_test: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.by_test[report.nodeid] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if len(self.by_test) > TESTS:
            terminalreporter.section("seconds by folder")
            terminalreporter.write_line("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Seconds, tests and folder, three levels deep; then the slowest tests."""
        seconds, tests = defaultdict[str, float](float), defaultdict[str, int](int)
        for nodeid, took in self.by_test.items():
            folder = "/".join(PurePosixPath(nodeid.split("::")[0]).parent.parts[:3])
            seconds[folder] += took
            tests[folder] += 1
        whole = sum(seconds.values())
        rows = sorted(seconds, key=lambda folder: -seconds[folder])
        slowest = sorted(self.by_test, key=lambda nodeid: -self.by_test[nodeid])[:TESTS]
        return [
            f"{whole:8.1f} s {len(self.by_test):6} tests",
            *(f"{seconds[folder]:8.1f} s {tests[folder]:6}  {folder}" for folder in rows[:FOLDERS]),
            *(f"{self.by_test[nodeid]:8.1f} s         {nodeid}" for nodeid in slowest),
        ]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Spent(), "spent")
