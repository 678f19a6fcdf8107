"""What a balance lacks, unit by unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.urls import reverse

from flux.pages.dwelling import headline
from reservations.pages.pieces import below, beside, bold, button, link, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import integer


def defects_table(rows: Iterable[Mapping[str, Any]], year: int, *, can_edit: bool) -> Table:
    """A unit a row, with what it lacks; its address and its sheet, for who completes it."""
    note = (
        "Complétée, elle range le logement dans sa catégorie, sur le bilan de chaque année ; une version déjà envoyée "
        "reste telle qu’elle est partie."
    )
    return Rows(
        rows,
        Shown("Logement", lambda row: _unit(row, can_edit=can_edit)),
        Shown("Il manque", lambda row: below(*row["lacked"])),
        Number("Proposé", lambda row: f"{integer(row['offers'])} fois"),
        Shown(Head("À faire", "noprint", label=""), _complete, when=can_edit),
    ).titled("", f"Logements proposés en {year} dont une donnée manque", note)


def _unit(row: Mapping[str, Any], *, can_edit: bool) -> str:
    unit = row["unit"]
    name = link(reverse("unit-detail", args=[unit.pk]), bold(unit.reference)) if can_edit else ""
    where = f"{unit.address}, {unit.commune.name}" if can_edit else unit.commune.name
    return below(beside(name, headline(unit)), muted(where))


def _complete(row: Mapping[str, Any]) -> str:
    unit = row["unit"]
    return button(reverse("unit-edit", args=[unit.pk]), "Compléter", also=f" la fiche de {unit.reference}")
