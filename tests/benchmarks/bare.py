"""The benchmark as somebody runs it who has a Python and nothing else: no installed package can be reached."""

from __future__ import annotations

import subprocess
import sys

from tests.house.tree import ROOT

#: Neither site-packages (-S) nor the environment’s paths (-E); the current folder only.
PYTHON = [sys.executable, "-S", "-E"]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, at the root of the tree."""
    return subprocess.run(
        [*PYTHON, *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )
