"""An act is one transaction: opened here, and done again when the database undoes it because it crossed another.

Two acts that lock rows in two orders wait for each other, and PostgreSQL undoes one of them (`40P01`); so it does of an
act that read what another wrote meanwhile (`40001`). Nothing of the act is left: it is done again, from its first
statement. The order in which acts lock what they share makes it rare (`reservations/models/locking.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import wraps

from django.db import OperationalError, connection, transaction

from reservations.retries import TRIES, is_crossed, moment


def again_if_crossed[**P, R](act: Callable[P, R]) -> Callable[P, R]:
    """The act, done again while it is undone because it crossed another. Inside another act it is a part of it, and
    that one is done again as a whole.

    What is given once, an iterator, is read first: the act has it each time.
    """

    @wraps(act)
    def tried(*arguments: P.args, **named: P.kwargs) -> R:
        if connection.in_atomic_block:
            return act(*arguments, **named)
        given = [list(each) if isinstance(each, Iterator) else each for each in arguments]
        said = {name: list(each) if isinstance(each, Iterator) else each for name, each in named.items()}
        for done in range(1, TRIES):
            try:
                return act(*given, **said)  # type: ignore[arg-type]
            except OperationalError as error:
                if not is_crossed(error):
                    raise
            time.sleep(moment(done))
        return act(*given, **said)  # type: ignore[arg-type]

    return tried


def atomic[**P, R](act: Callable[P, R]) -> Callable[P, R]:
    """One transaction, done again if it is crossed: how an act is declared (`atomic_act`, where the second wall keeps
    what it looks at)."""
    return again_if_crossed(transaction.atomic(act))
