"""A file read against a Table Schema (specs.frictionlessdata.io): what is wrong, by line and column, in French.

The part of that standard which our schemas use (docs/decisions/0044): strings and whole numbers; `required`, `enum`,
`pattern`, `minimum`, `maximum`; a primary key; missing values. A schema that says more is refused, for nothing that it
promises to go unchecked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reservations.imports.table import Numbered, Unreadable, as_text

TYPES = {"string", "integer"}
CONSTRAINTS = {"required", "enum", "pattern", "minimum", "maximum"}
FIELD = {"name", "title", "description", "type", "example", "constraints"}
WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that the schema refuses. `row`: its number in the file, the first being 1; `column`: its name, "" for
    the whole row."""

    row: int
    column: str
    why: str

    def __str__(self) -> str:
        return f"Ligne {self.row}{f', colonne « {self.column} »' if self.column else ''} : {self.why}"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the schema."""

    name: str
    kind: str
    example: str
    constraints: Mapping[str, Any]

    def value(self, text: str) -> str | int:
        """What a cell that is not empty says. Raises ValueError with the sentence that refuses it."""
        if self.kind == "integer" and not WHOLE.fullmatch(text):
            raise ValueError(f"« {text} » n’est pas un nombre entier. {self.wanted}")
        value = int(text) if self.kind == "integer" else text
        for name, bound in self.constraints.items():
            match name:
                case "enum" if value not in bound:
                    raise ValueError(f"« {text} » n’est pas dans la liste. {self.wanted}")
                case "pattern" if not re.fullmatch(bound, text):
                    raise ValueError(f"« {text} » n’a pas la forme attendue. {self.wanted}")
                case "minimum" if isinstance(value, int) and value < bound:
                    raise ValueError(f"{text} est plus petit que {bound}, le moindre nombre admis.")
                case "maximum" if isinstance(value, int) and value > bound:
                    raise ValueError(f"{text} est plus grand que {bound}, le plus grand nombre admis.")
        return value

    @property
    def wanted(self) -> str:
        """« Écrivez T1, T2 ou T3. », « Écrivez par exemple « 11262 ». »"""
        if listed := self.constraints.get("enum"):
            *most, last = (f"« {each} »" for each in listed)
            return f"Écrivez {', '.join(most)} ou {last}."
        return f"Écrivez par exemple « {self.example} »."


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table, in their order, and those that together name a row."""

    title: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    missing: frozenset[str]

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.fields]


@dataclass(slots=True)
class Reading:
    """A file read whole. `wrong` holds the first that were found, `faults` counts all; `rows` those that are right."""

    rows: int = 0
    faults: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)
    said: dict[str, set[str | int]] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        return not self.faults


def schema_of(path: Path) -> Schema:
    """The schema of a file. Raises ValueError on what this reader does not check: nothing is passed over."""
    declared = json.loads(path.read_text(encoding="utf-8"))
    fields = tuple(map(_field, declared["fields"]))
    key = declared.get("primaryKey", [])
    schema = Schema(
        declared["title"],
        fields,
        tuple([key] if isinstance(key, str) else key),
        frozenset(declared.get("missingValues", [""])),
    )
    if unknown := {*schema.key} - {*schema.names}:
        raise ValueError(f"the key has columns that are not there: {unknown}")
    if "foreignKeys" in declared:
        raise ValueError("foreign keys are not checked")
    return schema


def read(
    rows: Iterable[Numbered],
    schema: Schema,
    *,
    summed: Iterable[str] = (),
    distinct: Iterable[str] = (),
    most: int = 50,
) -> Reading:
    """Every row of a file beside its schema; what is `summed`, and the `distinct` values of some columns, are those of
    the rows that are right. `most`: how many faults are kept. Blank rows are passed over."""
    found = Reading(sums=dict.fromkeys(summed, 0), said={name: set() for name in distinct})
    filled = ((number, [as_text(cell) for cell in cells]) for number, cells in rows if any(cells))
    number, head = next(filled, (1, []))
    for each in _head(number, head, schema):
        _note(found, each, most)
    if found.faults:
        return found
    seen: dict[tuple[str | int | None, ...], int] = {}
    for number, cells in filled:
        values, faults = _row(number, cells, schema)
        if schema.key and not faults:
            key = tuple(values[name] for name in schema.key)
            if (first := seen.setdefault(key, number)) != number:
                faults = [
                    Wrong(
                        number, "", f"elle dit la même chose que la ligne {first}. Gardez-en une, qui les additionne."
                    )
                ]
        for fault in faults:
            _note(found, fault, most)
        if faults:
            continue
        found.rows += 1
        for name in found.sums:
            found.sums[name] += int(values[name] or 0)
        for name, text in found.said.items():
            if (value := values[name]) is not None:
                text.add(value)
    return found


def _note(found: Reading, fault: Wrong, most: int) -> None:
    found.faults += 1
    if len(found.wrong) < most:
        found.wrong.append(fault)


def _head(number: int, head: list[str | Unreadable], schema: Schema) -> Iterator[Wrong]:
    """The names of the columns: all of them, and no other, once each, in the order of the schema."""
    wanted, names = schema.names, [str(name) for name in head]
    for name in wanted:
        if name not in names:
            yield Wrong(number, name, "cette colonne manque. Ajoutez-la, même vide si elle peut l’être.")
    for place, name in enumerate(names, start=1):
        if name not in wanted:
            yield Wrong(number, name or str(place), "cette colonne n’est pas du schéma. Retirez-la.")
        elif name in names[: place - 1]:
            yield Wrong(number, name, "cette colonne est là deux fois. Gardez-en une.")
    if sorted(names) == sorted(wanted) and names != wanted:
        place = next(place for place, name in enumerate(names) if name != wanted[place])
        why = f"c’est la place de « {wanted[place]} ». Remettez les colonnes dans l’ordre du schéma."
        yield Wrong(number, names[place], why)


def _row(number: int, cells: list[str | Unreadable], schema: Schema) -> tuple[dict[str, str | int | None], list[Wrong]]:
    """The values of a row by the names of its columns, and what is wrong with it."""
    width = len(schema.fields)
    if any(cells[width:]):
        return {}, [
            Wrong(number, "", f"elle a {len(cells)} cellules, pour {width} colonnes. Vérifiez ses séparateurs.")
        ]
    values, faults = dict[str, str | int | None](), list[Wrong]()
    padded = [*cells, *[""] * (width - len(cells))]
    for column, text in zip(schema.fields, padded, strict=False):
        values[column.name] = None
        if isinstance(text, Unreadable):
            faults.append(Wrong(number, column.name, text.why))
        elif text in schema.missing:
            if column.constraints.get("required"):
                faults.append(Wrong(number, column.name, f"elle est vide. {column.wanted}"))
        else:
            try:
                values[column.name] = column.value(text)
            except ValueError as error:
                faults.append(Wrong(number, column.name, str(error)))
    return values, faults


def _field(declared: dict[str, Any]) -> Field:
    constraints = declared.get("constraints", {})
    if declared["type"] not in TYPES or {*constraints} - CONSTRAINTS or {*declared} - FIELD:
        raise ValueError(f"what is not checked is in the field {declared['name']}")
    return Field(declared["name"], declared["type"], declared.get("example", ""), constraints)
