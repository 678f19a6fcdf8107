"""What pages say of derogations.

* The préfet's orders that lift a cap, and where each stands.
* The choices of how the caps of the State are read, in words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.text import capfirst

from reservations.models import CapReading, Derogation
from reservations.pages.pieces import button
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text, acting
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
    note = "La plus récente d’abord. Plafond : logements pour l’État sur 100 qui entrent dans le flux."
    return Rows(
        lines,
        Shown("Bailleur", lambda each: str(each.derogation.landlord)),
        Shown(Head("Département", ""), lambda each: str(each.derogation.departement)),
        Shown("Plafond levé", lambda each: upper_first(each.derogation.get_code_display())),
        Number("Plafond, sur 100", lambda each: each.value),
        Shown(Head("Période", ""), lambda each: f"{day(each.derogation.starts_on)} – {day(each.derogation.ends_on)}"),
        Shown("Arrêté", lambda each: each.derogation.order),
        Shown(Head("État", ""), lambda each: Text(each.words, pill=each.pill)),
        Shown(
            acting(),
            lambda each: button(
                reverse("derogation-detail", args=[each.derogation.pk]),
                "Lire",
                also=f" la dérogation {of(each.derogation.landlord)}, {each.derogation.departement}",
            ),
        ),
    ).titled(
        "liste",
        "Dérogations",
        note,
        none="Aucune dérogation. Partout, la part de l’État et celle de ses agents restent sous les plafonds de la "
        "loi.",
    )


OVER_YEARS = str(CapReading.Reading.OVER_YEARS.label)
TO_COME, RECORDED = Text("à venir", pill="wait"), Text("enregistrée", pill="ok")


def readings_table(readings: Iterable[CapReading], today: date) -> Table:
    """A choice a row, and whether it has begun."""
    note = "La plus récente d’abord. Un exercice se lit comme il est choisi à son dernier jour."
    return Rows(
        readings,
        Shown("Bailleur", lambda each: str(each.landlord), below="Partout ailleurs"),
        Shown("Département", lambda each: str(each.departement), below="–"),
        Shown("Lecture", lambda each: capfirst(each.get_reading_display()), below=capfirst(OVER_YEARS)),
        Shown("À compter du", lambda each: day(each.starts_on), below="–"),
        Shown("Source", lambda each: each.source, below="faute d’un autre choix"),
        Shown("État", lambda each: TO_COME if each.starts_on > today else RECORDED, below="–"),
    ).titled("readings", "Lectures choisies", note)
