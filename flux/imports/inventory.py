"""The files of inventory that come in.

* Reading an inventory of rights (docs/inventory.md). Nothing here reads or writes the database.
* The header and the rows of a table whose every cell is read as text, and what is wrong with each cell.
* Here nothing is written from a name: units, programmes and holders are looked up.
* The units that the lines of a file name, by their landlord's reference or by their identifier in the RPLS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from flux.models import Unit
from flux.models.unit import LONGEST_REFERENCE as UNIT_LONGEST_REFERENCE
from flux.operations.stock_inventory_file import InventoryLine, RowError
from reservations.imports.cells import text, yes_no
from reservations.imports.kinds import Column, FileLine, Scope
from reservations.imports.table import EMPTY, FORMULA, FileRefused, Unreadable, as_text, read_rows
from reservations.models import ReservationHolder, StockRight
from reservations.models.party import validate_siren
from reservations.models.territory import search_key
from reservations.operations.stock_right import LONGEST_REFERENCE

MOST_ROWS = 20_000
LONGEST_CELL = 200


@dataclass(frozen=True, slots=True)
class Table:
    """`header` as written; `rows`: number in the file (the header is 1) and cells, blank rows apart; what is wrong."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    errors: list[RowError]


def read_any_table(content: bytes) -> Table:
    """Read a table. A row with an unreadable cell is left to `errors`.

    Raises FileRefused when the whole file cannot be read.
    """
    read = read_rows(content)
    number, first = next(read, (0, []))
    header = [str(as_text(cell)) for cell in first]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise FileRefused(EMPTY)
    rows: list[tuple[int, list[str]]] = []
    errors: list[RowError] = []
    for number, values in read:
        cells = [as_text(value) for value in values]
        if not any(cells):
            continue
        if len(rows) >= MOST_ROWS:
            raise FileRefused("Le fichier dépasse 20 000 lignes : coupez-le en plusieurs fichiers.")
        wrong = list(_wrong(number, header, cells))
        errors += wrong
        if not wrong:
            rows.append((number, [str(cell) for cell in cells]))
    return Table(header, rows, errors)


def _wrong(number: int, header: list[str], cells: list[str | Unreadable]) -> Iterator[RowError]:
    for place, cell in enumerate(cells):
        column = header[place] if place < len(header) else f"colonne {place + 1}"
        if isinstance(cell, Unreadable):
            yield RowError(number, column, cell.why)
        elif place >= len(header) and cell:
            yield RowError(number, column, "cette cellule n’est sous aucun nom de colonne : videz-la.")
        elif len(cell) > LONGEST_CELL:
            yield RowError(number, column, f"{LONGEST_CELL} caractères au plus : raccourcissez-la.")
        elif cell.startswith("="):
            yield RowError(number, column, FORMULA)
        elif any(ord(sign) < 32 for sign in cell):
            yield RowError(number, column, "un caractère ne se lit pas : retapez la cellule.")


Ground = StockRight.Ground
Use = StockRight.Use

#: The columns, in the order of the documentation; the first four are always there.
NEEDED = ("reference_titre", "siren_reservataire", "fondement", "debut")
COLUMNS = (
    *NEEDED,
    "contingent",
    "usage",
    "fin",
    "fin_emprunt",
    "programme",
    "reference_logement",
    "nombre_logements",
)

#: How landlords write the grounds, as `search_key` makes them; with our labels and our codes.
SHORT_GROUNDS = {
    "garantie": Ground.LOAN_GUARANTEE,
    "garantie emprunt": Ground.LOAN_GUARANTEE,
    "terrain": Ground.LAND,
    "financement": Ground.FUNDING,
    "etat": Ground.STATE,
    "defense": Ground.DEFENCE,
    "securite interieure": Ground.INTERNAL_SECURITY,
    "sante": Ground.PUBLIC_HEALTH,
    "anterieur": Ground.UNCONVERTED,
}
GROUNDS: dict[str, str] = {
    **{search_key(ground.label): ground.value for ground in Ground},
    **{search_key(ground.value): ground.value for ground in Ground},
    **{short: ground.value for short, ground in SHORT_GROUNDS.items()},
}
USES: dict[str, str] = {
    "": Use.RECURRING.value,
    "suite": Use.RECURRING.value,
    "unique": Use.SINGLE.value,
    **{search_key(use.label): use.value for use in Use},
    **{search_key(use.value): use.value for use in Use},
}

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2099, 12, 31)
DAY = re.compile(r"(?:(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})|(?P<Y>\d{4})-(?P<M>\d{2})-(?P<D>\d{2}))")
MOST_UNITS = 9_999


@dataclass(frozen=True, slots=True)
class InventoryReading:
    """What a file says. `rows`: its rows, blank ones apart; `lines`: those that can be read; `errors`: all others."""

    rows: int
    lines: list[InventoryLine]
    errors: list[RowError]


def read_inventory(content: bytes) -> InventoryReading:
    """Read a CSV or XLSX inventory.

    Raises FileRefused when the file cannot be read as a table, lacks a column, or has one that is not known.
    """
    table = read_any_table(content)
    names = [search_key(name).replace(" ", "_") for name in table.header]
    _check_columns(names, table.header)
    lines: list[InventoryLine] = []
    errors = list(table.errors)
    for number, cells in table.rows:
        row = _Row(number, dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=True)))
        line = row.line()
        errors += row.errors
        if line is not None:
            lines.append(line)
    rows = len(table.rows) + len({error.row for error in table.errors})
    if not rows:
        raise FileRefused("Le fichier a ses noms de colonnes mais aucune ligne : ajoutez vos titres.")
    return InventoryReading(rows, lines, sorted(errors, key=lambda error: error.row))


def _check_columns(names: list[str], written: list[str]) -> None:
    if unknown := [shown for name, shown in zip(names, written, strict=True) if name not in COLUMNS]:
        raise FileRefused(f"Colonne inconnue : « {unknown[0] or 'sans nom'} ». Les colonnes sont {', '.join(COLUMNS)}.")
    if twice := [name for name in COLUMNS if names.count(name) > 1]:
        raise FileRefused(f"La colonne {twice[0]} est donnée deux fois : n’en gardez qu’une.")
    if missing := [name for name in NEEDED if name not in names]:
        raise FileRefused(f"Il manque la colonne {missing[0]} : ajoutez-la au fichier.")
    if "programme" not in names and "reference_logement" not in names:
        raise FileRefused("Il manque la colonne reference_logement, ou les colonnes programme et nombre_logements.")


class _Row:
    """One row: its cells by column, and everything that is wrong with it."""

    def __init__(self, number: int, cells: dict[str, str]) -> None:
        self.number, self.cells = number, cells
        self.errors: list[RowError] = []

    def wrong(self, column: str, sentence: str) -> None:
        self.errors.append(RowError(self.number, column, sentence))

    def text(self, column: str) -> str:
        return " ".join(self.cells.get(column, "").split())

    def line(self) -> InventoryLine | None:
        """What the row says, or None when something in it is wrong."""
        unit, programme, units = self._bearer()
        starts_on = self._day("debut")
        if starts_on is None and not self.text("debut"):
            self.wrong("debut", "écrivez le premier jour du droit : jour, mois, année.")
        read = {
            "reference": self._reference(),
            "siren": self._siren(),
            "contingent": self._contingent(),
            "ground": self._word("fondement", GROUNDS, "écrivez l’un de", [ground.label for ground in Ground]),
            "use": self._word("usage", USES, "écrivez", ["suite", "unique"]),
            "ends_on": self._day("fin"),
            "loan_ends_on": self._day("fin_emprunt"),
        }
        if self.errors or starts_on is None:
            return None
        line: Callable[..., InventoryLine] = InventoryLine
        return line(row=self.number, starts_on=starts_on, programme=programme, unit=unit, units=units, **read)

    def _reference(self) -> str:
        reference = self.text("reference_titre")
        if not reference:
            self.wrong(
                "reference_titre", "écrivez la référence du titre : elle réunit ses lignes et le reconnaît ensuite."
            )
        elif len(reference) > LONGEST_REFERENCE:
            self.wrong("reference_titre", f"{LONGEST_REFERENCE} caractères au plus : raccourcissez-la.")
        return reference

    def _siren(self) -> str:
        siren = "".join(self.text("siren_reservataire").split())
        try:
            validate_siren(siren)
        except ValidationError as error:
            self.wrong("siren_reservataire", f"{error.messages[0][:1].lower()}{error.messages[0][1:]}")
        return siren

    def _contingent(self) -> int | None:
        text = self.text("contingent")
        codes = [code.value for code in ReservationHolder.Contingent if code.label != "Non réservé"]
        if not text:
            return None
        if text not in map(str, codes):
            self.wrong("contingent", f"« {text} » : écrivez un code de {codes[0]} à {codes[-1]}, ou laissez vide.")
            return None
        return int(text)

    def _word(self, column: str, words: dict[str, str], verb: str, offered: list[str]) -> str:
        text = self.text(column)
        found = words.get(search_key(text))
        if found is None:
            sentence = f"« {text} »" if text else "vide"
            self.wrong(column, f"{sentence} : {verb} {', '.join(offered[:-1])} ou {offered[-1]}.")
        return found or ""

    def _day(self, column: str) -> date | None:
        text = self.text(column)
        if not text:
            return None
        match = DAY.fullmatch(text)
        try:
            parts = match.groupdict() if match else {}
            day = date(*(int(parts[low] or parts[up]) for low, up in (("y", "Y"), ("m", "M"), ("d", "D"))))
        except (KeyError, ValueError):
            self.wrong(column, f"« {text} » n’est pas une date : écrivez jour, mois, année, par exemple 31/12/2008.")
            return None
        if not FIRST_DAY <= day <= LAST_DAY:
            self.wrong(column, f"« {text} » : vérifiez l’année, de {FIRST_DAY.year} à {LAST_DAY.year}.")
            return None
        return day

    def _bearer(self) -> tuple[str, str, int]:
        """(reference of the unit, programme, number of units)."""
        unit, programme, text = (self.text(name) for name in ("reference_logement", "programme", "nombre_logements"))
        if unit:
            if text not in ("", "1"):
                self.wrong(
                    "nombre_logements",
                    "un logement désigné compte pour 1 : laissez vide, ou ne donnez que le programme.",
                )
            return unit, programme, 1
        if not programme:
            self.wrong(
                "reference_logement",
                "dites quel logement porte ce titre, ou quel programme et combien de ses logements.",
            )
            return unit, programme, 0
        units = int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0
        if not 1 <= units <= MOST_UNITS:
            self.wrong(
                "nombre_logements",
                "écrivez combien de logements du programme portent ce titre : un entier à partir de 1.",
            )
        return unit, programme, units


UNIT, CONFIRMED = "logement", "exercice confirmé"

#: The columns that every file of what befell units has.
UNIT_COLUMN = Column(
    UNIT,
    text(UNIT_LONGEST_REFERENCE),
    "Votre référence, ou l’identifiant RPLS.",
    ("référence", "référence du logement", "identifiant RPLS", "ident_int", "ident_rep"),
    required=True,
    example="RH-03-009",
)
CONFIRMED_COLUMN = Column(
    CONFIRMED,
    yes_no,
    "Oui, pour un congé ancien ou d’une autre année que vous avez vérifié. Vide : ces lignes sont refusées.",
    ("confirmé",),
)


def units_named(lines: Sequence[FileLine], scope: Scope) -> dict[int, Unit]:
    """By number of line, its unit; a line that names none is refused. One query."""
    names = {line.values[UNIT] for line in lines}
    found = Unit.objects.filter(Q(reference__in=names) | Q(rpls_id__in=names), landlord=scope.landlord)
    units = list(found.select_related("landlord__organisation", "programme", "commune").order_by("pk"))
    by_name: dict[str, dict[int, Unit]] = {}
    for unit in units:
        for name in {unit.reference, unit.rpls_id} - {""}:
            by_name.setdefault(name, {})[unit.pk] = unit
    named: dict[int, Unit] = {}
    for line in lines:
        answering = list(by_name.get(line.values[UNIT], {}).values())
        if len(answering) == 1:
            named[line.number] = answering[0]
        elif answering:
            one, other = (f"{unit.reference} (RPLS {unit.rpls_id})" for unit in answering)
            line.refuse(
                UNIT,
                f"c’est la référence d’un logement et l’identifiant RPLS d’un autre : {one}, {other}. Écrivez "
                "l’autre nom de celui que vous voulez.",
            )
        else:
            line.refuse(
                UNIT,
                "aucun de vos logements n’a cette référence ni cet identifiant : vérifiez-la, ou importez-le d’abord.",
            )
    return named


def their_names(scope: Scope) -> QuerySet[Unit, tuple[int, str, str]]:
    """What lines are matched with: it moves when a unit is named otherwise, and not when its rent does."""
    return Unit.objects.filter(landlord=scope.landlord).values_list("pk", "reference", "rpls_id")
