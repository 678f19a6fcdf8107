"""What pages say of scales.

* The axes of the decree, as a remark on one of their lines calls them.
* One axis of a balance: holders by categories of units, two measures side by side (CCH, R441-5-1).
* The kinds of holders that tables put side by side, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.utils.html import format_html

from attributions.bilan.models import BalanceRemark
from attributions.bilan.pages.balances import Figure
from attributions.bilan.queries.scales import AxisLine, HolderKind, Scale
from flux.queries.cells import Axis, Measures
from flux.words import known
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import upper_first


def axis_name(axis: Axis) -> str:
    """« typologie »."""
    return str(BalanceRemark.Line(axis).label)


@dataclass(frozen=True, slots=True)
class Choice:
    """Two measures side by side: their names, their heads, and what a cell says of them."""

    slug: str
    words: str
    measures: tuple[str, str]
    heads: tuple[str, str]
    letters: tuple[str, str]


@dataclass(frozen=True, slots=True)
class AxisRow:
    """A line of the table: a holder, or all of them; pairs of figures by category, then in all."""

    words: str
    pairs: list[tuple[Figure, Figure]]

    def figure(self, *, at: int, measure: int) -> int:
        """The count of a category, by its place."""
        return self.pairs[at][measure].value

    def figure_words(self, *, at: int, measure: int) -> str:
        """The same, leading to its units."""
        return self.pairs[at][measure].words


def axis_table(title: str, choice: Choice, categories: Sequence[str], rows: Sequence[AxisRow], total: AxisRow) -> Table:
    """A holder a row; under each category, and under all of them, the two measures by their letter."""
    first, second = (
        format_html('<abbr title="{}">{}</abbr>', head, letter)
        for head, letter in zip(choice.heads, choice.letters, strict=True)
    )
    pairs = [
        Shown(
            Head(head, "n grp" if measure == 0 else "n", label="", group=words),
            partial(AxisRow.figure_words, at=at, measure=measure),
            total.figure_words(at=at, measure=measure),
        )
        for at, words in enumerate((*categories, "Ensemble"))
        for measure, head in enumerate((first, second))
    ]
    letters = " ".join(f"{letter} : {head}." for letter, head in zip(choice.letters, choice.heads, strict=True))
    note = f"{letters} Chaque nombre mène à ses logements."
    holder = Shown[AxisRow](Head("Réservataire", ""), lambda row: row.words, total.words)
    return Rows(rows, holder, *pairs).titled("t-axe", title, note, css="wide")


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
