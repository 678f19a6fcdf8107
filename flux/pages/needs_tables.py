"""What a holder asks for, beside what its share of the flow brings, in tables."""

from __future__ import annotations

from collections.abc import Iterable

from flux.pages.needs import category_name, dimension_name
from flux.queries.needs import Comparison, Declared
from reservations.models import ReservationHolder
from reservations.pages.pieces import below, bold, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day


def comparison_table(part: Comparison, last: str) -> Table:
    """One dimension, category by category: the flow, what is asked, and what that gives (`last`, in words)."""
    note = "En pourcentage de ce qui revient au réservataire."
    return Rows(
        part.rows,
        Shown(Head("Catégorie", ""), lambda row: category_name(row.category)),
        Number("Dans le flux", lambda row: f"{row.flow} %"),
        Number("Besoin", lambda row: f"{row.declared} %" if part.declares else "–"),
        Number(last, lambda row: bold(f"{row.target} %") if part.targeted else "–"),
    ).titled(f"t-{part.dimension}", dimension_name(part.dimension), note, css="")


def declared_table(acts: Iterable[Declared], holder: ReservationHolder, *, own: bool) -> Table:
    """What was declared, the latest first; by whom, for the holder's own people."""
    title = "Déclarations de besoins, de la plus récente à la plus ancienne"
    return Rows(
        acts,
        Shown(Head("Date", "nw"), lambda each: day(each.declaration.declared_at)),
        Shown(
            "Besoins",
            lambda each: below(
                *([_asked(part) for part in each.mix] or ["Besoins retirés"]),
                muted(each.declaration.note) if each.declaration.note else "",
            ),
        ),
        Shown(Head("À partir du n°", "n"), lambda each: str(each.declaration.from_sequence)),
        Shown(Head("Par", ""), lambda each: str(each.declaration.declared_by if own else holder.organisation)),
    ).titled("", title, head_at=1, quiet=True, none="Aucun besoin déclaré dans ce compte.")


def _asked(part: Comparison) -> str:
    """« Typologie : T2 40 % T3 60 % »."""
    asked = " ".join(f"{category_name(row.category)} {row.declared} %" for row in part.rows if row.declared)
    return f"{dimension_name(part.dimension)} : {asked}"
