"""The kinds of holders that tables put side by side, in words."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.bilan.pages.axes import axis_name
from attributions.bilan.queries.scales import HolderKind, Scale
from flux.queries.cells import Measures
from flux.words import known
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import integer, upper_first

KINDS = {
    HolderKind.STATE: "État",
    HolderKind.ACTION_LOGEMENT: "Action Logement",
    HolderKind.AUTHORITY: "Collectivités",
    HolderKind.OTHER: "Autres",
    HolderKind.NOT_RESERVED: "Non réservé",
}


def kind_names(kinds: Iterable[HolderKind]) -> list[str]:
    """The headings of their columns."""
    return [KINDS[kind] for kind in kinds]


def kind_name(kind: HolderKind) -> str:
    """« Collectivités »."""
    return KINDS[kind]


#: What is counted for each kind of holder, in the order of the columns.
MEASURES = {
    "offered": "Proposés",
    "returned": "Rendus",
    "lapsed": "Délais écoulés sans candidat",
    "allocated": "Attribués",
    "leased": "Loués",
    "first_lettings": "Premières mises en location",
}


def kinds_table(read: Scale) -> Table:
    """A kind of holder a row: what it was offered, and what came of it."""
    rows = [(kind_name(kind), *_measured(each)) for kind, each in read.holders.items()]
    total = ("Ensemble", *_measured(read.total))
    headings = ("Réservataires", *(f"{words}{FIGURE}" for words in MEASURES.values()))
    note = "En logements. Premières mises en location comptées à part."
    return table("", "Ce que chaque type de réservataire s’est vu proposer", note, headings, rows, totals=[total])


def _measured(read: Measures) -> tuple[str, ...]:
    return tuple(integer(getattr(read, measure)) for measure in MEASURES)


def axes_tables(read: Scale, year: int) -> list[Table]:
    """The axes of the decree, one by one."""
    note = (
        f"Logements proposés, attribués, loués en {year} ; puis proposés à chaque type de réservataire (CCH, R441-5-1)."
    )
    kinds = [Head(name, "n" if place else "n grp") for place, name in enumerate(kind_names(read.holders))]
    return [
        table(
            f"t-axe-{place}",
            f"Par {axis_name(axis)}",
            note,
            (upper_first(axis_name(axis)), f"Proposés{FIGURE}", f"Attribués{FIGURE}", f"Loués{FIGURE}", *kinds),
            [
                (
                    known(line.name),
                    *(integer(each) for each in (line.measures.offered, line.measures.allocated, line.measures.leased)),
                    *(integer(count) for count in line.offered.values()),
                )
                for line in lines
            ],
        )
        for place, (axis, lines) in enumerate(read.axes, start=1)
    ]
