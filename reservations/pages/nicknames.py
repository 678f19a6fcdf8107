"""What is said of the names by which files call holders and places."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from reservations.models import Nickname
from reservations.pages.table import Said, Table, table
from reservations.words import day


def nicknames_table(nicknames: Iterable[Nickname]) -> Table:
    """A name a row: whom or what it stands for, who said so and when."""
    rows = [
        (
            f"« {each.said} »",
            _stands_for(each),
            Said(each.by.full_name, hint=f"le {day(timezone.localdate(each.at))}"),
        )
        for each in nicknames
    ]
    note = "Lus dans vos fichiers partout où ils nomment un réservataire ou un lieu ; un nom oublié n’y est plus lu."
    return table("surnoms", "Noms retenus", note, ["Dans vos fichiers", "Désigne", "Dit par"], rows)


def _stands_for(nickname: Nickname) -> Said:
    if nickname.place is None:
        return Said(str(nickname.holder), hint="réservataire")
    return Said(nickname.place.name, hint=f"{nickname.place.get_kind_display()}, {nickname.place.code}")
