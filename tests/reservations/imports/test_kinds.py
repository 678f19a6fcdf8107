"""Reading the lines of a file, cell by cell: « 200,000 lines in flat memory at 5,000 lines a second »."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from reservations.imports.cells import CellRefused
from reservations.imports.kinds import REPEATED, Column, FileKind, FileLine


def test_a_cell_that_repeats_is_read_once_a_file_and_a_wrong_one_is_reported_each_time() -> None:
    """What is remembered is bounded, and goes with the file: it may name people."""
    read = Counter[str]()

    def reading(cell: str) -> int:
        read[cell] += 1
        if not cell.isdecimal():
            raise CellRefused("écrivez un nombre.")
        return int(cell)

    class Numbers(FileKind):
        columns = (Column("nombre", reading, "Un nombre.", required=True), Column("autre", reading, "Un autre."))

        def key(self, values: Mapping[str, Any]) -> str:
            return str(values["nombre"])

    lines = [FileLine(number, [cell]) for number, cell in enumerate(["3", "3", "x", "x", "", "3"])]
    to_read = Numbers().reader({"nombre": 0})
    for line in lines:
        to_read(line)
    assert [line.values.get("nombre") for line in lines] == [3, 3, None, None, None, 3]
    assert [line.key for line in lines] == ["3", "3", "", "", "", "3"]
    assert [[sentence for _, _, sentence, _ in line.remarks] for line in lines] == [
        [],
        [],
        ["écrivez un nombre."],
        ["écrivez un nombre."],
        ["cette cellule est vide : remplissez-la."],
        [],
    ]
    assert read["3"] == 1
    for number in range(REPEATED + 1):
        to_read(FileLine(number, [str(10 + number)]))
    to_read(FileLine(0, ["3"]))
    assert read["3"] == 2
    Numbers().reader({"nombre": 0})(FileLine(0, ["3"]))
    assert read["3"] == 3
