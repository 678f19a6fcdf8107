"""Does the database answer? Known within a second or so: a probe gives up after one to three, a server that is gone
from the network lets one wait for ever, and so does a server that is frozen.
"""

from __future__ import annotations

import threading
from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

WITHIN = 1.2  # seconds


class _Trial(threading.Thread):
    """One attempt, in a thread of its own since nothing else ends a wait inside the driver."""

    def __init__(self, pool: Any, parameters: dict[str, Any]) -> None:
        super().__init__(name="database-answers", daemon=True)
        self.pool, self.parameters = pool, parameters
        self.answered = False

    def run(self) -> None:
        """Borrow a connection, which the pool checks; without a pool, open one."""
        try:
            if self.pool:
                self.pool.open()
                self.pool.putconn(self.pool.getconn(timeout=WITHIN))
            else:
                psycopg.connect(**self.parameters).close()
        except (psycopg.Error, OSError):
            return
        self.answered = True


_turn = threading.Lock()
_last: dict[str, _Trial] = {}


def database_answers(alias: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether a connection to one of our servers can be had within `WITHIN` seconds; one that is open already is one.

    One attempt at a time in a process: probes that come while one waits wait for the same, and none piles up.
    """
    connection = connections[alias]
    if connection.connection is not None:
        return True
    with _turn:
        if not (alias in _last and _last[alias].is_alive()):
            _last[alias] = _Trial(cast("Any", connection).pool, connection.get_connection_params())
            _last[alias].start()
        trial = _last[alias]
    trial.join(WITHIN)
    return trial.answered
