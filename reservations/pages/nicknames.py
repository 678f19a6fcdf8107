"""What is said of the names by which files call holders and places."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from reservations.models import Nickname
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day


def nicknames_table(nicknames: Iterable[Nickname]) -> Table:
    """A name a row: whom or what it stands for, who said so and when."""
    note = "Lus dans vos fichiers partout où ils nomment un réservataire ou un lieu ; un nom oublié n’y est plus lu."
    return Rows(
        nicknames,
        Shown("Dans vos fichiers", lambda each: f"« {each.said} »"),
        Shown("Désigne", _stands_for),
        Shown("Dit par", lambda each: Said(each.by.full_name, hint=f"le {day(timezone.localdate(each.at))}")),
    ).titled("surnoms", "Noms retenus", note)


def _stands_for(nickname: Nickname) -> Said:
    if nickname.place is None:
        return Said(str(nickname.holder), hint="réservataire")
    return Said(nickname.place.name, hint=f"{nickname.place.get_kind_display()}, {nickname.place.code}")
