"""What a holder asks for, beside what its share of the flow brings, in tables."""

from __future__ import annotations

from collections.abc import Iterable

from flux.pages.needs import category_name, dimension_name
from flux.queries.needs import Comparison, Declared
from reservations.models import ReservationHolder
from reservations.pages.pieces import below, bold, muted
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import day


def comparison_table(part: Comparison, last: str) -> Table:
    """One dimension, category by category: the flow, what is asked, and what that gives (`last`, in words)."""
    rows = [
        (
            category_name(row.category),
            f"{row.flow} %",
            f"{row.declared} %" if part.declares else "–",
            bold(f"{row.target} %") if part.targeted else "–",
        )
        for row in part.rows
    ]
    headings = (Head("Catégorie", ""), f"Dans le flux{FIGURE}", f"Besoin{FIGURE}", f"{last}{FIGURE}")
    note = "En pourcentage de ce qui revient au réservataire."
    return table(f"t-{part.dimension}", dimension_name(part.dimension), note, headings, rows, css="")


def declared_table(acts: Iterable[Declared], holder: ReservationHolder, *, own: bool) -> Table:
    """What was declared, the latest first; by whom, for the holder's own people."""
    rows = [
        (
            day(each.declaration.declared_at),
            below(
                *([_asked(part) for part in each.mix] or ["Besoins retirés"]),
                muted(each.declaration.note) if each.declaration.note else "",
            ),
            str(each.declaration.from_sequence),
            str(each.declaration.declared_by if own else holder.organisation),
        )
        for each in acts
    ]
    headings = (Head("Date", "nw"), "Besoins", Head("À partir du n°", "n"), Head("Par", ""))
    title = "Déclarations de besoins, de la plus récente à la plus ancienne"
    return table("", title, "", headings, rows, head_at=1, quiet=True, none="Aucun besoin déclaré dans ce compte.")


def _asked(part: Comparison) -> str:
    """« Typologie : T2 40 % T3 60 % »."""
    asked = " ".join(f"{category_name(row.category)} {row.declared} %" for row in part.rows if row.declared)
    return f"{dimension_name(part.dimension)} : {asked}"
