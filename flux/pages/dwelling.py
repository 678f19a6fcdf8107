"""What a unit is, in the few words of a list: never where it is."""

from __future__ import annotations

from flux.models import Unit


def headline(unit: Unit) -> str:
    """« T3 PLUS, hors QPV »: what everyone who may read the list knows of the unit."""
    return f"{unit.typology} {unit.financing_group or 'de financement non renseigné'}, {qpv(unit)}"


def qpv(unit: Unit) -> str:
    """« en QPV », « hors QPV », or that it is not known."""
    if unit.in_qpv is None:
        return "QPV non renseigné"
    return "en QPV" if unit.in_qpv else "hors QPV"


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
