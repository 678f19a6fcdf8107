"""What the RPLS says of old reservations, as its pages say it: by code, then unit by unit."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from flux.models import Unit
from flux.pages.dwelling import contingent
from flux.queries.told_rights import ToldCode
from reservations.pages.table import Number, Rows, Said, Shown, Table
from reservations.words import day


def source(name: str) -> str:
    """Where the item was read, by the name of its file: « RPLS, rubrique 63, fichier parc-2026.csv »."""
    return f"RPLS, rubrique 63, fichier {name}" if name else "RPLS, rubrique 63"


def codes_table(codes: Iterable[ToldCode]) -> Table:
    """The codes that the units have, and where each stands."""
    note = "Rubrique 63 de votre fichier ; un logement non réservé (code 7) n’y est pas."
    return Rows(
        codes,
        Shown(
            "Contingent selon le RPLS",
            lambda each: Said(contingent(each.code), link=reverse("told-right", args=[each.code])),
        ),
        Number("Logements", lambda each: each.units),
        Number("Sans titre ici", lambda each: each.left),
        Shown("État", _state),
    ).titled("codes", "Codes de vos logements", note)


def _state(each: ToldCode) -> Said:
    if each.aside is not None:
        said = each.aside
        who = f"{said.set_by}, le {day(timezone.localdate(said.set_at))}"
        return Said("mis de côté", hint=f"{said.why} – {who}", pill="no")
    return Said("à vérifier", pill="todo") if each.left else Said("vérifié", pill="ok")


def units_table(units: Iterable[Unit]) -> Table:
    """The units of a code that have no title yet, programme by programme."""
    return Rows(
        units,
        Shown("Logement", lambda each: Said(each.reference, link=reverse("unit-detail", args=[each.pk]))),
        Shown("Programme", lambda each: str(each.programme)),
        Shown("Adresse", lambda each: each.address),
        Shown("Commune", lambda each: str(each.commune)),
        Shown("Typologie", lambda each: each.typology),
    ).titled(
        "logements",
        "Logements sans titre",
        "Programme par programme.",
        none="Aucun logement de ce code n’est à vérifier ici.",
    )
