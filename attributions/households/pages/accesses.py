"""Who read or took away named files, as the journal tells it."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.households.models import AccessRecord
from reservations.pages.pieces import below, beside, bold, muted, pill
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import day, hour, integer, upper_first

HEADINGS = (
    *(Head("Quand", "nw"), "Qui", "Quoi", f"Dossiers{FIGURE}", Head("Fichier de", "")),
    "Emporté, et pourquoi",
)


def accesses_table(found: Iterable[AccessRecord]) -> Table:
    """An access a row, the latest first. Who, for whom and whose files: fetched."""
    rows = [
        (
            below(day(each.at), muted(hour(each.at))),
            below(bold(each.user), muted(each.organisation.name)),
            below(upper_first(each.get_what_display()), muted(each.subject)),
            integer(each.files),
            each.keeper.name,
            beside(pill("Emporté", "late"), each.why) if each.downloaded else muted("lu à l’écran"),
        )
        for each in found
    ]
    note = (
        "De la plus récente à la plus ancienne. Écrites avant que la page s’affiche ou que le fichier parte ; personne "
        "ne peut les changer."
    )
    return table("liste", "Consultations", note, HEADINGS, rows, head_at=1)
