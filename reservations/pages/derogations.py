"""The préfet's orders that lift a cap, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from reservations.models import Derogation
from reservations.pages.pieces import button
from reservations.pages.table import FIGURE, Head, Said, Table, acting, table
from reservations.words import day, of, upper_first


@dataclass(frozen=True, slots=True)
class DerogationLine:
    """One order, where it stands on the day, and the class of its pill."""

    derogation: Derogation
    value: str
    words: str
    pill: str


def derogation_lines(derogations: Iterable[Derogation], *, today: date) -> list[DerogationLine]:
    """Each with where it stands that day. No query."""
    return [_line(each, today) for each in derogations]


def _line(derogation: Derogation, today: date) -> DerogationLine:
    value = f"{derogation.value.normalize():f}".replace(".", ",")
    if derogation.starts_on > today:
        return DerogationLine(derogation, value, "à venir", "wait")
    if derogation.ends_on < today:
        return DerogationLine(derogation, value, "passée", "no")
    return DerogationLine(derogation, value, "en vigueur", "ok")


def derogations_table(lines: Iterable[DerogationLine]) -> Table:
    """An order a row, the latest first."""
    headings = (
        *("Bailleur", Head("Département", ""), "Plafond levé", f"Plafond, sur 100{FIGURE}", Head("Période", "")),
        *("Arrêté", Head("État", ""), acting()),
    )
    rows = [
        (
            str(derogation.landlord),
            str(derogation.departement),
            upper_first(derogation.get_code_display()),
            each.value,
            f"{day(derogation.starts_on)} – {day(derogation.ends_on)}",
            derogation.order,
            Said(each.words, pill=each.pill),
            button(
                reverse("derogation-detail", args=[derogation.pk]),
                "Lire",
                also=f" la dérogation {of(derogation.landlord)}, {derogation.departement}",
            ),
        )
        for each in lines
        for derogation in [each.derogation]
    ]
    note = "La plus récente d’abord. Plafond : logements pour l’État sur 100 qui entrent dans le flux."
    return table(
        "liste",
        "Dérogations",
        note,
        headings,
        rows,
        none="Aucune dérogation. Partout, la part de l’État et celle de ses agents restent sous les plafonds de la "
        "loi.",
    )
