"""The files of rpls that come in.

* Reading an RPLS file: one row an address, that stands for `nb` units. Nothing here reads or writes the database.
* Refused rows do not stop the others. What is odd but usable is kept as it stands, with a warning: nothing is
  repaired but the spelling of addresses, which must be the same from one file to the next (`flux.imports.addresses`).
* What the landlord's RPLS file says before anything is written: the same report as the public file's, line by line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from flux import financing
from flux.imports.rpls_row import COLUMNS, MOST_UNITS, AddressRow, Remark, RowRefused, read_table, shown
from flux.imports.units import Units, facts_of
from flux.models.unit import TYPOLOGIES, typology_of
from flux.operations.stock_import import Lot
from reservations.imports.door import lines_of
from reservations.imports.kinds import FileLine, column_key
from reservations.imports.staging import Recognised, recognise
from reservations.imports.table import FileRefused
from reservations.models.territory import search_key


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says. `rows`: its rows, blank ones apart; `lots`: what the rows that are not refused stand for."""

    rows: int
    lots: list[Lot]
    refused: list[Remark]
    warnings: list[Remark]

    @property
    def units(self) -> int:
        return sum(lot.count for lot in self.lots)

    @property
    def programmes(self) -> int:
        return len({(lot.commune, search_key(lot.programme)) for lot in self.lots})

    @property
    def by_financing(self) -> dict[str, int]:
        """Units by group of financing, every group present."""
        return self._count(financing.GROUPS, [financing.group_of(lot.financing_code) for lot in self.lots])

    @property
    def by_typology(self) -> dict[str, int]:
        """Units from T1 to T6+, every size present."""
        return self._count(TYPOLOGIES, [typology_of(lot.rooms) for lot in self.lots])

    @property
    def by_qpv(self) -> dict[str, int]:
        """Units in a priority neighbourhood, out of it, and those of which the file does not say."""
        words = {True: "in", False: "out", None: "unknown"}
        return self._count(words.values(), [words[lot.in_qpv] for lot in self.lots])

    def _count(self, names: Collection[str], of_lots: list[str]) -> dict[str, int]:
        counts = Counter(dict.fromkeys(names, 0))
        for name, lot in zip(of_lots, self.lots, strict=True):
            counts[name] += lot.count
        return dict(counts)


def read_rpls(content: bytes, *, communes: Container[str]) -> Reading:
    """Read a file. `communes`: the codes of the communes and municipal districts that exist.

    Raises FileRefused when the file cannot be read as a table, or lacks a column.
    """
    header, lines = read_table(content)
    _check_columns(header)
    read: list[Placed] = []
    refused: list[Remark] = []
    warnings: list[Remark] = []
    rows = 0
    for number, cells in lines:
        rows += 1
        try:
            row = AddressRow.of_cells(number, header, cells)
            lot = row.lot(communes)
        except RowRefused as refusal:
            refused.append(Remark(number, refusal.topic, refusal.detail))
        else:
            read.append((number, row.cells, lot))
            warnings += row.warnings
    if not rows:
        raise FileRefused("Le fichier a ses en-têtes mais aucune ligne : exportez-le de nouveau avec ses logements.")
    firsts, crowded, shared = ordered(read)
    lots = [replace(lot, first=firsts[number]) for number, _, lot in read if number in firsts]
    refused += crowded
    beyond = {remark.line for remark in crowded}
    warnings = [remark for remark in warnings if remark.line not in beyond] + shared
    return Reading(rows, lots, sorted(refused, key=_by_line), sorted(warnings, key=_by_line))


def _by_line(remark: Remark) -> int:
    return remark.line


def _check_columns(header: list[str]) -> None:
    if missing := [shown(name) for name in COLUMNS if name not in header]:
        what = "la colonne" if len(missing) == 1 else "les colonnes"
        raise FileRefused(f"Il manque {what} {', '.join(missing)} : exportez le fichier avec toutes ses colonnes.")
    if twice := [shown(name) for name in COLUMNS if header.count(name) > 1]:
        raise FileRefused(f"Une colonne est donnée deux fois ({', '.join(twice)}) : n’en gardez qu’une.")


#: A row that stands: its line in the file, its cells, what it stands for.
type Placed = tuple[int, Sequence[str], Lot]


def ordered(read: Iterable[Placed]) -> tuple[dict[int, int], list[Remark], list[Remark]]:
    """By line, the first ordinal of its lot; the rows refused because their address is full, and the addresses met
    twice.

    Rows of one address follow each other in the order of their cells, not of the file: a file sorted otherwise
    gives the same units.
    """
    places: dict[tuple[str, ...], list[Placed]] = defaultdict(list)
    for placed in read:
        places[_place(placed[2])].append(placed)
    firsts: dict[int, int] = {}
    refused, shared = [], []
    for rows in places.values():
        following: Placed | None = None
        first = 1
        for placed in sorted(rows, key=lambda each: (each[1], each[0])):
            line, _, lot = placed
            if first + lot.count - 1 > MOST_UNITS:
                refused.append(Remark(line, "Trop de logements à cette adresse", "9 999 au plus", "NB"))
                continue
            firsts[line] = first
            if following is not None:
                shared.append(_shared(placed, following))
            first, following = first + lot.count, placed
    return firsts, refused, shared


def _place(lot: Lot) -> tuple[str, ...]:
    return (lot.commune, lot.street_number, lot.street_index, lot.street_type, lot.street_name)


def _shared(row: Placed, other: Placed) -> Remark:
    if row[1] == other[1]:
        text = f"identique à la ligne {other[0]}, ses logements sont comptés en plus"
        return Remark(row[0], "Ligne en double", text, "NUMVOIE")
    text = f"ses logements suivent ceux de la ligne {other[0]}"
    return Remark(row[0], "Adresse donnée deux fois", text, "NUMVOIE")


#: The column of the public file that says for how many units a line stands.
COUNT = "nb"
QPV = {True: "in", False: "out", None: "unknown"}


@dataclass(slots=True)
class UnitReading:
    """What a file of units says. `references`: units with a reference of their own; `by_contingent`: by code of item
    63, those that are there."""

    rows: int = 0
    units: int = 0
    references: int = 0
    refused: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    by_financing: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(financing.GROUPS, 0)))
    by_typology: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(TYPOLOGIES, 0)))
    by_qpv: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(QPV.values(), 0)))
    by_contingent: Counter[str] = field(default_factory=Counter)
    named: set[tuple[str, str]] = field(default_factory=set)

    @property
    def programmes(self) -> int:
        return len(self.named)


def unit_columns(content: bytes | BinaryIO) -> Recognised | None:
    """Where the columns are, of a file that states units one by one; None of the public file, one line an address."""
    kind = Units()
    try:
        found = recognise(content, kind, {})
    except FileRefused:
        return None  # the reader of the public file says what is wrong
    names = {column_key(name) for name in found.header}
    identified = {"référence", "identifiant RPLS"} & found.places.keys()
    return None if COUNT in names or not identified else found


def read_units(content: bytes, found: Recognised, *, communes: Container[str]) -> UnitReading:
    """Read a file of units. `communes`: the codes that exist. Raises FileRefused: a needed column is missing."""
    kind = Units()
    if missing := found.missing(kind):
        names = [kind.column(name).synonyms[0] for name in missing]
        what = "la colonne" if len(names) == 1 else "les colonnes"
        raise FileRefused(f"Il manque {what} {', '.join(names)} : exportez le fichier avec toutes ses colonnes.")
    reading = UnitReading()
    seen: dict[str, int] = {}
    for line in lines_of(content, kind, after=found.first_line, places=found.places, width=len(found.header)):
        reading.rows += 1
        if line.values.get("commune") and line.values["commune"] not in communes:
            line.refuse("commune", "aucune commune n’a ce code : un code INSEE a cinq caractères.")
        for column in ("référence", "identifiant RPLS"):
            value = line.values.get(column)
            if value and not line.is_refused and seen.setdefault(f"{column} {value}", line.number) != line.number:
                line.refuse(column, f"déjà donné à la ligne {seen[f'{column} {value}']} : n’en gardez qu’une.")
        reading.refused += _remarks(line, stops=True)
        if not line.is_refused:
            reading.warnings += _remarks(line, stops=False)
            _count(reading, line)
    if not reading.rows:
        raise FileRefused("Le fichier a ses en-têtes mais aucune ligne : exportez-le de nouveau avec ses logements.")
    return reading


def _count(reading: UnitReading, line: FileLine) -> None:
    values = line.values
    reading.units += 1
    reading.references += "référence" in values
    reading.by_financing[financing.group_of(values["financement"])] += 1
    reading.by_typology[typology_of(values["pièces"])] += 1
    reading.by_qpv[QPV[values.get("quartier prioritaire")]] += 1
    if "contingent" in values:
        reading.by_contingent[str(values["contingent"])] += 1
    facts = facts_of(line)
    reading.named.add((values["commune"], search_key(facts["programme"] or facts["fallback"])))


def _remarks(line: FileLine, *, stops: bool) -> Iterator[Remark]:
    """One a line when it is refused, with all that is wrong; one a cell otherwise."""
    rows = [
        (f"{column} « {value} »" if value else column, sentence)
        for column, value, sentence, stop in line.remarks
        if stop
    ]
    if stops and rows:
        yield Remark(line.number, " ; ".join(f"{where} : {sentence}" for where, sentence in rows))
    if not stops:
        for column, value, sentence, _ in line.remarks:
            yield Remark(line.number, column, f"« {value} » : {sentence}" if value else sentence)
