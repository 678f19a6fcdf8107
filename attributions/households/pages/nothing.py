"""What a list says when it has no line: what to do, or what will bring the first one."""

from __future__ import annotations

from django.urls import reverse

from reservations.models import Organisation
from reservations.pages.table import unmatched
from reservations.words import towards


def no_committee(*, may_found: bool, by_landlord: bool) -> str:
    """Of the committees."""
    if may_found:
        return "Aucune commission. Créez celle que votre conseil d’administration a instituée."
    if by_landlord:
        return (
            "Aucune commission. Le responsable de votre organisme enregistre celle que le conseil d’administration a "
            "instituée."
        )
    return "Vous ne siégez dans aucune commission."


def no_session(*, by_landlord: bool, sits: bool) -> str:
    """Of the sessions to come."""
    if by_landlord:
        return "Aucune séance convoquée. La commission se réunit au moins tous les deux mois."
    if sits:
        return "Aucune séance convoquée pour l’instant : elle apparaîtra ici."
    return "Vous ne siégez dans aucune commission sous ce nom."


def no_access(*, filtered: bool) -> str:
    """Of those who read named files."""
    if filtered:
        return unmatched("Aucune consultation", reverse("access-journal"))
    return "Personne n’a encore lu de donnée nominative ici. La première lecture s’inscrira d’elle-même."


def no_request(organisation: Organisation) -> str:
    """Of the requests that an organisation registered."""
    return (
        f"Aucune demande n’est encore enregistrée pour {towards(organisation)}. Importez un export du SNE, ou "
        "enregistrez un ménage en le proposant pour un logement."
    )


def no_file(*, filtered: bool, by_landlord: bool) -> str:
    """Of the units whose candidates are followed."""
    if filtered:
        return unmatched("Aucun logement", reverse("file-list"))
    if by_landlord:
        return "Aucun logement entre l’orientation et le bail. Le prochain logement orienté apparaîtra ici."
    return (
        "Aucun logement n’attend vos candidats. Le prochain logement orienté vers vous apparaîtra ici, avec son délai."
    )
