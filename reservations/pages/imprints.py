"""What a control of the imprints found, in sentences; and the head that a paper carries."""

from __future__ import annotations

from collections.abc import Collection

from reservations.models import Imprint
from reservations.queries.imprints import Altered, Broken, Change, heads

#: How a row was altered, of « cette ligne ».
DONE = {
    Change.ADDED: "ajoutée hors de l’application",
    Change.CHANGED: "modifiée hors de l’application",
    Change.REMOVED: "effacée hors de l’application",
}


def altered_words(found: Altered) -> str:
    """« bail n° 12 : cette ligne a été modifiée hors de l’application. »"""
    return f"{named(found.table)} n° {found.row} : cette ligne a été {DONE[found.change]}."


def named(table: str) -> str:
    """« bail »: how a kept table is called; its own name for one that no version knows."""
    model = Altered(table, 0, Change.CHANGED).model
    return str(model._meta.verbose_name) if model else table


def broken_words(found: Broken) -> str:
    """« compte 12 : la chaîne des faits est rompue à partir du n° 345. »"""
    chain = "registre de la maison" if found.chain == Imprint.HOUSE else f"compte {found.chain}"
    return f"{chain} : la chaîne des faits est rompue à partir du n° {found.position}."


def imprint_words(chains: Collection[int]) -> str:
    """What a paper carries of these chains, and of that of the house: « Empreinte des faits : 12-345-0f3a…,
    0-8812-9c1d…. Gardez ce papier… ». One statement a chain."""
    return printed_words(", ".join(str(each) for each in heads([*chains, Imprint.HOUSE])))


def printed_words(written: str) -> str:
    """The same of heads that were written down; nothing before papers carried them."""
    if not written:
        return "Empreinte des faits : aucun fait n’était encore écrit."
    return f"Empreinte des faits : {written}. Gardez ce papier : elle dira si l’un d’eux a été réécrit depuis."
