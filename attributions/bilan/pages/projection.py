"""An account at the end of its year, holder by holder, with the band that chance leaves."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.html import format_html

from flux.pages.drawn import between
from flux.queries.projection import Outlook
from flux.words import tenth, units
from reservations.pages.pieces import beside, bold, hint
from reservations.pages.table import Number, Rows, Shown, Table
from reservations.words import integer


def projection_table(found: Outlook, year: int) -> Table:
    """A holder a row: today, then on 31 December."""
    note = "En logements. Entre parenthèses, la fourchette. Au 31 décembre et à recevoir : en cours compris."
    note += "" if found.is_over else " À recevoir : d’ici au 31 décembre, pour finir à l’équilibre."
    return Rows(
        found.lines,
        Shown("Réservataire", lambda each: str(each.line.holder)),
        Number("Dû à ce jour", lambda each: units(each.line.figures.due)),
        Number(
            "Reçus à ce jour", lambda each: format_html("{}{}", integer(each.line.figures.received), between(each.line))
        ),
        Number("Dû au 31 décembre", lambda each: _banded(each.found.due, units)),
        Number("Reçus au 31 décembre", lambda each: _banded(each.found.received, integer)),
        Number("À recevoir", lambda each: _banded(each.found.missing, integer, strong=True)),
        Number("Par mois", lambda each: "–" if each.a_month is None else tenth(each.a_month)),
    ).titled("t-projection", f"Chaque réservataire au 31 décembre {year}", note, css="stack dense")


def _banded(band: tuple[int, int, int], said: Callable[[int], str], *, strong: bool = False) -> str:
    """What is most likely, and from what to what; nothing more where chance leaves nothing."""
    low, middle, high = band
    figure = bold(said(middle)) if strong else said(middle)
    return beside(figure, hint(f"({said(low)} à {said(high)})") if low != high else "")
