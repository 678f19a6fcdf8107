"""How many rows the database looked at: those of tables and the entries of indexes, whatever it kept of them.

What PostgreSQL counts for the transaction under way, and so exact: a plan that reads a whole table to show ten lines
reads a whole table here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection

READ = """
SELECT coalesce(i.indrelid, c.oid)::regclass::text, sum(pg_stat_get_xact_tuples_returned(c.oid))::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'i') GROUP BY 1
"""


@dataclass(slots=True)
class Read:
    """Rows by table, those of its indexes included."""

    rows: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.rows.values())

    @property
    def most(self) -> str:
        """The five tables of which most was read: « flux_vacancy 5120, flux_unit 300 »."""
        rows = sorted(self.rows.items(), key=lambda item: -item[1])[:5]
        return ", ".join(f"{table} {count}" for table, count in rows)


@contextmanager
def rows_read() -> Iterator[Read]:
    """Count what is read inside, by this connection; inside a transaction, and in one process."""
    assert connection.in_atomic_block, "PostgreSQL counts by transaction"
    read = Read()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    before = _counted()
    yield read
    read.rows = {table: count for table, after in _counted().items() if (count := after - before.get(table, 0)) > 0}


def _counted() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(READ)
        return dict(cursor.fetchall())
