"""Writing again the counts that the database keeps, where they are not what they sum: for a command of the operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from flux.queries.folds import AWAITED, KEPT_AWAITED, KEPT_READERS, READERS, folds
from reservations.models.acting import atomic


@atomic
def write_folds() -> dict[str, int]:
    """Write each row that is not what the entries and the units say: by table, how many were taken away or written.

    Who writes meanwhile waits: what they wrote before is read.
    """
    tables = [table for (table, _, _), _ in folds()]
    hold([*tables, "flux_unitreader", "flux_awaiteddecision"])
    written = {}
    for (table, key, measures), select in folds():
        columns, some = ", ".join((*key, *measures)), " OR ".join(f"{name} <> 0" for name in measures)
        kept = f"SELECT {columns} FROM {table} WHERE {some}"
        written[table] = write_rows(table, key, measures, kept, f"SELECT {columns} FROM ({select}) s WHERE {some}")
    readers = ("organisation_id", "unit_id"), ("commune_id", "programme_id", "reference", "routings")
    written["flux_unitreader"] = write_rows("flux_unitreader", *readers, KEPT_READERS, READERS)
    awaited = ("vacancy_id",), ("holder_id",)
    written["flux_awaiteddecision"] = write_rows("flux_awaiteddecision", *awaited, KEPT_AWAITED, AWAITED)
    return {table: rows for table, rows in written.items() if rows}


def hold(tables: Sequence[str]) -> None:
    """Let nobody else write these tables until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")


def write_rows(table: str, key: tuple[str, ...], rest: tuple[str, ...], kept: str, wanted: str) -> int:
    """Make the rows that `kept` selects those that `wanted` selects, both in the order of `key` then `rest`: how many
    were taken away or written."""
    at = " AND ".join(f"{name} IS NOT DISTINCT FROM %s" for name in key)
    columns = ", ".join((*key, *rest))
    places = ", ".join(["%s"] * len((*key, *rest)))
    with connection.cursor() as cursor:
        cursor.execute(f"({kept}) EXCEPT ({wanted})")
        extra: list[tuple[Any, ...]] = list(cursor.fetchall())
        cursor.execute(f"({wanted}) EXCEPT ({kept})")
        lacking: list[tuple[Any, ...]] = list(cursor.fetchall())
        for row in [*extra, *lacking]:
            cursor.execute(f"DELETE FROM {table} WHERE {at}", row[: len(key)])
        for row in lacking:
            cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", row)
    return len(extra) + len(lacking)
