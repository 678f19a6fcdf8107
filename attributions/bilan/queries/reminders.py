"""What a landlord is reminded of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.utils import timezone

from attributions.bilan.models import BalanceReminder
from attributions.bilan.queries.due import ToSend
from reservations.models import Landlord


def reminders_of(landlord: Landlord, still: ToSend, *, today: date) -> list[BalanceReminder]:
    """The last reminder of each organisation, of the balances of the year before, while one is `still` to send in any
    département: a reminder names none. One query at most."""
    if not still:
        return []
    found = BalanceReminder.objects.filter(landlord=landlord, exercise=today.year - 1)
    latest = found.order_by("organisation_id", "-at").distinct("organisation_id")
    return list(latest.select_related("organisation"))


def last_reminders(landlords: Collection[int], exercise: int) -> dict[int, date]:
    """The last time that each landlord (id) was reminded of its balance of a year. One query."""
    rows = BalanceReminder.objects.filter(landlord__in=landlords, exercise=exercise).order_by("at")
    return {landlord: timezone.localdate(at) for landlord, at in rows.values_list("landlord", "at")}
