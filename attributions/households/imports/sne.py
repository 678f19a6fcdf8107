"""Reading an export of the SNE: what each row says of a request. Nothing here reads or writes the database.

Only what an allocation needs is read: the number, since when, who lives there, resources, DALO. Ages, nationality,
sex, professional situation and the present home are left in the file; names and birth dates are not in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from attributions.households.imports.sne_cells import (
    CellRefused,
    day_of,
    figure_of,
    household_of,
    is_dalo,
    text_of,
    unique_number,
)
from attributions.households.imports.sne_table import NUMBER, Row, column_key, known_columns, read_sne_table
from attributions.households.models.household import FACT_BOUNDS
from attributions.households.operations.sne_import import LineRefused, SneRow
from reservations.imports.table import FileRefused
from reservations.rounding import rounded, steps

CREATED = "Date création demande"
HOUSEHOLD = "Composition foyer demandeur"
UNITS = "Nb unités de consommation du foyer"
INCOME = "RFR du foyer, année n-1"
INCOME_BEFORE = "RFR du foyer, année n-2"
CLOSED = "Date de la radiation"
DALO = "Statut DALO"
DALO_ON = "Date de la décision DALO"

#: Columns read of each export; the others stay in the file.
READ = {
    "demandeurs": (NUMBER, CREATED, HOUSEHOLD, UNITS, INCOME, INCOME_BEFORE),
    "attributaires": (NUMBER, CREATED, CLOSED, HOUSEHOLD, UNITS, INCOME, INCOME_BEFORE, DALO, DALO_ON),
}
#: What a figure or a day may be is said once, for every door by which it enters.
BOUNDS = {bound.field: bound for bound in FACT_BOUNDS}


@dataclass(frozen=True, slots=True)
class SneReading:
    """What a file says. `shape`: which export; `count`: its rows, blank ones apart; `rows`: those that can be read;
    `refused`: the others, with why; `unknown`: for a column, the lines whose value is left « non renseigné »."""

    shape: str
    count: int
    rows: list[SneRow]
    refused: list[LineRefused]
    unknown: dict[str, list[int]] = field(default_factory=dict)


def read_sne(content: bytes, *, today: date) -> SneReading:
    """Read an export of the applicants (« demandeurs ») or of the housed (« attributaires »), told by its columns.

    Raises FileRefused: it cannot be read as a table, lacks a column, or gives one twice.
    """
    keys, table = read_sne_table(content)
    shape = _shape(keys)
    places = _places(keys, READ[shape])
    reading = SneReading(shape, 0, [], [])
    count, seen = 0, dict[str, int]()
    for line, cells in table:
        count += 1
        try:
            row = _Line(line, cells, places, today, reading.unknown).read()
            if row.number in seen:
                raise CellRefused(f"{NUMBER} : ce numéro est déjà à la ligne {seen[row.number]}.")
        except CellRefused as refused:
            reading.refused.append(LineRefused(line, str(refused)))
            continue
        seen[row.number] = line
        reading.rows.append(row)
    if not count:
        raise FileRefused("Le fichier a ses noms de colonnes mais aucune ligne : choisissez un export rempli.")
    return SneReading(shape, count, reading.rows, reading.refused, reading.unknown)


def _shape(keys: list[str]) -> str:
    """The export whose own columns are the most there; the applicants' when none is."""
    applicants, housed = (known_columns()[shape].keys() for shape in ("demandeurs", "attributaires"))
    there = set(keys)
    return "attributaires" if len(there & (housed - applicants)) > len(there & (applicants - housed)) else "demandeurs"


def _places(keys: list[str], names: tuple[str, ...]) -> dict[str, int]:
    """Where each column that is read stands. Raises FileRefused: missing, or there twice."""
    places = {}
    for name in names:
        key = column_key(name)
        if key not in keys:
            raise FileRefused(f"Il manque la colonne « {name} » : ajoutez-la à l’export, même vide.")
        if keys.count(key) > 1:
            raise FileRefused(f"La colonne « {name} » est donnée deux fois : n’en gardez qu’une.")
        places[name] = keys.index(key)
    return places


class _Line:
    """One row: its cells by column."""

    def __init__(
        self, line: int, cells: Row, places: dict[str, int], today: date, unknown: dict[str, list[int]]
    ) -> None:
        self.line, self.cells, self.places, self.today, self.unknown = line, cells, places, today, unknown

    def cell(self, name: str) -> object:
        place = self.places.get(name, len(self.cells))
        return self.cells[place] if place < len(self.cells) else None

    def read(self) -> SneRow:
        """What the row says. Raises CellRefused with the name of the column."""
        number = self._said(NUMBER, unique_number)
        assert number is not None  # its column is always there
        requested_on = self._said(CREATED, lambda cell: day_of(cell, today=self.today))
        facts = dict(self._facts())
        closed_on = self._said(CLOSED, lambda cell: day_of(cell, today=self.today))
        if CLOSED in self.places and closed_on is None:
            raise CellRefused(f"{CLOSED} : elle manque ; sans elle, la durée de conservation ne se compte pas.")
        if requested_on and closed_on and closed_on < requested_on:
            raise CellRefused(f"{CLOSED} : elle précède la création de la demande.")
        return SneRow(self.line, number, requested_on, facts, closed_on)

    def _facts(self) -> Iterator[tuple[str, object]]:
        household = household_of(self.cell(HOUSEHOLD))
        if household is not None:
            yield "adults", household[0]
            yield "children", household[1]
        elif text_of(self.cell(HOUSEHOLD)):
            self.unknown.setdefault(HOUSEHOLD, []).append(self.line)
        units = self._said(UNITS, figure_of)
        if units:  # no household counts for nothing
            yield "income_units", self._fit(UNITS, "income_units", rounded(units, 2))
        for name in (INCOME, INCOME_BEFORE):
            income = self._said(name, figure_of)
            if income is not None:
                yield "income", self._fit(name, "income", steps(income))
                break
        dalo = is_dalo(self.cell(DALO))
        if dalo is None:
            self.unknown.setdefault(DALO, []).append(self.line)
        if dalo:
            yield "dalo", True
            if labelled := self._said(DALO_ON, lambda cell: day_of(cell, today=self.today)):
                yield "labelled_on", self._fit(DALO_ON, "labelled_on", labelled)

    def _fit[T](self, name: str, field: str, value: T) -> T:
        """A value within the bounds of its fact. Raises CellRefused with the sentence of the bound."""
        if sentence := BOUNDS[field].fault(value):
            raise CellRefused(f"{name} : {sentence[0].lower()}{sentence[1:]}")
        return value

    def _said[T](self, name: str, read: Callable[[object], T]) -> T | None:
        """The cell of a column, read; None when this export has not that column."""
        if name not in self.places:
            return None
        try:
            return read(self.cell(name))
        except CellRefused as refused:
            raise CellRefused(f"{name} : {refused}") from refused
