"""Reminding a landlord of a balance that has not come."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from attributions.bilan.models import BalanceReminder
from reservations.models import Landlord, Organisation, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.refusals import Refusal
from reservations.words import day

#: Between two reminders of one organisation: what leaves a landlord the time to act. No text sets it.
APART = timedelta(days=7)


class ReminderRefused(Refusal):
    """A reminder of what is not awaited, or that follows another too closely."""


@atomic
def remind_landlord(
    *, landlord: Landlord, exercise: int, organisation: Organisation, absent: bool, by: User, now: datetime
) -> BalanceReminder:
    """Remind a landlord of its balance of a year, in the name of an organisation that oversees its territory.

    `absent`: is a balance of it awaited there? The caller reads it in the standing of its territory.
    Raises ReminderRefused: the year is not over, the balance came, a reminder was sent within seven days.
    """
    today = timezone.localdate(now)
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    if today.year <= exercise:
        raise ReminderRefused(
            f"Le bilan {exercise} se fait une fois l’année finie : relancez à partir du 1er janvier {exercise + 1}."
        )
    if not absent:
        raise ReminderRefused(f"{landlord} a déjà envoyé son bilan {exercise} : lisez-le depuis cette page.")
    last = (
        BalanceReminder.objects.filter(landlord=landlord, exercise=exercise, organisation=organisation)
        .order_by("-at")
        .first()
    )
    if last is not None and now - last.at < APART:
        raise ReminderRefused(
            f"Vous avez relancé {landlord} le {day(last.at)} : attendez sept jours, jusqu’au {day(last.at + APART)}."
        )
    return BalanceReminder.objects.create(
        landlord=landlord, exercise=exercise, organisation=organisation, at=now, by=by
    )
