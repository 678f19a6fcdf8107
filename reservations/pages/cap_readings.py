"""The choices of how the caps of the State are read, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.text import capfirst

from reservations.models import CapReading
from reservations.pages.table import Said, Table, table
from reservations.words import day

OVER_YEARS = str(CapReading.Reading.OVER_YEARS.label)


def readings_table(readings: Iterable[CapReading], today: date) -> Table:
    """A choice a row, and whether it has begun."""
    rows: list[tuple[Said | str, ...]] = [
        (
            str(each.landlord),
            str(each.departement),
            capfirst(each.get_reading_display()),
            day(each.starts_on),
            each.source,
            Said("à venir", pill="wait") if each.starts_on > today else Said("enregistrée", pill="ok"),
        )
        for each in readings
    ]
    rows.append(("Partout ailleurs", "–", capfirst(OVER_YEARS), "–", "faute d’un autre choix", "–"))
    headings = ("Bailleur", "Département", "Lecture", "À compter du", "Source", "État")
    note = "La plus récente d’abord. Un exercice se lit comme il est choisi à son dernier jour."
    return table("readings", "Lectures choisies", note, headings, rows)
