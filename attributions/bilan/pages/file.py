"""What a file that says it is a balance is worth, in a sentence."""

from __future__ import annotations

import json
from typing import Any

from attributions.bilan.models import BalanceVersion
from attributions.bilan.queries.file import Checked, FileDifference
from reservations.words import day, of

#: Longer values are cut when they are shown.
SHOWN = 60


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


def difference_words(difference: FileDifference) -> tuple[str, str, str]:
    """Where it is, what the file has there, what was sent."""
    if difference.byte:
        return f"octet {difference.byte}", _byte(difference.file), _byte(difference.sent)
    return difference.path, _value(difference.file), _value(difference.sent)


def _value(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _byte(value: int | None) -> str:
    return "fin du fichier" if value is None else f"0x{value:02x}"
