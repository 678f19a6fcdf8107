"""What the charts of a year show, in figures."""

from __future__ import annotations

from collections.abc import Iterable

from flux.queries.through_the_year import FlowMonth, Ranked
from reservations.pages.pieces import bold
from reservations.pages.table import Head, Number, Rows, Shown, Table
from reservations.words import MONTHS, integer, upper_first


def flow_table(months: Iterable[FlowMonth], whole: FlowMonth, year: int) -> Table:
    """The units that fell vacant, month by month, by what they are to the flow."""
    return Rows(
        months,
        Shown(Head(f"Mois de {year}", ""), lambda each: upper_first(MONTHS[each.first.month - 1]), "Ensemble"),
        Number("Dans le flux", lambda each: each.in_flow, whole.in_flow),
        Number("Soustraits", lambda each: each.excluded, whole.excluded),
        Number("En stock", lambda each: each.stock, whole.stock),
        Number("Autres", lambda each: each.others, whole.others),
        Number("Ensemble", lambda each: bold(integer(each.vacated)), whole.vacated),
    ).titled("t-flux", "Logements libérés, par classement", "Enregistrés dans le mois.", css="")


def communes_table(found: Iterable[Ranked], whole: Ranked, year: int) -> Table:
    """What was offered and given, commune by commune."""
    note = (
        "Proposés : orientés vers un réservataire, et non repris. Un logement rendu puis proposé de nouveau compte "
        "deux fois."
    )
    title = f"Logements proposés et attribués en {year}, par commune"
    return Rows(
        found,
        Shown(Head("Commune", ""), lambda each: each.name, total="Ensemble"),
        Number("Proposés", lambda each: each.offered, total=whole.offered),
        Number("Attribués", lambda each: each.allocated, total=whole.allocated),
    ).titled("t-communes", title, note, css="")
