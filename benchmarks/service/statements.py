"""The statements of one decision, exactly as the product sends them, for PostgreSQL's own benchmark to run alone.

What it then reaches is what the same database gives without Python, Celery or the rule: the ceiling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from flux.models import Ledger, Recommendation
from flux.operations import routing

#: What a recommendation may not have twice comes from these sequences; the rest of the row is copied.
SEQUENCES = ("bench_attempt", "bench_rank")


def prepare() -> None:
    """Make the sequences."""
    with connection.cursor() as cursor:
        for name in SEQUENCES:
            cursor.execute(f"CREATE SEQUENCE {name} MINVALUE 1000 MAXVALUE 32000 CYCLE")


@contextmanager
def by_batches_of(most: int) -> Iterator[None]:
    """Meanwhile, here, a transaction holds so many decisions at most."""
    before, routing.BATCH = routing.BATCH, most
    try:
        yield
    finally:
        routing.BATCH = before


def script(ledger: Ledger, *, now: datetime) -> str:
    """One decision on this ledger as a transaction of a pgbench script. A first decision is kept, to be copied; nothing
    is kept of the second, which is the one listened to.

    Raises LookupError when not enough units wait.
    """
    routing.route_next(ledger_id=ledger.pk, now=now)
    with CaptureQueriesContext(connection) as heard, transaction.atomic():
        routing.route_next(ledger_id=ledger.pk, now=now)
        transaction.set_rollback(True)
    known = Recommendation.objects.filter(ledger=ledger).order_by("sequence").first()
    if known is None or not any("INSERT" in query["sql"] for query in heard.captured_queries):
        raise LookupError(f"not enough units wait in {ledger}")
    rows = [" ".join(query["sql"].split()) for query in heard.captured_queries]
    rows = [sql for sql in rows if not re.match(r"(SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT)\b", sql)]
    rows = [_again(known) if 'INSERT INTO "flux_recommendation"' in sql else sql for sql in rows]
    return "\n".join(["BEGIN;", *(f"{sql};" for sql in rows), "COMMIT;", ""])


def _again(known: Recommendation) -> str:
    """A recommendation as large as the real one, that the constraints let in as often as wanted."""
    given = {"attempt": "nextval('bench_attempt')", "sequence": "100000 + nextval('bench_rank')"}
    columns = [str(field.column) for field in Recommendation._meta.concrete_fields if not field.primary_key]
    values = ", ".join(given.get(column, column) for column in columns)
    table = Recommendation._meta.db_table
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE id = {known.pk} RETURNING id"
