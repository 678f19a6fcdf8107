"""What a file will write, shown before it is confirmed: each line as it is read, and by holder the number of its lines,
the sum of its units, the rates and the days between which it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from reservations.imports.cells import percent_cell
from reservations.imports.formats import plainly
from reservations.imports.kinds import Column, FileKind, FileLine, Shown, Verdict, plain
from reservations.models import FileImport

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


def _widen(of: dict[str, Any], name: str, said: str, *, by: Any = str) -> None:
    known = of.get(name, [said, said])
    of[name] = [min(*known, said, key=by), max(*known, said, key=by)]


def said_by(totals: Mapping[str, Any], column: Column) -> str:
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
    """The columns of which something is told, and by holder its lines and what they say in each."""
    names = {name for of in totals.values() for name in of}
    columns = [column for column in kind.columns if column.name in names]
    rows = [(whom, int(of[LINES]), [said_by(of, column) for column in columns]) for whom, of in sorted(totals.items())]
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
