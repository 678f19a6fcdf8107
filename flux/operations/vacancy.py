"""Declaring a unit that falls vacant."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from flux.models import Ledger, Routing, StockAssignment, Unit, Vacancy
from flux.operations.carry_over import carry_over
from flux.wakeups import wake_ledger
from reservations.models import User
from reservations.refusals import Refusal, constraints_speak

#: No notice to quit runs longer; beyond, a date is a slip of the keyboard.
LONGEST_NOTICE = timedelta(days=366)


class VacancyRefused(Refusal):
    """This unit cannot be declared vacant so."""


@transaction.atomic
def declare_vacancy(
    *,
    unit: Unit,
    kind: str,
    exclusion: str = "",
    notice_on: date,
    available_on: date,
    by: User,
    now: datetime | None = None,
) -> Vacancy:
    """Register a vacancy. In the flow, the row is the order to route it, and a worker is woken after commit.

    A unit that bears a living stock right goes straight to its holder and never debits the flow, whatever
    `kind` says. The exercise is that of the day of registration (`now`), not of the dates given.

    Raises VacancyRefused for a notice in the future, or before the unit was last free, or an exclusion without one
    of the five legal categories;
    Refusal when the unit is already vacant at these dates.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    if notice_on > today:
        raise VacancyRefused(
            f"Le congé ne peut pas être reçu après aujourd’hui, le {today:%d/%m/%Y}.", field="notice_on"
        )
    _check_dates(notice_on, available_on)
    _check_order(unit, notice_on)
    if kind not in Vacancy.Kind.values:
        raise VacancyRefused("Choisissez l’un des classements proposés.", field="kind")
    if exclusion not in (Vacancy.Exclusion.values if kind == Vacancy.Kind.EXCLUDED else [""]):
        raise VacancyRefused(
            "Choisissez l’un des cinq motifs de la loi pour soustraire ce logement du flux (CCH, R441-5).",
            field="exclusion",
        )
    assignment = StockAssignment.objects.living(today).select_related("right").filter(unit=unit).first()
    if assignment is not None:
        kind, exclusion = Vacancy.Kind.STOCK, ""
    elif kind == Vacancy.Kind.STOCK:
        raise VacancyRefused(
            "Ce logement ne porte aucun droit en stock : enregistrez-le d’abord sur sa fiche.", field="kind"
        )
    with constraints_speak(Vacancy):
        vacancy = Vacancy.objects.create(
            unit=unit,
            kind=kind,
            exclusion=exclusion,
            ledger=_open_ledger(unit, today) if kind == Vacancy.Kind.IN_FLOW else None,
            notice_on=notice_on,
            available_on=available_on,
            registered_at=now,
            registered_on=today,
            registered_by=by,
        )
    if assignment is not None:
        Routing.objects.create(vacancy=vacancy, holder_id=assignment.right.holder_id, routed_at=now)
    if vacancy.ledger_id is not None:
        wake_ledger(vacancy.ledger_id)
    return vacancy


def _check_dates(notice_on: date, available_on: date) -> None:
    """A year mistyped would hold the unit for decades: its next vacancy could not be declared."""
    if available_on > notice_on + LONGEST_NOTICE:
        raise VacancyRefused(
            f"Le logement serait libre le {available_on:%d/%m/%Y}, plus d’un an après le congé : vérifiez l’année.",
            field="available_on",
        )


def _check_order(unit: Unit, notice_on: date) -> None:
    """A unit is vacated again only after it was free: an older notice is the same departure, dated wrong."""
    Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    latest = unit.vacancies.order_by("-available_on").first()
    if latest is not None and notice_on <= latest.available_on:
        raise VacancyRefused(
            f"{unit} est déjà déclaré libéré, libre le {latest.available_on:%d/%m/%Y} : un nouveau congé vient après "
            "cette date. Ouvrez sa fiche plutôt que de le déclarer deux fois.",
            field="notice_on",
        )


def _open_ledger(unit: Unit, on: date) -> Ledger:
    """The ledger of the unit's département for that exercise, locked: rows are numbered in the order they commit."""
    key = {
        "landlord_id": unit.landlord_id,
        "departement_id": unit.commune.departement_id,
        "exercise": on.year,
        "kind": Ledger.Kind.ORDINARY,
    }
    opened = Ledger.objects.select_for_update().filter(**key).order_by("pk").first()
    if opened is None:
        Ledger.objects.bulk_create([Ledger(**key)], ignore_conflicts=True)  # another clerk may open it first
        opened = Ledger.objects.select_for_update(of=("self",)).select_related("landlord").get(**key)
        if not opened.sequence and not opened.carried_over.exists() and not opened.vacancies.exists():
            carry_over(ledger=opened, on=on)
    return opened
