"""The tables of a version, rendered from its content and from nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from attributions.bilan.queries.figures import (
    DUE,
    EVERYBODY,
    FLOW,
    MEASURES,
    STOCK,
    STOCK_MEASURES,
    SUMMARY,
    SUMMARY_MEASURES,
    UNITS,
    flow_lines,
)


@dataclass(frozen=True, slots=True)
class FiguresCell:
    """A figure; `is_due`: in millionths of a unit."""

    value: int
    is_due: bool


@dataclass(frozen=True, slots=True)
class FiguresRow:
    """A line of a table: of a holder (its key), or of all in a category when `whole`. `category`: in words, "" for
    none. `place` prefills a remark."""

    name: str
    holder: str
    category: str
    whole: bool
    cells: tuple[FiguresCell, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the balance: `columns` in words."""

    code: str
    words: str
    columns: tuple[str, ...]
    rows: tuple[FiguresRow, ...]


def tables(content: Mapping[str, Any], named: Mapping[str, str]) -> list[Table]:
    """The synthesis, then the five axes of the decree; an axis lists each category, then its holders. Then what fell
    vacant, and the units kept in stock, when there are some. `named`: the words of each column."""
    summary, measures, stock = (
        tuple(named[each] for each in columns) for columns in (SUMMARY_MEASURES, MEASURES, STOCK_MEASURES)
    )
    names = {line["holder"]: line["name"] for line in content["holders"]}
    return [
        Table(SUMMARY, "synthèse", summary, tuple(_summary(content))),
        *(Table(axis["code"], axis["words"], measures, tuple(_axis(axis, names))) for axis in content["axes"]),
        Table(FLOW, "logements libérés", (named[UNITS],), tuple(_flow(content))),
        *([Table(STOCK, "logements gardés en stock", stock, tuple(_stock(content)))] if content["stock"] else []),
    ]


def _cells(row: Mapping[str, Any], columns: tuple[str, ...]) -> tuple[FiguresCell, ...]:
    return tuple(FiguresCell(row[column], column == DUE) for column in columns)


def _summary(content: Mapping[str, Any]) -> Iterator[FiguresRow]:
    for line in content["holders"]:
        yield FiguresRow(line["name"], line["holder"], "", False, _cells(line, SUMMARY_MEASURES), f"{SUMMARY}:")
    yield FiguresRow("Ensemble", EVERYBODY, "", True, _cells(content["total"], SUMMARY_MEASURES), f"{SUMMARY}:")


def _axis(axis: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[FiguresRow]:
    for category in axis["categories"]:
        code = category["code"]
        place = f"{axis['code']}:{code}"
        yield FiguresRow(category["words"], EVERYBODY, category["words"], True, _cells(category, MEASURES), place)
        for row in axis["rows"]:
            if row["category"] == code:
                name = names.get(row["holder"], row["holder"])
                yield FiguresRow(name, row["holder"], category["words"], False, _cells(row, MEASURES), place)


def _flow(content: Mapping[str, Any]) -> Iterator[FiguresRow]:
    for code, words, units in flow_lines(content):
        yield FiguresRow(words, EVERYBODY, "", not code, (FiguresCell(units, False),), f"{FLOW}:{code}")


def _stock(content: Mapping[str, Any]) -> Iterator[FiguresRow]:
    for line in content["stock"]:
        yield FiguresRow(line["name"], line["holder"], "", False, _cells(line, STOCK_MEASURES), f"{STOCK}:")
