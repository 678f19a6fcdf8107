"""What a unit is, in the few words of a list: never where it is."""

from __future__ import annotations

from flux.models import Unit, UnitDescription
from flux.queries.descriptions import Described
from flux.queries.why_not_file import FileVacancy
from reservations.models import ReservationHolder
from reservations.words import plural


def headline(unit: Unit) -> str:
    """« T3 PLUS, hors QPV »: what everyone who may read the list knows of the unit."""
    return f"{unit.typology} {unit.financing_group or 'de financement non renseigné'}, {qpv(unit)}"


def qpv(unit: Unit | FileVacancy) -> str:
    """« en QPV », « hors QPV », or that it is not known."""
    if unit.in_qpv is None:
        return "QPV non renseigné"
    return "en QPV" if unit.in_qpv else "hors QPV"


def described(told: UnitDescription) -> str:
    """« T3 PLUS, en QPV (QP011009, liste de 2015), construit en 1984, Narbonne, classe A »."""
    where = ", ".join(part for part in (told.qpv_code, f"liste de {told.qpv_list}" if told.qpv_list else "") if part)
    facts = (
        f"{told.typology} {told.financing_group or 'de financement non renseigné'}",
        f"{told.qpv or 'QPV non renseigné'}{f' ({where})' if where else ''}",
        f"construit en {told.construction_year}" if told.construction_year else "année non renseignée",
        told.commune.name,
        f"classe {told.attractiveness}" if told.attractiveness else "",
    )
    return ", ".join(fact for fact in facts if fact)


def acts_counted(row: Described) -> str:
    """« 2 proposés, 1 attribué, 1 bail signé », or that no act counts under this description."""
    said = (
        (row.offered, "proposé,proposés"),
        (row.allocated, "attribué,attribués"),
        (row.leased, "bail signé,baux signés"),
    )
    if not any(count for count, _ in said):
        return "aucun acte"
    return ", ".join(f"{count} {plural(count, forms)}" for count, forms in said)


def contingent(code: int) -> str:
    """A code of RPLS item 63, in words: « 3, Action Logement et employeurs »; alone when the arrêté has none of it."""
    known = ReservationHolder.Contingent
    return f"{code}, {known(code).label}" if code in known.values else str(code)


def floor(number: int | None) -> str:
    """« rez-de-chaussée », « 1er étage », « sous-sol »; nothing when it is not known."""
    if number is None:
        return ""
    if number <= 0:
        return "sous-sol" if number else "rez-de-chaussée"
    return f"{number}{'er' if number == 1 else 'e'} étage"


def ago(days: int) -> str:
    """Calendar days as a clerk says them: « aujourd’hui », « hier », « il y a 4 j »."""
    return {0: "aujourd’hui", 1: "hier"}.get(days, f"il y a {days} j")
