"""What a landlord is reminded of."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef

from attributions.models import AnnualBalance, BalanceReminder, BalanceVersion
from attributions.queries.balance_due import ANNUAL
from reservations.models import Landlord


def reminders_of(landlord: Landlord, *, today: date) -> list[BalanceReminder]:
    """The last reminder of each organisation, of the balance of the year before, until a version of it is sent. One
    query."""
    sent = BalanceVersion.objects.filter(
        ANNUAL,
        balance__in=AnnualBalance.objects.filter(landlord=OuterRef(OuterRef("landlord")), exercise=today.year - 1),
    )
    found = BalanceReminder.objects.filter(~Exists(sent), landlord=landlord, exercise=today.year - 1)
    latest = found.order_by("organisation_id", "-at").distinct("organisation_id")
    return list(latest.select_related("organisation"))
