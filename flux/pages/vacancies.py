"""Where a freed unit stands, in the few words of a list, and why there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from flux.models import Vacancy
from flux.queries.queue import NO_CONVENTION, NOT_LIVE
from flux.queries.vacancies import VacancyRow, expected
from flux.queries.why_not_file import EXCLUSIONS, KINDS, FileVacancy
from flux.words import NOT_CALCULATED, foreseen
from reservations.words import to, upper_first

#: Why a vacancy that is not of the flow goes nowhere, or straight to its holder.
OUTSIDE = {
    Vacancy.Kind.STOCK: "Droit en stock : va directement à son titulaire, hors du flux.",
    Vacancy.Kind.FIRST_LETTING: "Première mise en location : enregistrée, elle attend la répartition de son programme.",
    Vacancy.Kind.OUTSIDE: f"{Vacancy.Kind.OUTSIDE.label.capitalize()}.",
    Vacancy.Kind.TECHNICAL: "Vacance technique : ce logement ne se loue pas pour l’instant.",
}


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
    there = to(row.vacancy.unit.commune)
    if blocked == NO_CONVENTION:
        return f"Aucune convention n’est en vigueur {there} : il attend d’être orienté que l’une y soit signée."
    if blocked == NOT_LIVE:
        return "Enregistré à sa place : il sera orienté à partir du jour que le bailleur a choisi."
    if blocked:
        return (
            f"Plus de 100 % du flux est promis {there} : l’orientation reprendra quand le bailleur aura corrigé une "
            "convention."
        )
    return vacancy_reason(row)


def entered_as(vacancy: Vacancy | FileVacancy) -> str:
    """Why it is subtracted from the flow, or how it was classed."""
    return EXCLUSIONS.get(vacancy.exclusion) or KINDS[vacancy.kind]


def vacancy_reason(row: VacancyRow) -> str:
    """Why there, in one sentence."""
    vacancy, routing = row.vacancy, row.routing
    if row.is_cancelled:
        return f"Annulé, {vacancy.get_cancellation_display()} : {vacancy.cancellation_text}"
    if routing and routing.motive:
        return f"Choix du bailleur, {routing.get_motive_display()} : {routing.motive_text}"
    if row.is_out:
        last = row.returns[-1]
        return f"{upper_first(last.who)}, {last.get_reason_display()} : hors du flux."
    if row.recommendation:
        return row.recommendation.sentence
    return undecided(vacancy) if vacancy.kind == Vacancy.Kind.IN_FLOW else outside(vacancy)


def undecided(vacancy: Vacancy | FileVacancy) -> str:
    """What a vacancy of the flow `with_destinations` waits for, without a recommendation yet."""
    found = vacancy.expected if isinstance(vacancy, FileVacancy) else expected(vacancy)
    if found is None:
        return NOT_CALCULATED
    return foreseen(str(found.holder), since=timezone.localdate(found.since), until=found.firm_on)


def outside(vacancy: Vacancy | FileVacancy) -> str:
    """Why a vacancy that is not of the flow goes where it goes."""
    if vacancy.kind == Vacancy.Kind.EXCLUDED:
        return f"Soustrait du flux (CCH, R441-5) : {vacancy.get_exclusion_display()}."
    if vacancy.kind == Vacancy.Kind.FIRST_LETTING and vacancy.ledger_id is not None:
        if vacancy.allotment_id is None:
            return "Première location : la répartition du programme le laisse au bailleur."
        return "Première location : part de ce réservataire dans la répartition du programme."
    return OUTSIDE[Vacancy.Kind(vacancy.kind)]
