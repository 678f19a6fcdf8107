"""What is said of the names by which files call holders."""

from __future__ import annotations

from collections.abc import Iterable

from reservations.models import Nickname
from reservations.pages.table import Said, Table, table
from reservations.words import day


def nicknames_table(nicknames: Iterable[Nickname]) -> Table:
    """A name a row: whom it stands for, who said so and when."""
    rows = [
        (f"« {each.said} »", str(each.holder), Said(each.by.full_name, hint=f"le {day(each.at)}")) for each in nicknames
    ]
    note = "Lus dans les fichiers d’orientations passées ; un nom oublié n’y est plus lu."
    return table("surnoms", "Noms retenus", note, ["Dans vos fichiers", "Réservataire", "Dit par"], rows)
