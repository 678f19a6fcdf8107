"""The kinds of holders that tables put side by side, in words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from attributions.bilan.pages.axes import axis_name
from attributions.bilan.queries.scales import AxisLine, HolderKind, Scale
from flux.queries.cells import Measures
from flux.words import known
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import upper_first

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
    note = "En logements. Premières mises en location comptées à part."
    return Rows(
        read.holders.items(),
        Shown("Réservataires", lambda each: kind_name(each[0]), "Ensemble"),
        *(
            Number(words, partial(_measured, measure=measure), getattr(read.total, measure))
            for measure, words in MEASURES.items()
        ),
    ).titled("", "Ce que chaque type de réservataire s’est vu proposer", note)


def _measured(each: tuple[HolderKind, Measures], *, measure: str) -> int:
    count: int = getattr(each[1], measure)
    return count


def axes_tables(read: Scale, year: int) -> list[Table]:
    """The axes of the decree, one by one."""
    note = (
        f"Logements proposés, attribués, loués en {year} ; puis proposés à chaque type de réservataire (CCH, R441-5-1)."
    )
    kinds = [
        Shown(Head(name, "n" if place else "n grp"), partial(_offered, kind=kind))
        for place, (kind, name) in enumerate(zip(read.holders, kind_names(read.holders), strict=True))
    ]
    return [
        Rows(
            lines,
            Shown(upper_first(axis_name(axis)), lambda line: known(line.name)),
            Number("Proposés", lambda line: line.measures.offered),
            Number("Attribués", lambda line: line.measures.allocated),
            Number("Loués", lambda line: line.measures.leased),
            *kinds,
        ).titled(f"t-axe-{place}", f"Par {axis_name(axis)}", note)
        for place, (axis, lines) in enumerate(read.axes, start=1)
    ]


def _offered(line: AxisLine, *, kind: HolderKind) -> int:
    return line.offered[kind]
