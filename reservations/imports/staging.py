"""Lines that were checked, laid down by chunks: one statement for each, so that two hundred thousand take seconds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from django.db import connection
from django.db.models import Count

from reservations.imports.kinds import FileKind, FileLine
from reservations.models import FileImport, ImportedLine

#: Whole columns in one statement. Not `COPY`, which is refused to whom the policies of a table hold, as they hold the
#: worker (docs/second-wall.md).
LAID = """
    INSERT INTO reservations_importedline (file_import_id, line, key, verdict, target, cells, remarks, changes, named)
    SELECT %s, * FROM unnest(
        %s::int[], %s::text[], %s::text[], %s::bigint[], %s::jsonb[], %s::jsonb[], %s::jsonb[], %s::jsonb[]
    )
"""
#: As `json.dumps` does, without making an encoder for each line.
written = json.JSONEncoder(ensure_ascii=False).encode
#: Lines read, compared and laid down, or written, at a time.
BATCH = 2_000


def lay_down(order: FileImport, lines: Iterable[FileLine]) -> None:
    """Keep what was said of these lines."""
    rows = [
        (
            line.number,
            line.key[:200],
            line.verdict,
            line.target,
            written(line.cells),
            written(line.remarks) if line.remarks else "[]",
            written(line.changes) if line.changes else "{}",
            written(line.named) if line.named else "{}",
        )
        for line in lines
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(LAID, [order.pk, *map(list, zip(*rows, strict=True))])


def laid_down(
    order: FileImport, kind: FileKind, verdicts: Sequence[str], *, after: int = 0, most: int | None = None
) -> Iterator[list[FileLine]]:
    """The lines that were checked and have these verdicts, read again from their cells, by batches, in their order:
    those after a line, so many at most."""
    held = ImportedLine.objects.filter(file_import=order, verdict__in=verdicts, line__gt=after).order_by("line")[:most]
    batch: list[FileLine] = []
    read = kind.reader(order.mapping)
    rows = held.values_list("line", "cells", "verdict", "target", "changes")
    for number, cells, verdict, target, changes in rows.iterator(chunk_size=BATCH):
        line = FileLine(number, cells)
        read(line)
        line.verdict, line.target, line.changes = verdict, target, changes
        batch.append(line)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def seen_before(order: FileImport, keys: Sequence[str]) -> dict[str, int]:
    """Of these keys, those that an earlier line of the file has, and its number."""
    held = ImportedLine.objects.filter(file_import=order, key__in=keys).exclude(verdict=ImportedLine.Verdict.REFUSED)
    return dict(held.order_by("line").values_list("key", "line"))


#: The lines that give in a column what an earlier one gave, the first stands.
TWICE = """
WITH given AS (
    SELECT id, line, cells ->> %(place)s AS said, min(line) OVER (PARTITION BY cells ->> %(place)s) AS first
    FROM reservations_importedline
    WHERE file_import_id = %(order)s AND verdict <> 'REFUSED' AND coalesce(cells ->> %(place)s, '') <> ''
)
UPDATE reservations_importedline AS l
SET verdict = 'REFUSED', target = NULL, changes = '{}',
    remarks = l.remarks || jsonb_build_array(jsonb_build_array(
        %(column)s::text, g.said, 'déjà donné à la ligne ' || g.first || ' : n’en gardez qu’une.', true))
FROM given g WHERE g.id = l.id AND g.first < g.line
"""


def refuse_twice(order: FileImport, column: str) -> None:
    """Refuse the lines that give in this column what an earlier one gave."""
    if column in order.mapping:
        with connection.cursor() as cursor:
            cursor.execute(TWICE, {"place": order.mapping[column], "order": order.pk, "column": column})


def counted(order: FileImport) -> dict[str, int]:
    """The lines of each verdict, and those to look at, by the columns that keep them."""
    held = ImportedLine.objects.filter(file_import=order).order_by()
    counts = dict(held.values_list("verdict").annotate(count=Count("pk")))
    warned = held.exclude(verdict=ImportedLine.Verdict.REFUSED).exclude(remarks=[]).count()
    return {verdict.lower(): counts.get(verdict, 0) for verdict in ImportedLine.Verdict} | {"warned": warned}
