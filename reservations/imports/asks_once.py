"""What is seldom true is asked once, line by line: the line waits until its column « valeurs confirmées » says yes.

What a line does not change is not asked again: confirmed once, it is what is kept (reservations/bounds.py, `Usual`).
"""

from __future__ import annotations

from collections.abc import Mapping

from reservations.imports.cells import yes_no
from reservations.imports.kinds import Column, FileLine

CONFIRMED = "valeurs confirmées"

#: The column of every kind of file whose lines may be asked something.
CONFIRMED_COLUMN = Column(
    CONFIRMED,
    yes_no,
    "Oui, pour une ligne dont une valeur est inhabituelle et que vous avez vérifiée. Vide : ces lignes sont refusées.",
    ("valeur confirmée", "c’est bien cela"),
)


def ask_once(line: FileLine, doubts: Mapping[str, str]) -> None:
    """Refuse a line for what is seldom true there, by column, unless it says that it is so."""
    if line.values.get(CONFIRMED):
        return
    for column, sentence in doubts.items():
        line.refuse(
            column,
            f"{sentence} Corrigez, ou, si c’est bien cela, écrivez oui dans la colonne « {CONFIRMED} » de cette ligne.",
        )


def of_columns(doubts: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    """The doubts of fields, by the column of each: `columns`, the field of each column."""
    by_field = {field: column for column, field in columns.items()}
    return {by_field[field]: sentence for field, sentence in doubts.items() if field in by_field}
