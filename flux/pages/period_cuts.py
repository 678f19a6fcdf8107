"""How the years of construction are cut, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flux.models import PeriodCut
from flux.models.unit import period_names
from reservations.pages.table import Rows, Shown, Table
from reservations.words import day


def cuts_table(cuts: Iterable[PeriodCut]) -> Table:
    """A cut a row: for whom, since when, its periods and its source."""
    note = "La plus proche d’un compte compte : du bailleur, du département, de la région, de tous."
    return Rows(
        cuts,
        Shown("Pour", lambda cut: ", ".join(str(each) for each in (cut.landlord, cut.territory) if each) or "tous"),
        Shown("Depuis", lambda cut: "le début" if cut.starts_on == date.min else day(cut.starts_on)),
        Shown("Périodes", lambda cut: " · ".join(period_names(tuple(cut.bounds)))),
        Shown("Source", lambda cut: cut.source),
    ).titled("cuts", "Découpages", note)
