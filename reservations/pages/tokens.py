"""Tokens of an organisation, and what was done through one, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from reservations.models import ApiCall, ApiToken
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day, hour


def token_table(tokens: Iterable[ApiToken], *, today: date) -> Table:
    """Each token: what it may do, until when, last used when, and whether it still opens anything."""
    return Rows(
        tokens,
        Shown(
            "Logiciel",
            lambda token: Said(token.name, hint=f"{token.prefix}…", link=reverse("token-detail", args=[token.pk])),
        ),
        Shown("Ce qu’il peut faire", lambda token: ", ".join(token.scope_words)),
        Shown("Créé par", lambda token: Said(token.made_by.full_name, hint=f"le {day(token.made_at)}")),
        Shown("Valable jusqu’au", lambda token: day(token.expires_on)),
        Shown("Dernier usage", lambda token: day(token.last_used_on) if token.last_used_on else "jamais"),
        Shown("État", lambda token: _state(token, today)),
    ).titled(
        "jetons",
        "Jetons d’accès",
        "Le plus récent d’abord. Le secret n’est gardé nulle part : seul son début se lit ici.",
    )


def _state(token: ApiToken, today: date) -> Said:
    if token.revoked_at is not None and token.revoked_by is not None:
        return Said("révoqué", hint=f"le {day(token.revoked_at)}, par {token.revoked_by.full_name}", pill="no")
    if token.expires_on < today:
        return Said("échu", pill="no")
    return Said("en service", pill="ok")


def call_table(calls: Iterable[ApiCall]) -> Table:
    """Each act done through one token, the latest first."""
    return Rows(
        calls,
        Shown("Quand", lambda call: Said(f"le {day(call.at)} à {hour(call.at)}")),
        Shown("Ce qui a été demandé", lambda call: f"{call.method} {call.path}"),
        Shown("Réponse", lambda call: str(call.status or "–")),
    ).titled(
        "actes",
        "Actes faits par ce jeton",
        "Le plus récent d’abord. Ce qui a été refusé n’a rien écrit, et n’y est pas.",
    )
