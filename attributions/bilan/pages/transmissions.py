"""What was sent of a balance and of its forecasts, in words."""

from __future__ import annotations

from attributions.bilan.queries.transmissions import Transmission
from reservations.words import day


def paper(sent: Transmission) -> str:
    """« Prévisionnel 2027 », « Bilan 2026, version 1 »."""
    if sent.version is None:
        return f"Prévisionnel {sent.exercise}"
    return f"Bilan {sent.exercise}, version {sent.version}"


def act(sent: Transmission) -> str:
    """« envoi du 20 février 2027, par Alice Robin », « scellement du 1er mars 2027 »."""
    return f"{'scellement' if sent.is_seal else 'envoi'} du {day(sent.on)}{f', par {sent.by}' if sent.by else ''}"
