"""The acts on notices.

* A notice that was cancelled before it was recorded here: kept as cancelled, so that nothing of its story is lost.
* A notice that the rule does not decide of, reported after its day: entered as it was registered elsewhere.
"""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

from flux.models import Routing, Unit, Vacancy
from flux.operations.ledgers import let_first, open_first_lettings, open_ledger
from flux.operations.vacancy import check_first_letting, check_in_stock, class_of, stock_right_of
from flux.operations.vacancy_dates import VacancyRefused, check_dates, check_works
from reservations.models import HistoryEntry, User
from reservations.models.wall import atomic
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
    """Keep a notice with its cancellation, as another installation, or another tool, states them: it fell vacant for
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


#: What moves no account: kept in stock, subtracted, outside, technical.
BESIDE = (Vacancy.Kind.STOCK, Vacancy.Kind.EXCLUDED, Vacancy.Kind.OUTSIDE, Vacancy.Kind.TECHNICAL)
#: What the rule does not decide of: a first letting goes where its allotment says, on whatever day it is reported.
NOTIFIED = (*BESIDE, Vacancy.Kind.FIRST_LETTING)


@atomic
def record_reported_notice(
    *,
    unit: Unit,
    kind: str,
    exclusion: str = "",
    notice_on: date,
    available_on: date,
    works_end_on: date | None = None,
    registered_on: date,
    answered_on: date | None = None,
    by: User,
    today: date | None = None,
) -> Vacancy:
    """Enter a unit that fell vacant, not of the flow, as another tool registered it on a day: it counts in the year of
    that day, and, kept in stock, went then to the holder of the title that it bore; the first letting of a programme
    whose allotment is agreed went to whom it gives it, and enters the accounts of that day. `answered_on`: the day of
    that holder's candidates; its clock is stopped, and nobody is asked for others.

    Raises VacancyRefused: a unit of the flow, dates that cannot be, no title that day, a first letting that is not the
    first; FirstLettingRefused when the allotment has no unit left; Refusal when the unit is already vacant then.
    """
    today = today or timezone.localdate()
    if kind not in NOTIFIED:
        raise VacancyRefused(
            "Un congé du flux est enregistré le jour où il est dit ici : videz ce jour. Ceux d’avant entrent par le "
            "fichier des orientations passées.",
            field="registered_on",
        )
    if not notice_on <= registered_on <= today:
        raise VacancyRefused(
            f"Un congé est enregistré après avoir été reçu, et au plus tard aujourd’hui, le {today:%d/%m/%Y}.",
            field="registered_on",
        )
    if answered_on is not None and not registered_on <= answered_on <= today:
        raise VacancyRefused(
            f"Des candidats sont reçus entre l’enregistrement, le {registered_on:%d/%m/%Y}, et aujourd’hui.",
            field="answered_on",
        )
    check_in_stock(unit, registered_on)
    check_dates(notice_on=notice_on, available_on=available_on, kind=kind, today=registered_on)
    check_works(works_end_on, available_on=available_on)
    right = stock_right_of(unit, kind, None, registered_on)
    kind, exclusion = class_of(unit, kind, exclusion, right, registered_on)
    programme = check_first_letting(unit, kind)
    agreed_on = programme.allotment_agreed_on if kind == Vacancy.Kind.FIRST_LETTING else None
    if answered_on is not None and right is None and agreed_on is None:
        raise VacancyRefused(
            "Seul un logement gardé en stock, ou réparti à sa première location, a son réservataire : videz ce jour.",
            field="answered_on",
        )
    if agreed_on is not None:
        open_first_lettings(unit, registered_on)
    then = _noon(registered_on)
    with constraints_speak(Vacancy):
        vacancy = Vacancy.objects.create(
            unit=unit,
            kind=kind,
            exclusion=exclusion,
            stock_right=right,
            notice_on=notice_on,
            available_on=available_on,
            works_end_on=works_end_on,
            registered_at=then,
            registered_on=registered_on,
            registered_by=by,
        )
    if right is not None:
        Routing.objects.create(vacancy=vacancy, holder_id=right.holder_id, routed_at=then, answered_on=answered_on)
    if agreed_on is not None:
        routing = let_first(vacancy=vacancy, programme=programme, now=max(then, _noon(agreed_on)))
        if answered_on is not None:
            routing.answered_on = answered_on
            routing.save(update_fields=["answered_on"])
    details = {"registered_on": [None, registered_on.isoformat()]}
    record(vacancy, HistoryEntry.Act.RECORDED, by=by, why="Dit après coup, par un fichier.", details=details)
    return vacancy


def _noon(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time(12)))
