"""Faults made of modules by operators, planted one at a time in a copy of the tree: do the nearest tests see them?

    ./run mutants flux/engine/rule.py flux/permissions.py     # each fault of these modules
    ./run mutants flux/engine --most 8                        # eight of each module, drawn from its name
    ./run mutants flux/permissions.py --left                  # those that nobody saw, reported again
    ./run mutants flux/operations --kind lock                 # each lock taken away; written in a row of its own
    ./run mutants operations queries --draw 60                # so many of all, drawn: what the whole comes to
    ./run mutants flux/permissions.py --list

The nearest tests are those beside the module (the same path under `tests/`), then those that import it, `--tests` of
them at most. The verdicts are kept by module in docs/mutants.md, beside what another run had found of other modules.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import django

from tests.changed import dependents, files
from tests.house import mutants_page
from tests.house.mutating import Mutant, before, mutants, nearest
from tests.house.planting import Copy, copied, failed
from tests.house.plants import ROOT
from tests.house.tree import STOREYS

#: Seconds that the nearest tests of a module never take, unless a fault made something endless.
WITHIN = 1200


def modules(paths: Sequence[str]) -> list[str]:
    """The modules and templates under these paths, tests and migrations left out; a name alone (« operations ») is that
    of every folder and module of the product that has it."""
    found: list[Path] = []
    for each in paths:
        path = ROOT / each
        if path.exists():
            found += sorted(path.rglob("*")) if path.is_dir() else [path]
        else:
            every = (one for storey in STOREYS for one in (ROOT / storey).rglob("*.py"))
            found += sorted(one for one in every if each in (*one.parts, one.stem))
    kept = [path for path in found if path.suffix in (".py", ".html") and "migrations" not in path.parts]
    return [str(path.relative_to(ROOT)) for path in kept]


def chosen(path: str, most: int | None, kind: str = "") -> list[Mutant]:
    """Every fault of a module, of one kind or of all, or so many, drawn from its name: the same for the same text."""
    every = [each for each in mutants(path, (ROOT / path).read_text(encoding="utf-8")) if kind in ("", each.kind)]
    if most is None or len(every) <= most:
        return every
    return sorted(random.Random(path).sample(every, most), key=lambda each: each.line)


def failing(copy: Copy, tests: Sequence[str]) -> str:
    """The first of these tests that fails; "" for none. What does not end within `WITHIN` fails."""
    report = copy.tree / "report.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", *tests, "-x", "-q", "-p", "no:randomly", f"--junitxml={report}"]
    environment = copy.environment | {"PYTHONPATH": str(copy.tree)}
    with (copy.tree / "pytest.log").open("ab") as log:
        options = {"cwd": copy.tree, "env": environment, "stdout": log, "stderr": log}
        run = subprocess.Popen([*command, "-o", "junit_family=xunit1"], start_new_session=True, **options)
        try:
            run.wait(WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
            return "a test that never ends"
    if not report.exists():  # nothing could be collected: the fault is seen before any test
        return tests[0]
    return next(iter(failed(report)), "")


def seen_by(copy: Copy, path: str, mutant: Mutant, tests: Sequence[str]) -> str:
    """The first test that fails with a fault; "" for none."""
    file = copy.tree / path
    before = file.read_text(encoding="utf-8")
    file.write_text(mutant.text, encoding="utf-8")
    try:
        return failing(copy, tests)
    finally:
        file.write_text(before, encoding="utf-8")


def main(*arguments: str) -> int:
    """Plant the faults of these paths; 1 when fewer than 85 in a hundred of some module are seen."""
    asked = argparse.ArgumentParser(prog="./run mutants")
    asked.add_argument("paths", nargs="+")
    asked.add_argument("--most", type=int, help="faults of each module, at most")
    asked.add_argument("--kind", default="", help="faults of this kind alone")
    asked.add_argument("--draw", type=int, help="so many faults, of all these paths together")
    asked.add_argument("--seed", type=int, default=1, help="which ones are drawn")
    asked.add_argument("--tests", type=int, default=12, help="nearest test modules, at most")
    for option in ("left", "list", "keep", "nearest"):
        asked.add_argument(f"--{option}", action="store_true")
    given = asked.parse_args(arguments)
    if given.list:
        for path in modules(given.paths):
            sys.stdout.writelines(f"{path}:{each}\n" for each in chosen(path, given.most, given.kind))
        return 0
    poor, drawn_missed = False, list[str]()
    drawn = among_all(given.paths, given.draw, given.seed, given.kind) if given.draw else {}
    with copied(keep=given.keep) as copy:
        os.environ.update(copy.environment)  # the addresses of views are read from the settings
        django.setup()
        users = dependents(files())
        for path in drawn or modules(given.paths):
            faults, tests = chosen(path, given.most, given.kind), nearest(path, users)
            row = f"{path} ({given.kind})" if given.kind else path
            if drawn:
                faults = drawn[path]
            if given.left:
                faults = [each for each in faults if str(each) in mutants_page.left(row)]
            if not faults or (not tests and not drawn):
                sys.stdout.write(f"{path}: no fault, or no test near\n")
                continue
            missed = not_seen(copy, path, faults, tests, given.tests)
            if drawn:
                drawn_missed += [f"{path}:{each}" for each in missed]
                continue
            mutants_page.write(row, len(chosen(path, None, given.kind)), len(faults), missed, again=given.left)
            poor = poor or len(missed) * 100 > 15 * len(faults)
    if drawn:
        every = sum(len(chosen(path, None, given.kind)) for path in modules(given.paths))
        row = f"{' '.join(given.paths)} (drawn, seed {given.seed})"
        mutants_page.write(row, every, given.draw, drawn_missed, again=False)
        poor = len(drawn_missed) * 100 > 15 * given.draw
    return 1 if poor else 0


def among_all(paths: Sequence[str], most: int, seed: int, kind: str) -> dict[str, list[Mutant]]:
    """So many faults, drawn of all those of these paths, by module: what they come to is that of the whole."""
    every = [(path, each) for path in modules(paths) for each in chosen(path, None, kind)]
    found: dict[str, list[Mutant]] = {}
    for path, each in random.Random(seed).sample(every, most):
        found.setdefault(path, []).append(each)
    return found


def not_seen(copy: Copy, path: str, faults: Sequence[Mutant], tests: list[str], most: int) -> list[str]:
    """Those that none of the `most` nearest of these tests sees."""
    missed, sound = [], dict[str, bool]()
    for each in faults:
        began = time.monotonic()
        test = seen_by(copy, path, each, before(each, tests, most)) if tests else ""
        if test.startswith("tests/") and test not in sound:  # one that fails without any fault sees none
            sound[test] = not failing(copy, [test])
        verdict = "seen  " if test and sound.get(test, True) else "FAILS " if test else "MISSED"
        sys.stdout.write(f"{verdict} {time.monotonic() - began:4.0f} s {path}:{each}\n")
        sys.stdout.flush()
        missed += [] if verdict == "seen  " else [str(each)]
    return missed


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(*sys.argv[1:]))
