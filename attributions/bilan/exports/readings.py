"""The tables beside the acts of the year: what was late, what became of the units registered, and the bridge."""

from __future__ import annotations

from attributions.bilan.exports.columns import CELL, HOLDER, MEASURES, DoneLine
from attributions.bilan.queries.earlier import LateActs
from attributions.bilan.queries.whole import WholeBalance
from flux.queries.cells import Measures
from reservations.exports.listing import ListColumn, columned
from reservations.exports.sheet import Kind, Sheet

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
