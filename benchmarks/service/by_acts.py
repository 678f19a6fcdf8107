"""What an annual balance is compared with, counted apart: each act by its day, in `bilan.queries.recounts`,
and here the accounts and what fell vacant. No fold and no query of a page is used.
"""

from __future__ import annotations

from django.db import connection

from attributions.bilan.queries.recounts import tables

__all__ = ["accounts", "tables", "vacated"]

OWED = """
SELECT e.holder_id, sum(e.quantity) FILTER (WHERE e.stage IN ('DUE', 'CARRIED', 'FORFEITED', 'TRANSFERRED'))::bigint,
    sum(e.quantity) FILTER (WHERE e.stage IN ('ROUTED', 'AWAITING'))::bigint
FROM flux_flowentry e JOIN flux_ledger l ON l.id = e.ledger_id
WHERE l.landlord_id = %s AND l.exercise = %s AND l.kind = 'ORDINARY' GROUP BY 1
"""


def accounts(landlord: int, year: int) -> dict[int, tuple[int, int]]:
    """By holder (id), what was due, in millionths, and received, from the entries one by one."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, [landlord, year])
        return {holder: (due or 0, received or 0) for holder, due, received in cursor.fetchall()}


VACATED = """
SELECT v.kind, count(*) FROM flux_vacancy v JOIN flux_unit u ON u.id = v.unit_id
WHERE v.cancelled_at IS NULL AND u.landlord_id = %s AND extract(year FROM v.registered_on) = %s GROUP BY 1
"""


def vacated(landlord: int, year: int) -> dict[str, int]:
    """What fell vacant, by class."""
    with connection.cursor() as cursor:
        cursor.execute(VACATED, [landlord, year])
        return dict(cursor.fetchall())
