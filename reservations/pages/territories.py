"""Territories, as who looks for a code reads them."""

from __future__ import annotations

from collections.abc import Iterable

from reservations.models import Territory
from reservations.pages.pieces import below, bold
from reservations.pages.table import Head, Number, Rows, Said, Shown, Table
from reservations.words import integer

#: Postal codes that are written of one place, before « … ».
CODES = 4


def territories_table(found: Iterable[Territory]) -> Table:
    """A territory a row, with its codes and what contains it, fetched."""
    note = "Population municipale ; source : INSEE et DGCL, code officiel géographique, licence ouverte 2.0."
    return Rows(
        found,
        Shown("Territoire", lambda each: Said(bold(each.name))),
        Shown("Échelle", lambda each: each.get_kind_display()),
        Shown(Head("Code", "nw"), lambda each: each.code),
        Shown(Head("Codes postaux", ""), lambda each: _postal(each.postal_codes)),
        Shown(Head("Département", ""), lambda each: _departement(each.departement)),
        Shown(
            "Intercommunalité",
            lambda each: below(each.epci.name, each.ept.name if each.ept else "") if each.epci else "–",
        ),
        Number("Population", lambda each: "–" if each.population is None else integer(each.population)),
    ).titled("liste", "Territoires trouvés", note)


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
