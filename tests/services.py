"""Loaded first (`-p` in pyproject.toml): `pytest`, typed in a shell where only the environment of the checkout is
active, runs as `./run test` does, with a real PostgreSQL and a real Valkey started for it.

What only lists, or what is given its services, runs as it is; so does a pytest that another program calls.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LISTING = {"--collect-only", "--co", "--help", "-h", "--version", "-V", "--fixtures", "--markers"}


def typed() -> bool:
    """Was this pytest typed, as `pytest …` or `python -m pytest …`?"""
    return Path(sys.argv[0]).name in {"pytest", "py.test"} or sys.argv[0].endswith("/pytest/__main__.py")


if not os.environ.get("DATABASE_URL") and typed() and not LISTING.intersection(sys.argv):
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-P", "-m", "config.local", "test", *(sys.argv[1:] or ["tests"])]
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": path})  # noqa: S606 - our own command line
