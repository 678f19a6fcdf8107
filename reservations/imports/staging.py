"""The files of staging that come in.

* Lines that were checked, laid down by chunks: one statement for each, so that two hundred thousand take seconds.
* Where the columns of a file are: under which line, and which is which. By their names, whatever the order; as chosen
  once by hand for the files of an organisation; or, for a file that names none, by the kind that knows its order.
* What a file will write, shown before it is confirmed: each line as it is read, and by holder the number of its
  lines, the sum of its units, the rates and the days between which it goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO

from django.db import connection
from django.db.models import Count

from reservations.imports.cells import percent_cell, plainly
from reservations.imports.kinds import Column, FileKind, FileLine, Shown, Verdict, column_key, plain
from reservations.imports.table import FileRefused, Numbered, Unreadable, as_text, read_rows
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
    """Keep what was stated of these lines."""
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


#: Lines in which the names of the columns are looked for: a file may have a banner.
MOST_BANNER = 40
NO_LINE = "Le fichier a ses noms de colonnes mais aucune ligne : ajoutez-en, puis choisissez-le de nouveau."


@dataclass(frozen=True, slots=True)
class Recognised:
    """The names as written, the line after which the data begin, and the place of each column that is known."""

    header: list[str]
    first_line: int
    places: dict[str, int]

    def missing(self, kind: FileKind) -> list[str]:
        """The columns that are always there, and that are not found."""
        return [column.name for column in kind.columns if column.required and column.name not in self.places]


def texts(rows: Iterator[Numbered]) -> Iterator[tuple[int, list[str | Unreadable]]]:
    """Cells as text, their number in the file; blank rows left out."""
    for number, cells in rows:
        found = [as_text(cell) for cell in cells]
        if any(found):
            yield number, found


def recognise(content: bytes | BinaryIO, kind: FileKind, chosen_names: Mapping[str, str]) -> Recognised:
    """Find the columns. `chosen_names`: the name that files give each column, as chosen by hand; it has the last word.

    Raises FileRefused: no table, nothing under the names of the columns, a column there twice.
    """
    first = list(islice(texts(read_rows(content, banner=True, breaks=kind.breaks)), MOST_BANNER))
    rows = [[str(cell) if not isinstance(cell, Unreadable) else "" for cell in cells] for _, cells in first]
    if not rows:
        raise FileRefused("Le fichier est vide : choisissez-en un qui a des lignes.")
    every = frozenset().union(*(column.keys for column in kind.columns)) | {
        column_key(name) for name in chosen_names.values()
    }
    counts = [len({column_key(cell) for cell in row} & every) for row in rows]
    at = max(range(len(rows)), key=lambda place: counts[place])
    if counts[at] < min(2, len(kind.columns)) and (unnamed := kind.nameless(rows)):
        header, skipped = unnamed
        return Recognised(header, first[skipped - 1][0] if skipped else 0, places_of(header, kind, chosen_names))
    if counts[at] == 0:
        at = 0
    if at + 1 >= len(rows):
        raise FileRefused(NO_LINE)
    header = rows[at]
    while header and not header[-1]:
        header.pop()
    return Recognised(header, first[at][0], places_of(header, kind, chosen_names))


def places_of(header: Sequence[str], kind: FileKind, chosen_names: Mapping[str, str]) -> dict[str, int]:
    """The place of each known column. A column chosen by hand is where it was chosen. Raises FileRefused: there
    twice."""
    keys = [column_key(name) for name in header]
    places: dict[str, int] = {}
    for column in kind.columns:
        by_hand = column_key(chosen_names.get(column.name, ""))
        if by_hand and by_hand in keys:
            places[column.name] = keys.index(by_hand)
    free = [place for place in range(len(keys)) if place not in places.values()]
    for column in kind.columns:
        if column.name in places:
            continue
        own = column_key(column.name)
        found = [place for place in free if keys[place] == own] or [
            place for place in free if keys[place] in column.keys
        ]
        if len({keys[place] for place in found}) < len(found):
            raise FileRefused(f"La colonne « {header[found[0]]} » est donnée deux fois : n’en gardez qu’une.")
        if found:
            places[column.name] = found[0]
            free.remove(found[0])
    return places


#: What a holder's lines are counted under: {column: [least, greatest]} or {column: sum}, as JSON keeps them.
LINES = "lignes"
#: Lines that name no holder.
EVERYBODY = "Ensemble"
type Totals = dict[str, dict[str, Any]]


def add(totals: Totals, kind: FileKind, lines: Iterable[FileLine]) -> None:
    """Count the lines that will be written of a batch."""
    figures = {column.name: column.shown for column in kind.columns if column.shown}
    for line in lines:
        if line.verdict not in (Verdict.NEW, Verdict.CHANGED) or not (line.whom or figures):
            continue
        of = totals.setdefault(line.whom or EVERYBODY, {LINES: 0})
        of[LINES] += 1
        for name, value in line.values.items():
            if isinstance(value, date):
                _widen(of, name, value.isoformat())
            elif figures.get(name) == Shown.PERCENT:
                _widen(of, name, str(value), by=Decimal)
            elif figures.get(name) == Shown.SUM:
                of[name] = str(Decimal(of.get(name, 0)) + value)


def _widen(of: dict[str, Any], name: str, text: str, *, by: Any = str) -> None:
    known = of.get(name, [text, text])
    of[name] = [min(*known, text, key=by), max(*known, text, key=by)]


def total_of(totals: Mapping[str, Any], column: Column) -> str:
    """What the lines of one holder say in a column, in words; "" when they say nothing."""
    found = totals.get(column.name)
    if found is None:
        return ""
    if column.shown == Shown.SUM:
        return plainly(Decimal(found))
    low, high = (
        shown(column, Decimal(each) if column.shown else date.fromisoformat(each))  # rates, else days
        for each in found
    )
    return low if low == high else f"de {low} à {high}"


def by_holder(totals: Totals, kind: FileKind) -> tuple[list[str], list[tuple[str, int, list[str]]]]:
    """The columns that have a remark, and by holder its lines and what they say in each."""
    names = {name for of in totals.values() for name in of}
    columns = [column for column in kind.columns if column.name in names]
    rows = [(whom, int(of[LINES]), [total_of(of, column) for column in columns]) for whom, of in sorted(totals.items())]
    return [column.name for column in columns], rows


def shown(column: Column, value: Any) -> str:
    """A value as it will be written."""
    if column.shown == Shown.PERCENT:
        return f"{percent_cell(value).removesuffix(' %')} %"
    if isinstance(value, bool):
        return "oui" if value else "non"
    return plainly(value) if isinstance(value, Decimal) else str(plain(value))


def as_read(order: FileImport, kind: FileKind, number: int, cells: list[str], named: Mapping[str, str]) -> list[str]:
    """A line in words, column by column: what its cells are read as."""
    line = FileLine(number, cells)
    kind.reader(order.mapping)(line)
    return [
        f"{column.name} : {named.get(column.name) or shown(column, line.values[column.name])}"
        for column in kind.columns
        if column.name in line.values
    ]
