"""Who read or took away named files, as the journal tells it."""

from __future__ import annotations

from collections.abc import Iterable

from attributions.households.models import AccessRecord
from reservations.pages.pieces import below, beside, bold, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import day, hour, upper_first


def accesses_table(found: Iterable[AccessRecord]) -> Table:
    """An access a row, the latest first. Who, for whom and whose files: fetched."""
    note = (
        "De la plus récente à la plus ancienne. Écrites avant que la page s’affiche ou que le fichier parte ; personne "
        "ne peut les changer."
    )
    return Rows(
        found,
        Shown(Head("Quand", "nw"), lambda each: below(day(each.at), muted(hour(each.at)))),
        Shown("Qui", lambda each: below(bold(each.user), muted(each.organisation.name))),
        Shown("Quoi", lambda each: below(upper_first(each.get_what_display()), muted(each.subject))),
        Number("Dossiers", lambda each: each.files),
        Shown(Head("Fichier de", ""), lambda each: each.keeper.name),
        Shown(
            "Emporté, et pourquoi",
            lambda each: beside(pill("Emporté", "late"), each.why) if each.downloaded else muted("lu à l’écran"),
        ),
    ).titled("liste", "Consultations", note, head_at=1)
