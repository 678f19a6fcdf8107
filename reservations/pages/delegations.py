"""What the préfet delegates, in words: the same on the page of a convention, on paper, and between its versions."""

from __future__ import annotations

from reservations.models import Delegation, Organisation
from reservations.models.convention import UNIT
from reservations.words import day, percent


def scope_in_words(delegation: Delegation) -> str:
    """« 40 % des logements neufs, à leur première location, à partir du 1er mars 2027 »; "" for the whole."""
    parts = []
    if delegation.share != UNIT or delegation.units != Delegation.Units.ALL:
        part = "" if delegation.share == UNIT else f"{percent(delegation.share)} "
        of = {
            Delegation.Units.ALL: "des logements",
            Delegation.Units.NEW: "des logements neufs, à leur première location",
            Delegation.Units.REHABILITATED: "des logements réhabilités, loués après des travaux",
        }[Delegation.Units(delegation.units)]
        parts.append(f"{part}{of}" if part else of.removeprefix("d"))
    if delegation.starts_on:
        parts.append(f"à partir du {day(delegation.starts_on)}")
    if delegation.ends_on:
        parts.append(f"jusqu’au {day(delegation.ends_on)}")
    if delegation.accord_on and delegation.delegate.kind == Organisation.Kind.EPCI:
        parts.append(f"avec l’accord du maire du {day(delegation.accord_on)} ({delegation.accord_reference})")
    return ", ".join(parts)


def delegated_to(delegation: Delegation) -> str:
    """« Ville de Narbonne (40 % des logements) »: for a table of terms."""
    scope = scope_in_words(delegation)
    return f"{delegation.delegate.name} ({scope})" if scope else delegation.delegate.name
