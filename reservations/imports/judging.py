"""The verdict of the lines of a file, against a state of the database that has a fingerprint."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from reservations.imports.kinds import Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.nicknames import nicknames_of
from reservations.imports.slices import spread
from reservations.models import FileImport
from reservations.models.locking import in_order


def scope_of(order: FileImport) -> Scope:
    """For whom it is read."""
    by = order.confirmed_by or order.given_by
    return Scope(order.organisation, by, timezone.localdate(), f"fichier « {order.name} »")


def judge(
    kind: FileKind, lines: list[FileLine], scope: Scope, earlier: Earlier, seen: dict[str, int], *, again: bool = False
) -> None:
    """Give its verdict to each line of a batch. `seen`: the keys of earlier lines, and their numbers; it grows.
    `again`: they were checked already, and confirmed."""
    for line in lines:
        first = seen.setdefault(line.key, line.number) if line.key and not line.is_refused else line.number
        if first != line.number:
            line.refuse(kind.columns[0].name, f"déjà donné à la ligne {first} : n’en gardez qu’une.", value=line.key)
    compare = kind.compare_again if again else kind.compare
    compare([line for line in lines if not line.is_refused], scope, earlier)
    spread(lines, kind, scope)
    for line in lines:
        if line.is_refused:
            line.verdict, line.target, line.changes = Verdict.REFUSED, None, {}


def held_row(order: FileImport) -> FileImport:
    """The row, locked against another act of a person."""
    found = in_order(FileImport.objects.all())
    return found.get(pk=order.pk)


def still(order: FileImport) -> bool:
    """Inside a transaction: did no person give it up or tell its columns meanwhile? Its row is locked then."""
    now = held_row(order)
    return (now.state, now.cursor) == (order.state, order.cursor)


def mark_of(kind: FileKind, scope: Scope) -> str:
    """The fingerprint of the day, and of all the rows that a kind compares with: it moves when one of them does."""
    rows = [*kind.state(scope), *([nicknames_of(scope.organisation)] if kind.nicknames else [])]
    return f"{scope.today:%Y%m%d}{hashlib.sha256(''.join(map(_sum, rows)).encode()).hexdigest()}"[:64]


def _sum(rows: QuerySet[Any, Any]) -> str:
    statement, parameters = rows.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM "  # noqa: S608 - by the ORM
            f"({statement}) t",
            parameters,
        )
        return str(cursor.fetchone())
