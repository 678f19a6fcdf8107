"""How the years of construction are cut, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flux.models import PeriodCut
from flux.models.unit import period_names
from reservations.pages.table import Table, table
from reservations.words import day


def cuts_table(cuts: Iterable[PeriodCut]) -> Table:
    """A cut a row: for whom, since when, its periods and its source."""
    rows = [
        (
            ", ".join(str(each) for each in (cut.landlord, cut.territory) if each) or "tous",
            "le début" if cut.starts_on == date.min else day(cut.starts_on),
            " · ".join(period_names(tuple(cut.bounds))),
            cut.source,
        )
        for cut in cuts
    ]
    note = "La plus proche d’un compte compte : du bailleur, du département, de la région, de tous."
    return table("cuts", "Découpages", note, ("Pour", "Depuis", "Périodes", "Source"), rows)
