"""The files of rpls row that come in.

* The header of an RPLS file, in capitals, and its rows as text: days the French way, as RPLS writes them.
* One row of the RPLS, an address that stands for `nb` units: what it says, what is odd, what is wrong. Nothing here
  reads or writes the database.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from django.db.models import CharField, Model

from flux import financing
from flux.imports.addresses import street, street_number
from flux.models import Programme, Unit
from flux.models.unit import UNIT_BOUNDS
from flux.operations.stock_import import Lot
from reservations.imports.table import EMPTY, FileRefused, Unreadable, as_text, is_workbook, read_rows
from reservations.models.territory import search_key
from reservations.rounding import rounded

Cells = list[str | Unreadable]


def read_table(content: bytes) -> tuple[list[str], list[tuple[int, Cells]]]:
    """The names of the columns, in capitals, then each row that is not blank: its line in the file, its cells.

    A row of a text may have more or fewer cells than there are columns: the reader says what it thinks of it.
    Raises FileRefused when the file cannot be read as a table.
    """
    read = read_rows(content)
    _, first = next(read, (0, []))
    header = [str(as_text(cell)).upper() for cell in first]
    if not any(header):
        raise FileRefused(EMPTY)
    rows = ((number, [_text(cell) for cell in cells]) for number, cells in read)
    held = [(number, cells) for number, cells in rows if any(cells)]
    if is_workbook(content):  # a sheet does not say where its rows end
        held = [(number, [*cells, *[""] * (len(header) - len(cells))]) for number, cells in held]
    return header, held


def _text(value: Any) -> str | Unreadable:
    return f"{value:%d/%m/%Y}" if isinstance(value, date | datetime) else as_text(value)


def _longest(table: type[Model], name: str) -> int:
    return cast("CharField[str, str]", table._meta.get_field(name)).max_length or 0


COLUMNS = (
    "DEPCOM",
    "CODEPOSTAL",
    "NUMVOIE",
    "INDREP",
    "TYPVOIE",
    "NOMVOIE",
    "IMMEU",
    "COMPLGEO",
    "QPV",
    "TYPECONST",
    "NBPIECE",
    "SURFHAB",
    "CONSTRUCT",
    "LOCAT",
    "PATRIMOINE",
    "FINAN",
    "DATCONV",
    "DPEENERGIE",
    "NB",
)
#: Identifiers that the landlord's system writes in capitals.
IDENTIFIERS = ("NUMAPPT", "NUMBOITE", "ESC", "COULOIR", "ETAGE", "COMPLIDENT", "ENTREE", "BAT")
OLDEST_USUAL_YEAR = 1850
PLACEHOLDER_DATE = "01/01/2000"
#: m² of one unit: outside, the surface is probably not the sum over the units of the address.
USUAL_SURFACE = (Decimal(9), Decimal(250))
MOST_UNITS = 9_999
BOUNDS = {bound.field: bound for bound in UNIT_BOUNDS}
MOST_QUOTED = 40

#: Characters that the columns of the database hold.
LONGEST = {
    **{name: _longest(Unit, name) for name in ("street_number", "street_index", "street_type", "street_name")},
    "programme": _longest(Programme, "name"),
}

WHOLE = re.compile(r"\+?([0-9]{1,9})(?:[.,]0+)?")
DECIMAL = re.compile(r"\+?([0-9]{1,9})(?:[.,]([0-9]{1,9}))?")


@dataclass(frozen=True, slots=True)
class Remark:
    """What is stated of one line of the file (the header is line 1). Remarks of one `topic` are shown together."""

    line: int
    topic: str
    detail: str = ""
    column: str = ""

    @property
    def reason(self) -> str:
        return f"{self.topic} : {self.detail}" if self.detail else self.topic


def shown(name: str) -> str:
    """A column as files write it."""
    return "nb" if name == "NB" else name


def whole(text: str) -> int | None:
    """The integer that a cell gives, « 10.0 » and « 10 » alike; None when it gives none."""
    match = WHOLE.fullmatch(text)
    return int(match[1]) if match else None


class RowRefused(Exception):
    """What is wrong in one row: `faults`, a column, a topic and a detail each."""

    def __init__(self, *faults: tuple[str, str, str]) -> None:
        super().__init__(*faults)
        self.faults = faults

    @property
    def topic(self) -> str:
        return " ; ".join(topic for _, topic, _ in self.faults)

    @property
    def detail(self) -> str:
        return " ; ".join(detail for *_, detail in self.faults)


class AddressRow:
    """One row: its cells by name, and what there is to say of it."""

    def __init__(self, line: int, by_name: dict[str, str]) -> None:
        self.line, self.by_name = line, by_name
        self.cells: list[str] = []
        self.warnings: list[Remark] = []

    @classmethod
    def of_cells(cls, line: int, header: list[str], read: Cells) -> AddressRow:
        """Raises RowRefused: too few cells, or one that cannot be read."""
        if len(read) < len(header) or any(read[len(header) :]):
            raise RowRefused(
                (
                    "",
                    "Nombre de colonnes différent de l’en-tête",
                    f"{len(read)} au lieu de {len(header)}, vérifiez les séparateurs",
                )
            )
        named = zip(header, read, strict=False)
        if why := [f"{name} : {cell.why}" for name, cell in named if isinstance(cell, Unreadable)]:
            raise RowRefused(("", "Cellule illisible", " ".join(why)))
        cells = [str(cell) for cell in read]
        if any("\0" in cell for cell in cells):
            raise RowRefused(("", "Caractère illisible dans la ligne", "retapez-la"))
        row = cls(line, dict(zip(header, cells[: len(header)], strict=True)))
        row.cells = cells
        return row

    def __getitem__(self, name: str) -> str:
        return self.by_name[name]

    def warn(self, column: str, topic: str, detail: str = "") -> None:
        self.warnings.append(Remark(self.line, topic, detail, column))

    def words(self, name: str) -> str:
        """What the cell holds, to quote it in a reason."""
        value = self[name]
        quoted = f"« {value if len(value) <= MOST_QUOTED else value[:MOST_QUOTED] + '…'} »" if value else "vide"
        return f"{shown(name)} {quoted}"

    def lot(self, communes: Container[str]) -> Lot:
        """The units of the row, ordinals apart. Raises RowRefused with all that is wrong."""
        wrong: list[tuple[str, str, str]] = []
        commune = self["DEPCOM"].upper()
        if WHOLE.fullmatch(commune):
            commune = re.split("[.,]", commune)[0].zfill(5)  # a spreadsheet eats the first zero
        if commune not in communes:
            wrong.append(("DEPCOM", "Commune inconnue", f"{self.words('DEPCOM')} ; un code INSEE a cinq caractères"))
        count = whole(self["NB"]) or 0
        if not 1 <= count <= MOST_UNITS:
            wrong.append(("NB", "Nombre de logements refusé", f"{self.words('NB')} doit être un entier de 1 à 9 999"))
        code = self._code("FINAN")
        if not financing.is_known(code):
            wrong.append(("FINAN", "Financement inconnu", f"{self.words('FINAN')} n’est pas un code du RPLS"))
        rooms = whole(self["NBPIECE"]) or 0
        if BOUNDS["rooms"].fault(rooms):
            wrong.append(
                ("NBPIECE", "Nombre de pièces refusé", f"{self.words('NBPIECE')} doit être un entier de 1 à 99")
            )
        if wrong:
            raise RowRefused(*wrong)
        number, index = street_number(self["NUMVOIE"], self["INDREP"])
        kind, name = street(self["TYPVOIE"], self["NOMVOIE"])
        self._check_order_of_years()
        self._check_writing(name)
        return Lot(
            commune=commune,
            street_number=self._fit("street_number", "NUMVOIE", number),
            street_index=self._fit("street_index", "INDREP", index),
            street_type=self._fit("street_type", "TYPVOIE", kind),
            street_name=self._fit("street_name", "NOMVOIE", name),
            postal_code=self._postal_code(),
            programme=self._programme(kind, name),
            first=1,
            count=count,
            rooms=rooms,
            surface=self._surface(count),
            financing_code=code,
            in_qpv=self._qpv(),
            construction_year=self._year("CONSTRUCT"),
            is_house=self._is_house(),
            energy_class=self._energy_class(),
        )

    def _code(self, name: str) -> str:
        value = whole(self[name])
        return self[name] if value is None else str(value)

    def _fit(self, field: str, column: str, text: str) -> str:
        longest = LONGEST[field]
        if len(text) > longest:
            self.warn(column, f"{column} trop long", f"coupé à {longest} caractères")
        return text[:longest].strip()

    def _postal_code(self) -> str:
        code = self._code("CODEPOSTAL").zfill(len(re.split("[.,]", self["CODEPOSTAL"])[0]))
        if re.fullmatch("[0-9]{5}", code):
            return code
        self.warn("CODEPOSTAL", "Code postal inconnu", f"{self.words('CODEPOSTAL')} n’a pas cinq chiffres")
        return ""

    def _programme(self, street_type: str, street_name: str) -> str:
        named = (" ".join(self[column].replace("`", "'").split()) for column in ("IMMEU", "COMPLGEO"))
        name = (
            next((text for text in named if search_key(text).strip("0 ")), "") or f"{street_type} {street_name}".strip()
        )
        if not search_key(name):
            self.warn("IMMEU", "Ni programme ni rue", "les logements sont rangés sous « Sans nom »")
            return "Sans nom"
        longest = LONGEST["programme"]
        if len(name) > longest:
            self.warn("IMMEU", "Nom de programme trop long", f"coupé à {longest} caractères")
        return name[:longest].strip()

    def _surface(self, count: int) -> Decimal | None:
        """m² of one unit: SURFHAB is the sum over the units of the address."""
        match = DECIMAL.fullmatch(self["SURFHAB"])
        total = Decimal(f"{match[1]}.{match[2] or 0}") if match else Decimal(0)
        surface = rounded(Fraction(total) / count, 2)
        if BOUNDS["surface"].fault(surface):
            self.warn("SURFHAB", "Surface inconnue", self.words("SURFHAB"))
            return None
        low, high = USUAL_SURFACE
        if not low <= surface <= high:
            self.warn("SURFHAB", "Surface peu vraisemblable", f"{surface} m² par logement".replace(".", ","))
        return surface

    def _qpv(self) -> bool | None:
        value = {1: True, 2: False}.get(whole(self["QPV"]) or 0)
        if value is None:
            self.warn("QPV", "Quartier prioritaire inconnu", f"{self.words('QPV')} au lieu de 1 (dedans) ou 2 (dehors)")
        return value

    def _is_house(self) -> bool | None:
        value = {"I": True, "C": False}.get(self["TYPECONST"].upper())
        if value is None:
            self.warn("TYPECONST", "Type de construction inconnu", f"{self.words('TYPECONST')} au lieu de I ou C")
        return value

    def _energy_class(self) -> str:
        letter = self["DPEENERGIE"].upper()
        if letter in {"", *"ABCDEFG"}:
            return letter
        self.warn("DPEENERGIE", "Étiquette énergie inconnue", f"{self.words('DPEENERGIE')} au lieu de A à G")
        return ""

    def _year(self, column: str) -> int | None:
        """A year, as it stands; None when the cell does not give one."""
        year = whole(self[column])
        return None if BOUNDS["construction_year"].fault(year) else year

    def _check_order_of_years(self) -> None:
        built = self._year("CONSTRUCT")
        if built is None:
            self.warn("CONSTRUCT", "Année de construction inconnue", self.words("CONSTRUCT"))
            return
        if built < OLDEST_USUAL_YEAR:
            self.warn("CONSTRUCT", f"Construction avant {OLDEST_USUAL_YEAR}", f"{built}, vérifiez l’année")
        for column, words in (("PATRIMOINE", "Entrée au patrimoine"), ("LOCAT", "Première location")):
            year = self._year(column)
            if year is not None and year < built:
                self.warn(column, f"{words} avant la construction", f"{column} {year}, CONSTRUCT {built}")

    def _check_writing(self, street_name: str) -> None:
        if self["DATCONV"] == PLACEHOLDER_DATE:
            self.warn(
                "DATCONV",
                "Date de convention fictive",
                f"DATCONV {PLACEHOLDER_DATE} remplace souvent une date inconnue",
            )
        elif self["DATCONV"] and not re.fullmatch(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", self["DATCONV"]):
            self.warn("DATCONV", "Date de convention illisible", f"{self.words('DATCONV')} au lieu de jj/mm/aaaa")
        if not street_name:
            self.warn(
                "NOMVOIE", "Nom de voie absent", "les logements ne se distinguent que par leur rang dans la commune"
            )
        for column in IDENTIFIERS:
            text = self.by_name.get(column, "")
            if text != text.upper():
                self.warn(column, "Identifiant en minuscules", f"{column} « {text} »")
