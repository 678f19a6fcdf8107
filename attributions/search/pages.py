"""What the search asks, answers, and says when it finds nothing."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html

from attributions.search.queries import Found
from reservations.models import Membership
from reservations.pages.pieces import bold, link
from reservations.words import integer, plural


def question(text: str) -> str:
    """The title."""
    return f"Que désigne « {text} » ?" if text else "Que cherchez-vous ?"


def answer(found: Found | None, text: str) -> str:
    """How many results of each kind; what to write as long as nothing is asked."""
    if found is None and text:
        return format_html("Écrivez au moins {} lettres ou chiffres.", bold(2))
    if found is None:
        return format_html(
            "Écrivez une référence, une rue, un réservataire ou une commune : accents et majuscules ne comptent pas. "
            "{} mot pour l’instant.",
            bold(0),
        )
    if not found.count:
        return format_html("{} résultat parmi ce que vous pouvez voir.", bold(0))
    kinds = (
        (found.unit_count, "logement,logements"),
        (found.organisation_count, "organisation,organisations"),
        (found.territory_count, "territoire,territoires"),
    )
    told = ", ".join(f"{integer(count)} {plural(count, forms)}" for count, forms in kinds)
    whole = bold(f"{integer(found.count)} {plural(found.count, 'résultat,résultats')}")
    return format_html("{} : {}.", whole, told)


def nothing(found: Found | None, member: Membership) -> str:
    """What is written where results would be; empty when there are some."""
    if found is None:
        return (
            "Le champ de recherche est en haut de chaque page. Par exemple : RH-03, Voltaire, Narbonne, Action "
            "Logement."
        )
    if found.count:
        return ""
    fewer = "Essayez moins de mots, ou le début d’un nom."
    if member.is_landlord:
        return f"{fewer} Vous cherchez parmi les logements de votre parc."
    listed = link(reverse("vacancy-list"), "la liste des logements libérés")
    if member.is_holder:
        return format_html(
            "{} Vous cherchez parmi les logements orientés vers vous ; les autres se lisent sans adresse dans {}.",
            fewer,
            listed,
        )
    return format_html("{} Les logements se lisent sans adresse dans {}.", fewer, listed)
