"""Files of the door that go out: the model of a kind, and the refused lines of a file, to correct and give again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from reservations.exports.sheet import clean, risky

BOM = "\ufeff"
LINE, MEND = "ligne", "à corriger"


def model(names: Sequence[str], examples: Sequence[str]) -> str:
    """The names of the columns, and one line as an example."""
    return BOM + _line(names) + (_line(examples) if any(examples) else "")


def refused_lines(
    header: Sequence[str], lines: Iterable[tuple[int, Sequence[str], Sequence[Sequence[object]]]]
) -> Iterator[str]:
    """Only the refused lines, as they were, then their number and what to mend: two columns that no import reads."""
    yield BOM + _line([*header, LINE, MEND])
    width = len(header)
    for number, cells, remarks in lines:
        held = [*cells, *[""] * (width - len(cells))][:width]
        mend = " ; ".join(f"{column} : {sentence}" for column, _, sentence, stops in remarks if stops)
        yield _line([*held, str(number), mend])


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(
        f"'{cell}" if risky(cell) else cell for cell in map(clean, cells)
    )
    return out.getvalue()
