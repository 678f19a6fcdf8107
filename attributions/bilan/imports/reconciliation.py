"""Files that are compared with the ledger: the SNE's export of the housed, and an extract of SYPLO (our own format).

A file is read whole or refused whole, with the lines to correct: half a comparison would send people after lettings
that are there. Nothing is written here. Formats: docs/reconciliation.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from attributions.bilan.imports.papers import contingents_of
from attributions.bilan.reconciliation import FileRow, Source
from attributions.households.imports.sne import CellRefused, day_of, text_of, unique_number
from attributions.households.imports.sne_table import NUMBER, column_key, read_sne_table
from flux.imports.inventory import read_any_table
from reservations.imports.table import FileRefused
from reservations.models import ReservationHolder
from reservations.models.territory import search_key

SNE_CLOSED = "Date de la radiation"
SNE_HOLDER = "Réservataire"
SNE_UNIT = "Numéro RPLS du logement attribué"
SNE_COMMUNE = "Code de la commune attribuée"
REFERENCE = "Référence du logement"
#: Columns that the export must have; REFERENCE is read too when somebody added it.
SNE_COLUMNS = (NUMBER, SNE_CLOSED, SNE_UNIT, SNE_COMMUNE, SNE_HOLDER)

COMMUNE = "Commune (INSEE)"
CONTINGENT = "Contingent"
PROPOSED = "Date de proposition"
LEASED = "Date du bail"
OUTCOME = "Issue"
LANDLORD = "SIREN du bailleur"
SYPLO_COLUMNS = (NUMBER, REFERENCE, COMMUNE, CONTINGENT, PROPOSED, LEASED, OUTCOME)

#: What became of a proposal, as `search_key` writes it: is it an allocation?
OUTCOMES = {
    "bail signe": True,
    "attribue": True,
    "propose": False,
    "refuse": False,
    "non attribue": False,
    "annule": False,
}
#: Codes of whole cities whose units are known by their arrondissement.
WHOLE_CITIES = {"75056", "13055", "69123"}
LONGEST_UNIT = 40
MOST_SHOWN = 5

Cells = Mapping[str, object]


def read_compared(source: Source, content: bytes, *, today: date) -> list[FileRow]:
    """The rows of a file, in its order.

    Raises FileRefused: no table, a column missing, no row, or lines to correct, which it names.
    """
    return _sne(content, today) if source == Source.SNE else _syplo(content, today)


def _sne(content: bytes, today: date) -> list[FileRow]:
    keys, table = read_sne_table(content)
    if column_key(SNE_CLOSED) not in keys and column_key(SNE_HOLDER) not in keys:
        raise FileRefused(
            "C’est l’export des demandeurs : choisissez celui des attributaires, qui dit les logements attribués."
        )
    places = _places(keys, SNE_COLUMNS, (REFERENCE,))
    return _rows(places, table, lambda line, cells: _sne_row(line, cells, today))


def _syplo(content: bytes, today: date) -> list[FileRow]:
    table = read_any_table(content)
    places = _places([column_key(name) for name in table.header], SYPLO_COLUMNS, (LANDLORD,))
    if table.errors:
        raise _to_correct([(error.row, f"{error.column} : {error.sentence}") for error in table.errors])
    return _rows(places, table.rows, lambda line, cells: _syplo_row(line, cells, today))


def _places(keys: Sequence[str], needed: Iterable[str], more: Iterable[str]) -> dict[str, int]:
    """Where each column stands. Raises FileRefused: missing, or there twice."""
    places = {}
    for name, is_needed in [*((name, True) for name in needed), *((name, False) for name in more)]:
        found = keys.count(column_key(name))
        if not found and is_needed:
            raise FileRefused(f"Il manque la colonne « {name} » : ajoutez-la au fichier, même vide.")
        if found > 1:
            raise FileRefused(f"La colonne « {name} » est donnée deux fois : n’en gardez qu’une.")
        if found:
            places[name] = keys.index(column_key(name))
    return places


def _rows(
    places: Mapping[str, int],
    table: Iterable[tuple[int, Sequence[object]]],
    read: Callable[[int, Cells], FileRow],
) -> list[FileRow]:
    rows, wrong = list[FileRow](), list[tuple[int, str]]()
    for line, cells in table:
        row = {name: cells[place] if place < len(cells) else None for name, place in places.items()}
        try:
            rows.append(read(line, row))
        except CellRefused as refused:
            wrong.append((line, str(refused)))
    if wrong:
        raise _to_correct(wrong)
    if not rows:
        raise FileRefused("Le fichier a ses noms de colonnes mais aucune ligne : choisissez un export rempli.")
    return rows


def _to_correct(wrong: Sequence[tuple[int, str]]) -> FileRefused:
    """Which lines to correct, and how; the first of them when they are many."""
    count = "1 ligne est" if len(wrong) == 1 else f"{len(wrong)} lignes sont"
    reasons = " ".join(f"Ligne {line}, {reason}" for line, reason in wrong[:MOST_SHOWN])
    more = f" Et {len(wrong) - MOST_SHOWN} de plus." if len(wrong) > MOST_SHOWN else ""
    return FileRefused(f"Rien n’est comparé, {count} à corriger. {reasons}{more}")


def _sne_row(line: int, cells: Cells, today: date) -> FileRow:
    number = _read_cell(cells, NUMBER, unique_number)
    leased_on = _read_cell(cells, SNE_CLOSED, lambda cell: day_of(cell, today=today))
    if leased_on is None:
        raise CellRefused(f"{SNE_CLOSED} : elle manque ; sans elle, l’année ne se sait pas.")
    contingents, words = contingents_of(text_of(cells[SNE_HOLDER]))
    unit = _read_cell(cells, REFERENCE, _unit) if REFERENCE in cells else ""
    rpls = _read_cell(cells, SNE_UNIT, _unit)
    return FileRow(
        line=line,
        number=number,
        unit=unit or rpls,
        rpls=rpls,
        commune=_read_cell(cells, SNE_COMMUNE, _commune),
        contingents=contingents,
        words=words,
        leased_on=leased_on,
    )


def _syplo_row(line: int, cells: Cells, today: date) -> FileRow:
    number = _read_cell(cells, NUMBER, unique_number) if text_of(cells[NUMBER]) else ""
    unit = _read_cell(cells, REFERENCE, _unit)
    if not number and not unit:
        raise CellRefused(f"{NUMBER} : donnez-le, ou la référence du logement ; sans eux, rien ne se rapproche.")
    contingents, words = contingents_of(text_of(cells[CONTINGENT]))
    if len(contingents) != 1 or not contingents <= set(ReservationHolder.STATE):
        raise CellRefused(f"{CONTINGENT} : écrivez « prioritaires » ou « agents ».")
    settled = OUTCOMES.get(search_key(text_of(cells[OUTCOME])))
    if settled is None:
        raise CellRefused(
            f"{OUTCOME} : écrivez « bail signé », « attribué », « proposé », « refusé », « non attribué », « annulé »."
        )
    proposed_on = _read_cell(cells, PROPOSED, lambda cell: day_of(cell, today=today))
    leased_on = _read_cell(cells, LEASED, lambda cell: day_of(cell, today=today))
    if (search_key(text_of(cells[OUTCOME])) == "bail signe") is not (leased_on is not None):
        raise CellRefused(f"{LEASED} : un bail signé a sa date, et lui seul.")
    return FileRow(
        line=line,
        number=number,
        unit=unit,
        commune=_read_cell(cells, COMMUNE, _commune),
        contingents=contingents,
        words=words,
        proposed_on=proposed_on,
        leased_on=leased_on,
        settled=settled,
        landlord=_read_cell(cells, LANDLORD, _siren) if LANDLORD in cells else "",
    )


def _read_cell[T](cells: Cells, name: str, read: Callable[[object], T]) -> T:
    """The cell of a column, read. Raises CellRefused with the name of the column."""
    try:
        return read(cells[name])
    except CellRefused as refused:
        raise CellRefused(f"{name} : {refused}") from refused


def _unit(value: object) -> str:
    text = text_of(value)
    if len(text) > LONGEST_UNIT:
        raise CellRefused(f"{LONGEST_UNIT} caractères au plus : raccourcissez-la.")
    return text.upper()


def _commune(value: object) -> str:
    """An INSEE code; a spreadsheet may have eaten its first zero."""
    code = text_of(value).upper()
    code = code.zfill(5) if code.isdecimal() else code
    if code and (len(code) != 5 or not code.isalnum()):
        raise CellRefused(f"« {code[:20]} » n’est pas un code INSEE : cinq caractères, 11262 par exemple.")
    return "" if code in WHOLE_CITIES else code


def _siren(value: object) -> str:
    siren = "".join(text_of(value).split())
    if siren and (len(siren) != 9 or not siren.isdecimal()):
        raise CellRefused(f"« {siren[:20]} » n’est pas un SIREN : neuf chiffres.")
    return siren
