"""A real spreadsheet program, for the tests: gnumeric's `ssconvert` opens a workbook and says what its cells hold."""

from __future__ import annotations

import csv
import io
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from reservations.exports.spreadsheet import Cell, Column, Kind

#: Day 0 of the spreadsheets.
ORIGIN = date(1899, 12, 30)


def opened(content: bytes, folder: Path, shown: str = "raw") -> list[list[list[str]]]:
    """The rows of each sheet, as the program reads them: exact (« raw ») or as it shows them (« preserve »).

    Nothing that it had to repair, guess or leave out passes: it says it on stderr.
    """
    path = folder / "book.xlsx"
    path.write_bytes(content)
    options = ["-S", "-T", "Gnumeric_stf:stf_assistant", "-O", f"format={shown} separator=;"]
    done = subprocess.run(
        ["ssconvert", *options, path, "sheet-%n.csv"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == "", done.stderr
    assert done.returncode == 0, done.returncode
    sheets = sorted(folder.glob("sheet-*.csv"), key=lambda found: int(found.stem.removeprefix("sheet-")))
    return [list(csv.reader(io.StringIO(sheet.read_text("utf-8")), delimiter=";")) for sheet in sheets]


def typed(column: Column, text: str) -> Cell:
    """What an exact cell holds, of the kind of its column: a number of decimals is no float here."""
    if text == "":
        return None
    match column.kind:
        case Kind.TEXT:
            return text
        case Kind.DATE:
            return ORIGIN + timedelta(days=int(text))
        case Kind.INTEGER:
            return int(text)
        case _:
            return Decimal(text)
