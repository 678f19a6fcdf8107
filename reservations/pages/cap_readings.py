"""The choices of how the caps of the State are read, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.text import capfirst

from reservations.models import CapReading
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day

OVER_YEARS = str(CapReading.Reading.OVER_YEARS.label)
TO_COME, RECORDED = Said("à venir", pill="wait"), Said("enregistrée", pill="ok")


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
