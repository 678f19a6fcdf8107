"""What giving a unit back would do to an account, in figures."""

from __future__ import annotations

from flux.models import Routing
from flux.queries.returning import Foreseen
from flux.words import gap
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import integer, towards


def foreseen_table(routing: Routing, told: Foreseen) -> Table:
    """The account of its holder today, and once the unit is given back."""
    rows = (
        ("Reçus ou en cours", integer(told.received), integer(told.received_then)),
        ("Écart que lit la règle, en cours compris", gap(told.gap), gap(told.gap_then)),
    )
    return table(
        "",
        f"{routing.holder}, {told.exercise}",
        f"En logements, chez {towards(routing.vacancy.unit.landlord)}.",
        (Head("Chiffre", hidden=True), f"Aujourd’hui{FIGURE}", f"S’il est rendu{FIGURE}"),
        rows,
        css="",
    )
