"""What is said of the income ceilings: the dated figures of the yearly order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flux.models import IncomeCeiling
from flux.queries.income_ceilings import Ceilings
from reservations.pages.table import Head, Number, Rows, Said, Shown, Table
from reservations.words import day, euros


def ceilings_table(ceilings: Iterable[IncomeCeiling], today: date) -> Table:
    """A figure a row: of which financing, zone and household, from when, and whether it is in force."""
    note = "Revenu fiscal de référence ; le plus récent d’abord, pour chaque catégorie."
    return Rows(
        ceilings,
        Shown("Financement, zone", lambda each: f"{each.financing}, {each.get_zone_display()}"),
        Number("Catégorie", lambda each: Said(str(each.household))),
        Number("Plafond", lambda each: Said(euros(each.amount))),
        Number("Par personne de plus", lambda each: Said(euros(each.extra) if each.extra else "–")),
        Shown("Du", lambda each: Said(day(each.starts_on))),
        Shown("Au", lambda each: Said(day(each.ends_on))),
        Shown("Source", lambda each: each.source),
        Shown("État", lambda each: _state(each, today)),
    ).titled("liste", "Plafonds annuels datés", note)


def _state(ceiling: IncomeCeiling, today: date) -> Said:
    """Past, to come, in force; or of an earlier year, and to confirm."""
    if ceiling.starts_on > today:
        return Said("à venir", pill="wait")
    if ceiling.ends_on and ceiling.ends_on < today:
        return Said("passé", pill="no")
    if ceiling.starts_on.year < today.year:
        return Said("à confirmer", pill="todo")
    return Said("en vigueur", pill="ok")


def unit_ceilings(ceilings: Ceilings) -> Table:
    """What a household may earn to be let a unit: a size of household a row."""
    confirmed = f" : à confirmer pour {ceilings.on.year}" if ceilings.stale else ""
    note = (
        f"{ceilings.zone}, en vigueur depuis le {day(ceilings.starts_on)}{confirmed}. Revenu fiscal de référence, par "
        "nombre de personnes logées."
    )
    extra = ceilings.extra
    return Rows(
        ceilings.rows,
        Shown(Head("Personnes", ""), lambda each: str(each[0]), below="par personne de plus" if extra else None),
        Number("Plafond annuel", lambda each: euros(each[1]), below=euros(extra) if extra else None),
    ).titled("", f"Plafonds de ressources {ceilings.financing}", note, css="")
