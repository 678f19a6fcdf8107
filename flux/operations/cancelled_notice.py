"""A notice that was cancelled before it was told here: kept as cancelled, so that nothing of its story is lost."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

from flux.models import Unit, Vacancy
from flux.operations.ledger import open_ledger
from flux.operations.vacancy_dates import VacancyRefused, check_dates
from reservations.models import HistoryEntry, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.refusals import constraints_speak


@atomic
def record_cancelled_notice(
    *,
    unit: Unit,
    kind: str,
    exclusion: str = "",
    notice_on: date,
    available_on: date,
    cancelled_on: date,
    reason: str,
    text: str,
    by: User,
    today: date | None = None,
) -> Vacancy:
    """Keep a notice with its cancellation, as another installation, or another tool, tells them: it fell vacant for
    nobody, is routed by nobody, and moves no account.

    Raises VacancyRefused: dates that cannot be, no reason or no sentence.
    """
    today = today or timezone.localdate()
    if not notice_on <= cancelled_on <= today:
        raise VacancyRefused(
            f"Un congé s’annule après avoir été reçu, et au plus tard aujourd’hui, le {today:%d/%m/%Y}.",
            field="cancelled_on",
        )
    check_dates(notice_on=notice_on, available_on=available_on, kind=kind, today=cancelled_on)
    if reason not in Vacancy.Cancellation.values:
        raise VacancyRefused("Dites pourquoi il a été annulé, en choisissant un motif.", field="cancellation")
    if not text.strip():
        raise VacancyRefused("Dites pourquoi, en une phrase.", field="cancellation_text")
    then = timezone.make_aware(datetime.combine(cancelled_on, time(12)))
    with constraints_speak(Vacancy):
        vacancy = Vacancy.declared.create(
            unit=unit,
            kind=kind,
            exclusion=exclusion,
            ledger=open_ledger(unit, cancelled_on) if kind == Vacancy.Kind.IN_FLOW else None,
            notice_on=notice_on,
            available_on=available_on,
            registered_at=then,
            registered_on=cancelled_on,
            registered_by=by,
            cancellation=reason,
            cancellation_text=text.strip(),
            cancelled_at=then,
            cancelled_by=by,
        )
    record(vacancy, HistoryEntry.Act.CANCELLED, by=by, why=text.strip(), details={"cancellation": ["", str(reason)]})
    return vacancy
