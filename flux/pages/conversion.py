"""What a conversion rests on, in words: where each figure comes from, what was changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flux.conversion.facts import FIELDS
from flux.queries.conversion import Origin, Source, TitleName, Wish, facts_for

ORIGINS = {
    Origin.UNITS: "logements enregistrés au {on:%d/%m/%Y}",
    Origin.VACANCIES: "libérations enregistrées du {since:%d/%m/%Y} au {on:%d/%m/%Y}",
    Origin.TITLES: "titres en stock enregistrés",
    Origin.TITLE: "titre enregistré",
    Origin.PERIMETER: "logements du périmètre seulement",
    Origin.FORECAST: "prévisionnel {exercise}",
    Origin.CONVENTIONS: "conventions en vigueur le {on:%d/%m/%Y}",
}


def given_for(wish: Wish, *, on: date) -> dict[str, Any]:
    """The mapping of docs/conversion.md that the database gives, every figure with its source in words."""
    said: dict[str, Any] = _said(facts_for(wish, on=on))
    return said


def _said(given: Any) -> Any:
    match given:
        case dict():
            return {key: _said(value) for key, value in given.items()}
        case list():
            return [_said(value) for value in given]
        case Source():
            return ORIGINS[given.origin].format(since=given.since, on=given.on, exercise=given.exercise)
        case TitleName():
            return _name(given)
    return given


def _name(title: TitleName) -> str:
    name = title.reference or f"titre n° {title.pk}"
    if title.period is None:
        return name
    start, end = title.period
    return f"{name}, du {start:%d/%m/%Y} {f'au {end:%d/%m/%Y}' if end else 'sans fin'}"


def override(change: Mapping[str, Any]) -> str:
    """« logements : 2 à l’origine, changé parce que : compté »."""
    return f"{FIELDS[change['field']]} : {change['was']} à l’origine, changé parce que : {change['reason']}"
