"""Faults planted in a copy of the tree: which tests see each of them?

    .venv/bin/python -m tests.house.planting --net              # twenty, one by one: does the net see each?
    .venv/bin/python -m tests.house.planting --nearest          # sixty, one by one: do the nearest tests see each?
    .venv/bin/python -m tests.house.planting --nearest 3 lock   # one of them, and those of a kind
    .venv/bin/python -m tests.house.planting --batch --nearest  # in batches: no two in one file, nor before one test
    .venv/bin/python -m tests.house.planting --batch --whole    # the whole of the tests, once a batch
    .venv/bin/python -m tests.house.planting --nearest --left   # those that the file does not give as seen
    .venv/bin/python -m tests.house.planting --list

`--write` puts what was seen in tests/house/plants.csv, beside what another run had seen there; `--keep` leaves the
services of the copy in `.equiflux/plants`, for the next run to begin at once.

A batch is distinguished by planting less: what fails once nothing is planted is nobody's, what fails with one fault
alone is its own, and those that nothing near them saw are halved as long as something still fails.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from config.local.checks import side_by_side
from config.local.postgres import FAST_AND_FORGETFUL
from config.local.services import start_missing
from config.local.state import State
from config.local.supervisor import Supervisor, supervising
from reservations.migrations._sql import seal
from tests.house.plants import ROOT, Plant, where
from tests.house.plants_by_kind import FAULTS
from tests.house.plants_of_the_net import ASKING, NET, PLANTS
from tests.house.plants_page import SEEN, Verdict, known, write

#: Faults of one batch, at most: a test that several of them break says nothing of either.
TOGETHER = 12
#: In the copy, tables are made again for a fault of SQL only: what a module says of them is in its migrations.
SAME_TABLES = ("fingerprint(*TABLES, *HERE)", 'fingerprint("*/migrations", "*/sql", *HERE)')


@dataclass(frozen=True)
class Copy:
    """A copy of the tree, and the services of its tests."""

    tree: Path
    environment: dict[str, str]
    supervisor: Supervisor

    def failing(self, faults: Iterable[Plant], tests: Sequence[str], *options: str) -> list[str]:
        """The tests, of those asked for, that fail with these faults planted: by their addresses."""
        report = self.tree / "report.xml"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", *tests, "-q", "-p", "no:randomly", *options]
        with planted(self.tree, faults):
            environment = self.environment | {"PYTHONPATH": str(self.tree)}
            with (self.tree / "pytest.log").open("ab") as log:
                written = [f"--junitxml={report}", "-o", "junit_family=xunit1"]
                self.supervisor.run([*command, *written], environment, self.tree, log, log)
        if not report.exists():  # no test at all is no verdict
            sys.exit("\n".join((self.tree / "pytest.log").read_text(encoding="utf-8").splitlines()[-20:]))
        return failed(report)


@contextmanager
def planted(tree: Path, faults: Iterable[Plant]) -> Iterator[None]:
    """These faults in this copy, and the seals of the SQL that they change with them; then as it was."""
    whole: dict[Path, str] = {}

    def rewrite(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        whole.setdefault(path, text)
        path.write_text(text.replace(old, new), encoding="utf-8")

    try:
        for fault in faults:
            [path] = where(fault.anchor)
            before = (tree / path.relative_to(ROOT)).read_text(encoding="utf-8")
            rewrite(tree / path.relative_to(ROOT), fault.anchor, fault.instead)
            if path.suffix == ".sql":
                after = seal(before.replace(fault.anchor, fault.instead))
                for migration in sorted(tree.glob("*/migrations/**/*.py")):
                    if seal(before) in migration.read_text(encoding="utf-8"):
                        rewrite(migration, seal(before), after)
        yield
    finally:
        for path, text in whole.items():
            path.write_text(text, encoding="utf-8")


def failed(report: Path) -> list[str]:
    """The addresses of the tests that failed in a report, without what they were given: all that a function is asked
    is asked again."""
    found = []
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest
        if case.find("failure") is not None or case.find("error") is not None:
            module = case.get("file") or f"{case.get('name', '').replace('.', '/')}.py"
            name = case.get("name", "").partition("[")[0]
            found.append(f"{module}::{name}" if case.get("file") else module)
    return list(dict.fromkeys(found))


@contextmanager
def copied(*, keep: bool) -> Iterator[Copy]:
    """A copy of the tree as it is now, and services of its own."""
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory()))
        tree = folder / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".equiflux", ".git", ".venv", "__pycache__"))
        (tree / ".venv").symlink_to(ROOT / ".venv")
        template = tree / "tests/one_template.py"
        template.write_text(template.read_text(encoding="utf-8").replace(*SAME_TABLES), encoding="utf-8")
        state = State(ROOT / ".equiflux/plants" if keep else folder / "state")
        if not state.lock():
            sys.exit("Other faults are being planted with the kept services: wait, or leave --keep out.")
        supervisor = ending.enter_context(supervising(state, "test", considerate=False))
        environment = start_missing(supervisor, FAST_AND_FORGETFUL)
        supervisor.publish("ready")
        yield Copy(tree, environment, supervisor)


def batches(faults: Iterable[Plant]) -> list[list[Plant]]:
    """Faults that may be planted together: no two in one file, nor before one test module."""
    found: list[list[Plant]] = []
    taken: list[set[object]] = []
    for fault in faults:
        own = {*where(fault.anchor), *fault.tests}
        for batch, names in zip(found, taken, strict=True):
            if len(batch) < TOGETHER and names.isdisjoint(own):
                batch.append(fault)
                names.update(own)
                break
        else:
            found.append([fault])
            taken.append(own)
    return found


def distinguished(copy: Copy, faults: Sequence[Plant], failing: Sequence[str]) -> dict[str, str]:
    """Which test sees each of the faults of a batch, of those that failed with all of them: {fault: test}."""
    nobodys = set(copy.failing([], failing)) if failing else set()
    failing = [each for each in failing if each not in nobodys]
    found, left = dict[str, str](), list[Plant]()
    for fault in faults:
        near = [each for each in failing if each.partition("::")[0] in fault.tests]
        if near and (seen := copy.failing([fault], near, "-x")):
            found[fault.what] = seen[0]
        else:
            left.append(fault)
    return found | _halved(copy, left, failing)


def _halved(copy: Copy, faults: Sequence[Plant], failing: Sequence[str]) -> dict[str, str]:
    if not faults or not failing:
        return {}
    seen = copy.failing(faults, failing, *(["-x"] if len(faults) == 1 else []))
    if len(faults) == 1:
        return {faults[0].what: seen[0]} if seen else {}
    half = len(faults) // 2
    return _halved(copy, faults[:half], seen) | _halved(copy, faults[half:], seen)


def one_by_one(copy: Copy, faults: Sequence[Plant]) -> Iterator[tuple[Plant, str]]:
    """The test that sees each fault, planted alone, among the nearest; "" for none. The one that had seen it is asked
    first."""
    result = known()
    for fault in faults:
        *_, before = result.get(fault.what, [""])
        first = before.strip("`")
        seen = copy.failing([fault], [first], "-x") if first.partition("::")[0] in fault.tests else []
        seen = seen or copy.failing([fault], fault.tests, "-x")
        yield fault, seen[0] if seen else ""


def in_batches(copy: Copy, faults: Sequence[Plant], *, whole: bool) -> Iterator[tuple[Plant, str]]:
    """The same, planted together, among the nearest tests of each, or among all."""
    for batch in batches(faults):
        tests = ["tests"] if whole else sorted({each for fault in batch for each in fault.tests})
        found = distinguished(copy, batch, copy.failing(batch, tests, *side_by_side()))
        yield from ((fault, found.get(fault.what, "")) for fault in batch)


def by_the_net(copy: Copy, faults: Sequence[Plant]) -> Iterator[tuple[Plant, str]]:
    """The test of the net that sees each fault, planted alone."""
    for fault in faults:
        seen = copy.failing([fault], NET, "-x", *ASKING)
        yield fault, seen[0] if seen else ""


def chosen(faults: Sequence[Plant], names: Sequence[str], *, left: bool = False) -> list[Plant]:
    """Those of these numbers, or of these kinds; all of them when none is named; those `left` to be seen by the nearest
    tests, as the page says."""
    found = [each for n, each in enumerate(faults, start=1) if not names or str(n) in names or each.kind in names]
    if left:
        result = known()
        found = [each for each in found if result.get(each.what, [""])[0] != SEEN]
    lost = [each.what for each in found if len(where(each.anchor)) != 1]
    if lost:
        sys.exit("These anchors stand nowhere, or twice: write them again.\n- " + "\n- ".join(lost))
    return sorted(found, key=lambda each: where(each.anchor)[0].suffix == ".sql")  # whose tables are made for each


def main(*arguments: str) -> int:
    """Plant the faults that are named, and say which are seen; 1 when one is not (of the net: two)."""
    asked = argparse.ArgumentParser(prog="python -m tests.house.planting")
    asked.add_argument("names", nargs="*", help="numbers, or kinds; all without any")
    for option in ("net", "nearest", "whole", "batch", "left", "write", "keep", "list"):
        asked.add_argument(f"--{option}", action="store_true")
    given = asked.parse_args(arguments)
    every: Sequence[Plant] = PLANTS if given.net else FAULTS
    if given.list or not (given.net or given.nearest or given.whole):
        sys.stdout.writelines(f"{n:2} {each.kind:10} {each.what}\n" for n, each in enumerate(every, start=1))
        return 0
    faults, verdicts = chosen(every, given.names, left=given.left), list[Verdict]()
    with copied(keep=given.keep) as copy:
        if given.net:
            rows = by_the_net(copy, faults)
        elif given.batch or given.whole:
            rows = in_batches(copy, faults, whole=given.whole)
        else:
            rows = one_by_one(copy, faults)
        began = time.monotonic()
        for fault, test in rows:
            verdicts.append(Verdict(fault, test, whole=given.whole))
            sign, number = "seen  " if test else "MISSED", every.index(fault) + 1
            sys.stdout.write(f"{number:2} {sign} {time.monotonic() - began:4.0f} s  {fault.what}\n     {test}\n")
            sys.stdout.flush()
            began = time.monotonic()
            if given.write and not given.net:
                write(verdicts)
    missed = sum(not each.test for each in verdicts)
    return 1 if missed > (1 if given.net else 0) else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(*sys.argv[1:]))
