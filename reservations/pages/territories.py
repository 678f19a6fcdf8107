"""Territories, as who looks for a code reads them."""

from __future__ import annotations

from collections.abc import Iterable

from reservations.models import Territory
from reservations.pages.pieces import below, bold
from reservations.pages.table import FIGURE, Head, Said, Table, table
from reservations.words import integer

#: Postal codes that are written of one place, before « … ».
CODES = 4


def territories_table(found: Iterable[Territory]) -> Table:
    """A territory a row, with its codes and what contains it, fetched."""
    headings = (
        *("Territoire", "Échelle", Head("Code", "nw"), Head("Codes postaux", ""), Head("Département", "")),
        *("Intercommunalité", f"Population{FIGURE}"),
    )
    rows = [
        (
            Said(bold(each.name)),
            each.get_kind_display(),
            each.code,
            _postal(each.postal_codes),
            _departement(each.departement),
            below(each.epci.name, each.ept.name if each.ept else "") if each.epci else "–",
            "–" if each.population is None else integer(each.population),
        )
        for each in found
    ]
    note = "Population municipale ; source : INSEE et DGCL, code officiel géographique, licence ouverte 2.0."
    return table("liste", "Territoires trouvés", note, headings, rows)


def _departement(place: Territory | None) -> str:
    """« Aude (11) », « aucun : Saint-Martin (978), collectivité d’outre-mer »."""
    if place is None:
        return "–"
    named = f"{place.name} ({place.code})"
    return f"aucun : {named}, {place.get_kind_display()}" if place.has_no_departement else named


def no_territory(*, asked: bool) -> str:
    """What the search says before it is asked anything, or when it finds nothing."""
    if asked:
        return "Aucun territoire ne porte ce nom ni ce code. Essayez un seul mot du nom, ou le code postal."
    return "Les territoires trouvés apparaîtront ici dès que vous aurez écrit un nom ou un code."


def _postal(codes: list[str]) -> str:
    """« 11100, 11110 », the first of them when there are many."""
    return (", ".join(codes[:CODES]) + (", …" if len(codes) > CODES else "")) or "–"
