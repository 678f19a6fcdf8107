"""Reading an RPLS file: one row an address, standing for `nb` units. Nothing here reads or writes the database.

Refused rows do not stop the others. What is odd but usable is kept as it stands, with a warning: nothing is repaired
but the spelling of addresses, which must be the same from one file to the next (`flux.imports.addresses`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import cast

from django.db.models import CharField, Model

from flux import financing
from flux.imports.addresses import street, street_number
from flux.imports.rpls_table import Cells, read_table
from flux.models import Programme, Unit
from flux.models.unit import TYPOLOGIES, UNIT_BOUNDS, typology_of
from flux.operations.stock_import import Lot
from reservations.imports.table import FileRefused, Unreadable
from reservations.models.territory import search_key
from reservations.rounding import rounded


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
    """What is said of one line of the file (the header is line 1). Remarks of one `topic` are shown together."""

    line: int
    topic: str
    detail: str = ""

    @property
    def reason(self) -> str:
        return f"{self.topic} : {self.detail}" if self.detail else self.topic


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
    read: list[tuple[_Row, Lot]] = []
    refused: list[Remark] = []
    warnings: list[Remark] = []
    rows = 0
    for number, cells in lines:
        rows += 1
        try:
            row = _Row(number, header, cells)
            lot = row.lot(communes)
        except _RowRefused as refusal:
            refused.append(Remark(number, refusal.topic, refusal.detail))
        else:
            read.append((row, lot))
            warnings += row.warnings
    if not rows:
        raise FileRefused("Le fichier a ses en-têtes mais aucune ligne : exportez-le de nouveau avec ses logements.")
    lots, crowded, shared = _ordered(read)
    refused += crowded
    beyond = {remark.line for remark in crowded}
    warnings = [remark for remark in warnings if remark.line not in beyond] + shared
    return Reading(rows, lots, sorted(refused, key=_by_line), sorted(warnings, key=_by_line))


def _by_line(remark: Remark) -> int:
    return remark.line


def _check_columns(header: list[str]) -> None:
    if missing := [_shown(name) for name in COLUMNS if name not in header]:
        what = "la colonne" if len(missing) == 1 else "les colonnes"
        raise FileRefused(f"Il manque {what} {', '.join(missing)} : exportez le fichier avec toutes ses colonnes.")
    if twice := [_shown(name) for name in COLUMNS if header.count(name) > 1]:
        raise FileRefused(f"Une colonne est donnée deux fois ({', '.join(twice)}) : n’en gardez qu’une.")


def _shown(name: str) -> str:
    return "nb" if name == "NB" else name


def whole(text: str) -> int | None:
    """The integer that a cell gives, « 10.0 » and « 10 » alike; None when it gives none."""
    match = WHOLE.fullmatch(text)
    return int(match[1]) if match else None


class _RowRefused(Exception):
    def __init__(self, topic: str, detail: str = "") -> None:
        super().__init__(topic)
        self.topic, self.detail = topic, detail


class _Row:
    """One row: its cells by name, and what there is to say of it."""

    def __init__(self, line: int, header: list[str], read: Cells) -> None:
        if len(read) < len(header) or any(read[len(header) :]):
            raise _RowRefused(
                "Nombre de colonnes différent de l’en-tête",
                f"{len(read)} au lieu de {len(header)}, vérifiez les séparateurs",
            )
        named = zip(header, read, strict=False)
        if why := [f"{name} : {cell.why}" for name, cell in named if isinstance(cell, Unreadable)]:
            raise _RowRefused("Cellule illisible", " ".join(why))
        cells = [str(cell) for cell in read]
        if any("\0" in cell for cell in cells):
            raise _RowRefused("Caractère illisible dans la ligne", "retapez-la")
        self.line, self.cells = line, cells
        self.by_name = dict(zip(header, cells[: len(header)], strict=True))
        self.warnings: list[Remark] = []

    def __getitem__(self, name: str) -> str:
        return self.by_name[name]

    def warn(self, topic: str, detail: str = "") -> None:
        self.warnings.append(Remark(self.line, topic, detail))

    def said(self, name: str) -> str:
        """What the cell holds, to quote it in a reason."""
        value = self[name]
        quoted = f"« {value if len(value) <= MOST_QUOTED else value[:MOST_QUOTED] + '…'} »" if value else "vide"
        return f"{_shown(name)} {quoted}"

    def lot(self, communes: Container[str]) -> Lot:
        """The units of the row, ordinals apart. Raises _RowRefused with all that is wrong."""
        wrong: list[tuple[str, str]] = []
        commune = self["DEPCOM"].upper()
        if WHOLE.fullmatch(commune):
            commune = re.split("[.,]", commune)[0].zfill(5)  # a spreadsheet eats the first zero
        if commune not in communes:
            wrong.append(("Commune inconnue", f"{self.said('DEPCOM')} ; un code INSEE a cinq caractères"))
        count = whole(self["NB"]) or 0
        if not 1 <= count <= MOST_UNITS:
            wrong.append(("Nombre de logements refusé", f"{self.said('NB')} doit être un entier de 1 à 9 999"))
        code = self._code("FINAN")
        if not financing.is_known(code):
            wrong.append(("Financement inconnu", f"{self.said('FINAN')} n’est pas un code du RPLS"))
        rooms = whole(self["NBPIECE"]) or 0
        if BOUNDS["rooms"].fault(rooms):
            wrong.append(("Nombre de pièces refusé", f"{self.said('NBPIECE')} doit être un entier de 1 à 99"))
        if wrong:
            topics, details = zip(*wrong, strict=True)
            raise _RowRefused(" ; ".join(topics), " ; ".join(details))
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
            self.warn(f"{column} trop long", f"coupé à {longest} caractères")
        return text[:longest].strip()

    def _postal_code(self) -> str:
        code = self._code("CODEPOSTAL").zfill(len(re.split("[.,]", self["CODEPOSTAL"])[0]))
        if re.fullmatch("[0-9]{5}", code):
            return code
        self.warn("Code postal inconnu", f"{self.said('CODEPOSTAL')} n’a pas cinq chiffres")
        return ""

    def _programme(self, street_type: str, street_name: str) -> str:
        named = (" ".join(self[column].replace("`", "'").split()) for column in ("IMMEU", "COMPLGEO"))
        name = (
            next((text for text in named if search_key(text).strip("0 ")), "") or f"{street_type} {street_name}".strip()
        )
        if not search_key(name):
            self.warn("Ni programme ni rue", "les logements sont rangés sous « Sans nom »")
            return "Sans nom"
        longest = LONGEST["programme"]
        if len(name) > longest:
            self.warn("Nom de programme trop long", f"coupé à {longest} caractères")
        return name[:longest].strip()

    def _surface(self, count: int) -> Decimal | None:
        """m² of one unit: SURFHAB is the sum over the units of the address."""
        match = DECIMAL.fullmatch(self["SURFHAB"])
        total = Decimal(f"{match[1]}.{match[2] or 0}") if match else Decimal(0)
        surface = rounded(Fraction(total) / count, 2)
        if BOUNDS["surface"].fault(surface):
            self.warn("Surface inconnue", self.said("SURFHAB"))
            return None
        low, high = USUAL_SURFACE
        if not low <= surface <= high:
            self.warn("Surface peu vraisemblable", f"{surface} m² par logement".replace(".", ","))
        return surface

    def _qpv(self) -> bool | None:
        value = {1: True, 2: False}.get(whole(self["QPV"]) or 0)
        if value is None:
            self.warn("Quartier prioritaire inconnu", f"{self.said('QPV')} au lieu de 1 (dedans) ou 2 (dehors)")
        return value

    def _is_house(self) -> bool | None:
        value = {"I": True, "C": False}.get(self["TYPECONST"].upper())
        if value is None:
            self.warn("Type de construction inconnu", f"{self.said('TYPECONST')} au lieu de I ou C")
        return value

    def _energy_class(self) -> str:
        letter = self["DPEENERGIE"].upper()
        if letter in {"", *"ABCDEFG"}:
            return letter
        self.warn("Étiquette énergie inconnue", f"{self.said('DPEENERGIE')} au lieu de A à G")
        return ""

    def _year(self, column: str) -> int | None:
        """A year, as it stands; None when the cell does not give one."""
        year = whole(self[column])
        return None if BOUNDS["construction_year"].fault(year) else year

    def _check_order_of_years(self) -> None:
        built = self._year("CONSTRUCT")
        if built is None:
            self.warn("Année de construction inconnue", self.said("CONSTRUCT"))
            return
        if built < OLDEST_USUAL_YEAR:
            self.warn(f"Construction avant {OLDEST_USUAL_YEAR}", f"{built}, vérifiez l’année")
        for column, words in (("PATRIMOINE", "Entrée au patrimoine"), ("LOCAT", "Première location")):
            year = self._year(column)
            if year is not None and year < built:
                self.warn(f"{words} avant la construction", f"{column} {year}, CONSTRUCT {built}")

    def _check_writing(self, street_name: str) -> None:
        if self["DATCONV"] == PLACEHOLDER_DATE:
            self.warn("Date de convention fictive", f"DATCONV {PLACEHOLDER_DATE} remplace souvent une date inconnue")
        elif self["DATCONV"] and not re.fullmatch(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", self["DATCONV"]):
            self.warn("Date de convention illisible", f"{self.said('DATCONV')} au lieu de jj/mm/aaaa")
        if not street_name:
            self.warn("Nom de voie absent", "les logements ne se distinguent que par leur rang dans la commune")
        for column in IDENTIFIERS:
            text = self.by_name.get(column, "")
            if text != text.upper():
                self.warn("Identifiant en minuscules", f"{column} « {text} »")


def _ordered(read: list[tuple[_Row, Lot]]) -> tuple[list[Lot], list[Remark], list[Remark]]:
    """The lots with their ordinals, the rows refused because their address is full, and the addresses met twice.

    Rows of one address follow each other in the order of their cells, not of the file: a file sorted otherwise
    gives the same units.
    """
    places: dict[tuple[str, ...], list[tuple[_Row, Lot]]] = defaultdict(list)
    for row, lot in read:
        places[_place(lot)].append((row, lot))
    firsts: dict[int, int] = {}
    refused, shared = [], []
    for rows in places.values():
        following: _Row | None = None
        first = 1
        for row, lot in sorted(rows, key=lambda pair: (pair[0].cells, pair[0].line)):
            if first + lot.count - 1 > MOST_UNITS:
                refused.append(Remark(row.line, "Trop de logements à cette adresse", "9 999 au plus"))
                continue
            firsts[row.line] = first
            if following is not None:
                shared.append(_shared(row, following))
            first, following = first + lot.count, row
    return [replace(lot, first=firsts[row.line]) for row, lot in read if row.line in firsts], refused, shared


def _place(lot: Lot) -> tuple[str, ...]:
    return (lot.commune, lot.street_number, lot.street_index, lot.street_type, lot.street_name)


def _shared(row: _Row, other: _Row) -> Remark:
    if row.cells == other.cells:
        return Remark(
            row.line, "Ligne en double", f"identique à la ligne {other.line}, ses logements sont comptés en plus"
        )
    return Remark(row.line, "Adresse donnée deux fois", f"ses logements suivent ceux de la ligne {other.line}")


def remarks_by_topic(remarks: list[Remark]) -> Iterator[tuple[str, list[Remark]]]:
    """Remarks of one topic together, the most frequent first."""
    topics: dict[str, list[Remark]] = defaultdict(list)
    for remark in remarks:
        topics[remark.topic].append(remark)
    yield from sorted(topics.items(), key=lambda item: (-len(item[1]), item[0]))
