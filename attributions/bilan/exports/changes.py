"""What was recorded once a balance was sealed, as a table of its files (docs/decisions/0121)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from attributions.bilan.exports.columns import HOLDER
from attributions.bilan.moved import Seal
from attributions.bilan.pages.axes import axis_name
from attributions.bilan.pages.changes import FIGURES, cause_words, taken_words
from attributions.bilan.queries.changes import Change
from attributions.bilan.queries.whole import WholeBalance
from flux.queries.cells import Axis
from flux.words import known
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind, Sheet
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.words import day, upper_first


@dataclass(frozen=True, slots=True)
class _Moved:
    """A figure that differs: `name`, of the change; `measure`, what it is called."""

    change: Change
    name: str
    measure: str

    @property
    def holder(self) -> ReservationHolder:
        return self.change.holder

    def category(self, axis: Axis) -> str:
        """That of an axis, where the change has one."""
        return known(self.change.categories[axis]) if axis in self.change.categories else ""


ACT: tuple[ListColumn[_Moved], ...] = (
    ListColumn("Cause", key="cause", read=lambda each: cause_words(each.change)),
    ListColumn("Logement", key="unit", read=lambda each: each.change.unit),
    ListColumn("Acte du", Kind.DATE, key="acted_on", read=lambda each: each.change.acted_on),
    ListColumn("Enregistré le", Kind.DATE, key="recorded_on", read=lambda each: each.change.recorded_on),
)
CATEGORIES: tuple[ListColumn[_Moved], ...] = tuple(
    ListColumn(upper_first(axis_name(axis)), key=axis.lower(), read=partial(_Moved.category, axis=axis))
    for axis in Axis
)
DIFFERENCE: tuple[ListColumn[_Moved], ...] = (
    ListColumn("Colonne", key="measure", read=lambda each: each.measure),
    ListColumn(
        "Différence",
        Kind.DECIMAL,
        "+#,##0.00;-#,##0.00;0.00",
        key="quantity",
        read=lambda each: Decimal(each.change.figures[each.name]) / (UNIT if each.name == "due" else 1),
    ),
    ListColumn("Pris par", key="taken_by", read=lambda each: taken_words(each.change)),
)


def changes_sheet(content: WholeBalance) -> Sheet:
    """A row a figure that differs."""
    return _sheet(content, *ACT, *HOLDER, *CATEGORIES, *DIFFERENCE)


def changes_on_paper(content: WholeBalance) -> Sheet:
    """As wide as a page: the holder by its name, the cell in one column."""
    cell = ListColumn[_Moved]("Case", key="cell", read=lambda each: ", ".join(filter(None, map(each.category, Axis))))
    return _sheet(content, *ACT, HOLDER[0], cell, *DIFFERENCE)


def _sheet(content: WholeBalance, *columns: ListColumn[_Moved]) -> Sheet:
    rows = [
        _Moved(each, name, words) for each in content.changes for name, words in FIGURES.items() if name in each.figures
    ]
    sealed = " ; ".join(
        f"{each.departement} : version {each.version}, scellée le {day(each.sealed_on)}, empreinte {each.digest}"
        for each in content.balance.since.seals
    )
    note = f"{sealed}. Les autres tableaux disent ce qui a été scellé ; à ajouter, avec leur signe, pour lire le jour."
    return columned("Depuis le scellement", rows, *columns, note=note)


def seal_as_json(each: Seal) -> dict[str, Any]:
    """For `balance.json`."""
    return {
        "departement": each.departement,
        "version": each.version,
        "on": each.sealed_on.isoformat(),
        "seal": each.digest,
    }


def change_as_json(each: Change) -> dict[str, Any]:
    """For `balance.json`: by code, whole numbers."""
    return {
        "cause": each.cause.value,
        "unit": each.unit or None,
        "acted_on": each.acted_on.isoformat() if each.acted_on else None,
        "recorded_on": each.recorded_on.isoformat(),
        "siren": each.holder.organisation.siren,
        "contingent": each.holder.contingent,
        "name": str(each.holder),
        "cell": {axis.value: category or None for axis, category in each.categories.items()} or None,
        "figures": each.figures,
        "taken_by": each.taken_by,
    }
