"""Do the folds say what the entries say? Recomputed whole, row by row; nothing is written."""

from __future__ import annotations

from typing import Any

from django.db import connection

from flux import fold


def drift() -> dict[str, list[tuple[Any, ...]]]:
    """By fold, the rows that differ from what is recomputed, each as it is or as it should be; empty when all agree.

    Rows whose figures are all zero say nothing. Three queries, over everything: for the audit, not for screens.
    """
    return {
        table: rows
        for (table, key, measures), select in (
            (fold.CELLS, fold.cells_of("flux_flowentry")),
            (fold.MONTHS, fold.months_of("flux_flowentry")),
            (fold.COUNTS, fold.counts_of()),
        )
        if (rows := _differing(table, key, measures, select))
    }


def _differing(table: str, key: tuple[str, ...], measures: tuple[str, ...], select: str) -> list[tuple[Any, ...]]:
    columns = ", ".join((*key, *measures))
    some = " OR ".join(f"{name} <> 0" for name in measures)
    kept = f"SELECT {columns} FROM {table} WHERE {some}"
    wanted = f"SELECT {columns} FROM ({select}) recomputed WHERE {some}"
    with connection.cursor() as cursor:
        cursor.execute(f"(({kept}) EXCEPT ({wanted})) UNION ALL (({wanted}) EXCEPT ({kept}))")
        return list(cursor.fetchall())
