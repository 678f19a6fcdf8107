"""What a unit is, in the few words of a list: never where it is."""

from __future__ import annotations

from django import template

from flux.models import Unit

register = template.Library()


@register.filter
def headline(unit: Unit) -> str:
    """« T3 PLUS, hors QPV »: what everyone who may read the list knows of the unit."""
    return f"{unit.typology} {unit.financing_group or 'de financement non renseigné'}, {qpv(unit)}"


@register.filter
def qpv(unit: Unit) -> str:
    """« en QPV », « hors QPV », or that it is not known."""
    if unit.in_qpv is None:
        return "QPV non renseigné"
    return "en QPV" if unit.in_qpv else "hors QPV"


@register.filter
def ago(days: int) -> str:
    """Calendar days as a clerk says them: « aujourd’hui », « hier », « il y a 4 j »."""
    return {0: "aujourd’hui", 1: "hier"}.get(days, f"il y a {days} j")


#: How the names of organisations begin that take « la » in a sentence.
FEMININE = ("Ville ", "Commune ", "Métropole ", "Communauté ", "Région ", "Préfecture ", "CA ", "CC ", "CU ")


@register.filter
def towards(name: str) -> str:
    """A holder inside a sentence: « la Ville de Narbonne », « l’État – agents », « le Grand Narbonne »."""
    if name == "Non réservé":
        return "le bailleur (non réservé)"
    if name.startswith(FEMININE):
        return f"la {name}"
    if name.startswith("État"):
        return f"l’{name}"
    return f"{name[0].lower()}{name[1:]}" if name.startswith(("Le ", "La ", "Les ")) else name


@register.filter
def to(name: str) -> str:
    """« à la Ville de Narbonne », « au Grand Narbonne », « à Action Logement »."""
    named = towards(name)
    if named.startswith("le "):
        return f"au {named[3:]}"
    return f"aux {named[4:]}" if named.startswith("les ") else f"à {named}"


@register.filter
def of(name: str) -> str:
    """« de la Ville de Narbonne », « du Grand Narbonne », « de l’État – agents », « d’Action Logement »."""
    named = towards(name)
    if named.startswith("le "):
        return f"du {named[3:]}"
    if named.startswith("les "):
        return f"des {named[4:]}"
    return f"d’{named}" if named.startswith(tuple("AEIOUÉÈÎÔ")) else f"de {named}"


@register.filter
def upper_first(text: str) -> str:
    """At the head of a sentence; the rest keeps its capitals."""
    return f"{text[:1].upper()}{text[1:]}"
