"""What the charts of a year show, in figures."""

from __future__ import annotations

from collections.abc import Iterable

from flux.queries.through_the_year import FlowMonth, Ranked
from reservations.pages.pieces import bold
from reservations.pages.table import FIGURE, Head, Table, table
from reservations.words import MONTHS, integer, upper_first


def flow_table(months: Iterable[FlowMonth], whole: FlowMonth, year: int) -> Table:
    """The units that fell vacant, month by month, by what they are to the flow."""
    rows = [
        (
            upper_first(MONTHS[each.first.month - 1]),
            *(integer(count) for count in each.parts),
            bold(integer(each.vacated)),
        )
        for each in months
    ]
    total = ("Ensemble", *(integer(count) for count in whole.parts), integer(whole.vacated))
    headings = (
        *(Head(f"Mois de {year}", ""), f"Dans le flux{FIGURE}", f"Soustraits{FIGURE}", f"En stock{FIGURE}"),
        *(f"Autres{FIGURE}", f"Ensemble{FIGURE}"),
    )
    title = "Logements libérés, par classement"
    return table("t-flux", title, "Enregistrés dans le mois.", headings, rows, totals=[total], css="")


def communes_table(found: Iterable[Ranked], whole: Ranked, year: int) -> Table:
    """What was offered and given, commune by commune."""
    rows = [(each.name, integer(each.offered), integer(each.allocated)) for each in found]
    headings = (Head("Commune", ""), f"Proposés{FIGURE}", f"Attribués{FIGURE}")
    note = (
        "Proposés : orientés vers un réservataire, et non repris. Un logement rendu puis proposé de nouveau compte "
        "deux fois."
    )
    total = ("Ensemble", integer(whole.offered), integer(whole.allocated))
    title = f"Logements proposés et attribués en {year}, par commune"
    return table("t-communes", title, note, headings, rows, totals=[total], css="")
