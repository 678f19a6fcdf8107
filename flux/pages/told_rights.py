"""What the RPLS says of old reservations, as its pages say it: by code, then unit by unit."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from flux.models import Unit
from flux.pages.dwelling import contingent
from flux.queries.told_rights import ToldCode
from reservations.pages.table import FIGURE, Said, Table, table
from reservations.words import day, integer


def source(name: str) -> str:
    """Where the item was read, by the name of its file: « RPLS, rubrique 63, fichier parc-2026.csv »."""
    return f"RPLS, rubrique 63, fichier {name}" if name else "RPLS, rubrique 63"


def codes_table(codes: Iterable[ToldCode]) -> Table:
    """The codes that the units have, and where each stands."""
    rows: list[list[Said | str]] = [
        [
            Said(contingent(each.code), link=reverse("told-right", args=[each.code])),
            integer(each.units),
            integer(each.left),
            _state(each),
        ]
        for each in codes
    ]
    headings = ["Contingent selon le RPLS", f"Logements{FIGURE}", f"Sans titre ici{FIGURE}", "État"]
    note = "Rubrique 63 de votre fichier ; un logement non réservé (code 7) n’y est pas."
    return table("codes", "Codes de vos logements", note, headings, rows)


def _state(each: ToldCode) -> Said:
    if each.aside is not None:
        said = each.aside
        who = f"{said.set_by}, le {day(timezone.localdate(said.set_at))}"
        return Said("mis de côté", hint=f"{said.why} – {who}", pill="no")
    return Said("à vérifier", pill="todo") if each.left else Said("vérifié", pill="ok")


def units_table(units: Iterable[Unit]) -> Table:
    """The units of a code that have no title yet, programme by programme."""
    rows: list[list[Said | str]] = [
        [
            Said(each.reference, link=reverse("unit-detail", args=[each.pk])),
            str(each.programme),
            each.address,
            str(each.commune),
            each.typology,
        ]
        for each in units
    ]
    headings = ["Logement", "Programme", "Adresse", "Commune", "Typologie"]
    return table(
        "logements",
        "Logements sans titre",
        "Programme par programme.",
        headings,
        rows,
        none="Aucun logement de ce code n’est à vérifier ici.",
    )
