"""Rules that the database keeps by itself (docs/triggers.md), and the one way to set some aside for an act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

SETTING = "equiflux.unguarded"


@contextmanager
def unguarded(*rules: str) -> Iterator[None]:
    """Let this transaction alone do, until the end of the block, what these rules refuse to everybody.

    A rule is named by its table and its trigger, `flux_routing.kept`, as docs/triggers.md lists them.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting(%s, true), '')", [SETTING])
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, " ".join([before, *rules])])
        yield
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, before])
