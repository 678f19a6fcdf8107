"""What the landlord's RPLS file says before anything is written: the same report as the public file's, line by line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from flux import financing
from flux.imports.rpls_row import Remark
from flux.imports.units import Units, told
from flux.models.unit import TYPOLOGIES, typology_of
from reservations.imports.door import lines_of
from reservations.imports.kinds import FileLine, column_key
from reservations.imports.recognised import Recognised, recognise
from reservations.imports.table import FileRefused
from reservations.models.territory import search_key

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
    """Where the columns are, of a file that tells units one by one; None of the public file, one line an address."""
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
    facts = told(line)
    reading.named.add((values["commune"], search_key(facts["programme"] or facts["fallback"])))


def _remarks(line: FileLine, *, stops: bool) -> Iterator[Remark]:
    """One a line when it is refused, with all that is wrong; one a cell otherwise."""
    said = [
        (f"{column} « {value} »" if value else column, sentence)
        for column, value, sentence, stop in line.remarks
        if stop
    ]
    if stops and said:
        yield Remark(line.number, " ; ".join(f"{where} : {sentence}" for where, sentence in said))
    if not stops:
        for column, value, sentence, _ in line.remarks:
            yield Remark(line.number, column, f"« {value} » : {sentence}" if value else sentence)
