"""The préfet's orders that lift a cap, and where each stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reservations.models import Derogation


@dataclass(frozen=True, slots=True)
class DerogationLine:
    """One order, where it stands on the day, and the class of its pill."""

    derogation: Derogation
    value: str
    words: str
    pill: str


def derogation_lines(derogations: Iterable[Derogation], *, today: date) -> list[DerogationLine]:
    """Each with where it stands that day. No query."""
    return [_line(each, today) for each in derogations]


def _line(derogation: Derogation, today: date) -> DerogationLine:
    value = f"{derogation.value.normalize():f}".replace(".", ",")
    if derogation.starts_on > today:
        return DerogationLine(derogation, value, "à venir", "wait")
    if derogation.ends_on < today:
        return DerogationLine(derogation, value, "passée", "no")
    return DerogationLine(derogation, value, "en vigueur", "ok")
