"""Where a freed unit stands, in the few words of a list, and why there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flux.models import Vacancy
from flux.queries.queue import NO_CONVENTION, NOT_LIVE
from flux.queries.vacancies import VacancyRow
from reservations.words import to, upper_first


@dataclass(frozen=True, slots=True)
class VacancyLine:
    """A row of the list: its state, the class of its pill, and why it goes there or goes nowhere."""

    row: VacancyRow
    state: str
    pill: str
    why: str


def vacancy_lines(rows: Iterable[VacancyRow], blocked: Mapping[int, str]) -> list[VacancyLine]:
    """Rows in words; `blocked`: those whose calculation will not come by itself, by id, and why. No query."""
    return [_line(row, blocked.get(row.vacancy.pk, "")) for row in rows]


def _line(row: VacancyRow, blocked: str) -> VacancyLine:
    return VacancyLine(row, *_state(row, blocked), _why(row, blocked))


def _state(row: VacancyRow, blocked: str) -> tuple[str, str]:
    """The first that holds, and the class of its pill."""
    kind = row.vacancy.kind
    states = (
        (row.is_out, "Sorti du flux", "no"),
        (row.routing and kind == Vacancy.Kind.STOCK, "En stock", "ok"),
        (row.routing, "Orienté", "ok"),
        (row.recommendation, "À confirmer", "todo"),
        (row.expected, "Prévision", "wait"),
        (blocked == NO_CONVENTION, "Sans convention", "late"),
        (blocked == NOT_LIVE, "Avant la mise en service", "wait"),
        (blocked, "Orientation impossible", "late"),
        (kind == Vacancy.Kind.IN_FLOW, "Calcul en attente", "wait"),
        (kind == Vacancy.Kind.EXCLUDED, "Soustrait du flux", "no"),
        (True, upper_first(str(row.vacancy.get_kind_display())), "no"),
    )
    return next((words, pill) for holds, words, pill in states if holds)


def _why(row: VacancyRow, blocked: str) -> str:
    there = to(row.vacancy.unit.commune.name)
    if blocked == NO_CONVENTION:
        return f"Aucune convention n’est en vigueur {there} : il attend d’être orienté que l’une y soit signée."
    if blocked == NOT_LIVE:
        return "Enregistré à sa place : il sera orienté à partir du jour que le bailleur a choisi."
    if blocked:
        return (
            f"Plus de 100 % du flux est promis {there} : l’orientation reprendra quand le bailleur aura corrigé une "
            "convention."
        )
    return row.reason
