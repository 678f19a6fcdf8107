"""Reading the rows of a semicolon-separated file, as spreadsheets and landlords' software write them.

Encoding: UTF-8, with or without its mark. A file in another encoding is refused, with the line of the first wrong
byte: bytes alone do not tell cp1252 from latin-1 or latin-9, and a wrong guess would write wrong street names, hence
wrong units. A quote never reaches over the end of its line, so that one dirty row cannot swallow the next.
"""

from __future__ import annotations

import csv

from reservations.refusals import Refusal


class FileRefused(Refusal):
    """The whole file cannot be read: nothing of it is imported."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="file")


def read_table(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, in capitals, then each row that is not blank: its line in the file, its cells.

    Cells are trimmed. A row may have more or fewer cells than there are columns: the reader says what it thinks of it.
    Raises FileRefused when the file is empty, is not UTF-8 text, or has no header separated by semicolons.
    """
    first, *lines = _lines(_text(content))
    header = _header(first)
    rows = ((number, _cells(line, len(header))) for number, line in enumerate(lines, start=2))
    return header, [(number, cells) for number, cells in rows if any(cells)]


def _text(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileRefused("C’est un classeur de tableur : enregistrez-le au format « CSV UTF-8 », puis choisissez-le.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(
            f"Le fichier n’est pas en UTF-8 (première erreur à la ligne {line}) : enregistrez-le au format "
            "« CSV UTF-8 », puis choisissez-le de nouveau."
        ) from error
    if not text.strip():
        raise FileRefused("Le fichier est vide : choisissez le fichier RPLS exporté de votre logiciel.")
    if "\0" in text.partition("\n")[0]:
        raise FileRefused("Le fichier n’est pas en UTF-8 : enregistrez-le au format « CSV UTF-8 ».")
    return text


def _lines(text: str) -> list[str]:
    """Physical lines. `str.splitlines` also cuts at rare characters that a name may hold."""
    if "\n" not in text:
        return text.split("\r")
    return [line.removesuffix("\r") for line in text.split("\n")]


def _cells(line: str, expected: int = 0) -> list[str]:
    """The trimmed cells of one line. A stray quote is a character like another."""
    bare = line.split(";")
    if '"' in line:
        try:
            quoted = next(csv.reader([line], delimiter=";", strict=True))
        except csv.Error:
            quoted = bare
        if expected in (0, len(quoted)) or len(bare) != expected:
            bare = quoted
    return [cell.strip() for cell in bare]


def _header(line: str) -> list[str]:
    names = [name.upper() for name in _cells(line)]
    if len(names) > 1:
        return names
    for sign, words in ((",", "des virgules"), ("\t", "des tabulations")):
        if sign in line:
            raise FileRefused(
                f"Les colonnes sont séparées par {words} : enregistrez le fichier avec des points-virgules."
            )
    raise FileRefused(
        "Ce n’est pas un tableau : la première ligne doit donner les noms des colonnes, séparés par des "
        "points-virgules."
    )
