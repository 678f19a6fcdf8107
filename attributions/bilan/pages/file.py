"""What a file that says it is a balance is worth, in a sentence."""

from __future__ import annotations

from attributions.bilan.models import BalanceVersion
from attributions.bilan.queries.file import Checked
from reservations.words import day, of


def checked_words(checked: Checked) -> str:
    """« C’est la version 2 du bilan 2026 de Robine Habitat, Aude, envoyée le 9 février 2027 : pas encore scellée. »"""
    version = checked.version
    if version is None:
        return "Ce fichier n’est pas celui d’un bilan envoyé : aucune version n’a cette empreinte."
    named = _named(version)
    if checked.forged and checked.same:
        return (
            f"C’est bien le fichier qui a été envoyé ({named}). La base, elle, a été modifiée hors de l’application "
            "depuis : gardez ce fichier, et prévenez l’exploitant."
        )
    if checked.forged:
        return (
            f"Ce fichier n’est pas celui qui a été envoyé ({named}) : la base a été modifiée hors de l’application "
            "depuis l’envoi. Demandez le fichier gardé par une autre partie."
        )
    if not checked.same:
        return f"Ce fichier n’est pas celui qui a été envoyé ({named})."
    state = f"scellée le {day(version.sealed_at)}" if version.sealed_at else "envoyée, pas encore scellée"
    return f"C’est la {named}, envoyée le {day(version.sent_at)} : {state}."


def _named(version: BalanceVersion) -> str:
    """« version 2 du bilan 2026 de Robine Habitat, Aude »"""
    balance = version.balance
    return f"version {version.number} du bilan {balance.exercise} {of(balance.landlord)}, {balance.departement}"
