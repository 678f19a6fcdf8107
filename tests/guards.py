"""How a test writes what no act can: the owner of its database sets a rule aside for a block, as its functions do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def unguarded(*rules: str) -> Iterator[None]:
    """Let this transaction alone do, until the end of the block, what these rules refuse to everybody.

    A rule is named by its table and its trigger, `flux_routing.kept`, as docs/schema.txt lists them.
    """
    with transaction.atomic():
        _declare("reservations_set_aside", rules)
        yield
        _declare("reservations_give_back", rules)


def _declare(function: str, rules: tuple[str, ...]) -> None:
    """Beside the statements that tests count."""
    connection.connection.execute(f"SELECT {function}(%s)", [list(rules)])
