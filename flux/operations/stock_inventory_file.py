"""What a file of the inventory of rights says, what is wrong with it, and what importing it would write."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from flux.models import StockAssignment
from reservations.models import StockRight
from reservations.refusals import Refusal

#: The column that each field of a title comes from.
COLUMN_OF = {
    "reference": "reference_titre",
    "holder": "siren_reservataire",
    "ground": "fondement",
    "use": "usage",
    "starts_on": "debut",
    "ends_on": "fin",
    "loan_ends_on": "fin_emprunt",
}


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with one cell of the file: its row (the header is row 1), its column, one sentence."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"Ligne {self.row}, {self.column} : {self.sentence}"


@dataclass(frozen=True, slots=True)
class InventoryLine:
    """One row: a title, and one unit by its reference or so many `units` of a programme (its name or number)."""

    row: int
    reference: str
    siren: str
    contingent: int | None
    ground: str
    use: str
    starts_on: date
    ends_on: date | None
    loan_ends_on: date | None
    programme: str
    unit: str
    units: int

    @property
    def said(self) -> dict[str, object]:
        """What it says of its title, by column: the same on every row of one title."""
        return {
            "siren_reservataire": self.siren,
            "contingent": self.contingent,
            "fondement": self.ground,
            "usage": self.use,
            "debut": self.starts_on,
            "fin": self.ends_on,
            "fin_emprunt": self.loan_ends_on,
        }


class InventoryRefused(Refusal):
    """Something in the file cannot be imported: nothing of it is. `errors` say what, row by row."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__(
            f"Rien n’est importé : {len(errors)} erreur{'s' if len(errors) > 1 else ''} à corriger dans le fichier. "
            f"{errors[0]}",
            field="file",
        )
        self.errors = tuple(errors)


@dataclass(slots=True)
class InventoryPlan:
    """What there is to write, and what is wrong. `beyond`: bearers recorded that the file no longer names."""

    errors: list[RowError] = field(default_factory=list)
    titles: list[StockRight] = field(default_factory=list)
    bearers: list[StockAssignment] = field(default_factory=list)
    titles_known: int = 0
    units_known: int = 0
    beyond: int = 0

    @property
    def units(self) -> int:
        """Units that will bear a title from now on."""
        return sum(bearer.units for bearer in self.bearers)

    @property
    def by_holder(self) -> list[tuple[str, int, int]]:
        """(holder, new titles, units that will bear its titles)."""
        titles: dict[str, int] = defaultdict(int)
        units: dict[str, int] = defaultdict(int)
        for title in self.titles:
            titles[str(title.holder)] += 1
        for bearer in self.bearers:
            units[str(bearer.right.holder)] += bearer.units
        return [(name, titles[name], units[name]) for name in sorted({*titles, *units})]
