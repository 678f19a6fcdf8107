"""Loaded before Django (`-p` in pyproject.toml): when tests run in several processes, each has a broker of its own.

pytest-django already gives each a database of its own; with one broker for all, the Celery worker of one process would
take the messages of another and find no row behind them.
"""

from __future__ import annotations

import os

worker, address = os.environ.get("PYTEST_XDIST_WORKER"), os.environ.get("REDIS_URL")
if worker and address:  # gw0, gw1…; Valkey keeps 0 for who runs alone
    os.environ["REDIS_URL"] = f"{address}?virtual_host={int(worker.removeprefix('gw')) + 1}"
