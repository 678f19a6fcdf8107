"""The files of changes that go out.

* Columns that the tables of a balance share: whose line it is, and the measures of the decree.
* What was recorded once a balance was sealed, as a table of its files (docs/decisions/0121).
* The tables beside the acts of the year: what was late, what became of the units registered, and the bridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from attributions.bilan.moved import Seal
from attributions.bilan.pages.overview import FIGURES, cause_words, taken_words
from attributions.bilan.pages.scales import axis_name
from attributions.bilan.queries.changes import Change
from attributions.bilan.queries.figures import LateActs
from attributions.bilan.queries.transmissions import Month, WholeBalance
from flux.queries.cells import Axis, Measures
from flux.words import known
from reservations.exports.listing import ListColumn, columned
from reservations.exports.page import MONTH
from reservations.exports.spreadsheet import Kind, Sheet
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.words import day, upper_first

#: Whose row is that of all holders.
TOGETHER = "Ensemble"
#: The measures of a cell, in the order of the files: the field of `Measures`, and what it is called.
MEASURES = {
    "offered": "Proposés",
    "designated": "Candidats désignés",
    "allocated": "Attribués",
    "leased": "Loués",
    "returned": "Rendus",
    "lapsed": "Délais écoulés sans candidat",
    "refused": "Candidatures non abouties",
    "first_lettings": "Premières locations proposées",
    "first_allocated": "Premières locations attribuées",
    "first_leased": "Premières locations louées",
}
#: Which reading the tables are of, but those of the cohort; months are those of the accounts of the exercise.
DONE = (
    "Proposés, attribués, loués, rendus… : du 1er janvier au 31 décembre, quelle que soit l’année d’enregistrement du "
    "logement."
)
UNITS = (
    f"En logements ; candidatures non abouties : en candidats. {DONE} « non renseigné » : à compléter par le bailleur."
)


class Held(Protocol):
    """A row of a holder, or of all of them."""

    @property
    def holder(self) -> ReservationHolder | None: ...


class Measured(Protocol):
    """A row with the measures of the decree."""

    @property
    def measures(self) -> Measures: ...


HOLDER: tuple[ListColumn[Held], ...] = (
    ListColumn("Réservataire", key="holder", read=lambda row: str(row.holder or TOGETHER)),
    ListColumn("SIREN réservataire", key="siren", read=lambda row: row.holder.organisation.siren if row.holder else ""),
    ListColumn(
        "Contingent",
        Kind.INTEGER,
        number_format="0",
        key="contingent",
        read=lambda row: row.holder.contingent if row.holder else None,
    ),
)


def _measure(row: Measured, *, name: str) -> int:
    figure: int = getattr(row.measures, name)
    return figure


CELL: tuple[ListColumn[Measured], ...] = tuple(
    ListColumn(title, Kind.INTEGER, key=name, read=partial(_measure, name=name)) for name, title in MEASURES.items()
)


@dataclass(frozen=True, slots=True)
class DoneLine:
    """What one holder, or all of them, did; `category`: among which units, or in whose words."""

    holder: ReservationHolder | None
    measures: Measures
    category: str = ""


def in_units(millionths: int) -> Decimal:
    """A due, exact, from millionths of a unit."""
    return Decimal(millionths) / UNIT


#: What a month of an account adds up besides its due, in the order of the files.
MONTHLY = {
    "routed": "Orientés",
    "awaiting": "À confirmer",
    "received": "Reçus",
    "offered": "Proposés",
    "designated": "Candidats désignés",
    "allocated": "Attribués",
    "leased": "Baux signés",
    "returned": "Rendus",
    "lapsed": "Délais écoulés sans candidat",
    "refused_applicant": "Refus du demandeur",
    "refused_holder": "Retraits du réservataire",
    "refused_landlord": "Du fait du bailleur",
    "refused_committee": "Refus de la CALEOL",
    "refused_unit": "Du fait du logement",
}


def _monthly(month: Month, *, name: str) -> int:
    figure: int = getattr(month, name)
    return figure


#: What each account wrote in a month.
MONTHS: tuple[ListColumn[Month], ...] = (
    ListColumn("Mois", Kind.DATE, MONTH, key="month", read=lambda month: month.first),
    ListColumn("Dû", Kind.DECIMAL, key="due", read=lambda month: in_units(month.due)),
    ListColumn("dont report", Kind.DECIMAL, key="carried", read=lambda month: in_units(month.carried)),
    *(
        ListColumn[Month](title, Kind.INTEGER, key=name, read=partial(_monthly, name=name))
        for name, title in MONTHLY.items()
    ),
)


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


#: The one rule of what comes after a seal (docs/decisions/0042).
RULE = (
    "En logements, avec leur signe. Un acte compte l’année de sa date, et ce qui le défait l’en retire. Enregistré "
    "après le scellement du bilan de cette année, il entre dans sa prochaine version, et jusque-là dans le premier "
    "bilan suivant qui n’est pas scellé."
)


def cohort(content: WholeBalance) -> Sheet:
    """The other reading: what became, whenever, of the units registered in the year."""
    columns: tuple[ListColumn[DoneLine], ...] = (*HOLDER, *CELL)
    return columned(
        f"Logements enregistrés en {content.year}",
        [DoneLine(line.holder, content.cohort.holder(line.holder.pk)) for line in content.lines],
        *columns,
        note="En logements ; candidatures non abouties : en candidats. Ce que sont devenus, même l’année suivante, les "
        f"logements enregistrés en {content.year}.",
        totals=[DoneLine(None, content.cohort.total())],
    )


def bridge(content: WholeBalance) -> Sheet:
    """From one reading to the other: what is in both, and what is in one alone."""
    crossed, year = content.balance.bridge, content.year
    later, before = (
        sum((of for _, of in found), Measures()) for found in (crossed.done_otherwise, crossed.registered_otherwise)
    )
    return columned(
        "D’une lecture à l’autre",
        [
            (title, *(getattr(measures, name) for measures in (crossed.both, later, before)))
            for name, title in MEASURES.items()
        ],
        ListColumn("Mesure", key="measure", read=lambda each: each[0]),
        ListColumn(
            f"Parmi les logements enregistrés en {year}",
            Kind.INTEGER,
            key="by_cohort",
            read=lambda each: each[1] + each[2],
        ),
        ListColumn("dont faits une autre année", Kind.INTEGER, key="done_otherwise", read=lambda each: each[2]),
        ListColumn(f"Enregistrés et faits en {year}", Kind.INTEGER, key="both", read=lambda each: each[1]),
        ListColumn("Enregistrés une autre année", Kind.INTEGER, key="registered_otherwise", read=lambda each: each[3]),
        ListColumn(f"Faits en {year}", Kind.INTEGER, key="by_act", read=lambda each: each[1] + each[3]),
        note="En logements ; candidatures non abouties : en candidats.",
    )


def late(content: WholeBalance) -> Sheet:
    """Acts registered or undone after the balance of their year was sealed: those that this one takes, and those of its
    own year that another takes."""
    found = content.balance.late
    return columned(
        "Exercices antérieurs",
        [*found.earlier, *found.since] if found is not None else [],
        *HOLDER,
        ListColumn[LateActs](
            "Dits par",
            key="taken_by",
            read=lambda each: (
                "ce bilan" if each.exercise != content.year else f"la prochaine version, ou le bilan {each.taken_by}"
            ),
        ),
        ListColumn[LateActs]("Année des actes", key="exercise", read=lambda each: str(each.exercise)),
        *CELL,
        note=RULE,
    )


def on_one_page(sheet: Sheet) -> Sheet:
    """A table of holders without their numbers."""
    return sheet.without(HOLDER[1:])
