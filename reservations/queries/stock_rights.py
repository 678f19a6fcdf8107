"""Titles of the stock: what the law says of their length, and how long before its end one is said to end soon."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Q

from reservations.models import LegalParameter


def extension_years_on(day: date) -> int | None:
    """How long the rights of a loan guarantee go on after the loan (CCH, R441-6), or None when it is not recorded."""
    value = _value(LegalParameter.Code.GUARANTEE_EXTENSION_YEARS, day)
    return None if value is None else int(value)


def warning_days_on(day: date) -> int | None:
    """How many days before its end a right is said to end soon, or None when it is not recorded."""
    value = _value(LegalParameter.Code.EXPIRY_WARNING_DAYS, day)
    return None if value is None else int(value)


def _value(code: str, day: date) -> Decimal | None:
    return (
        LegalParameter.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), code=code, starts_on__lte=day)
        .order_by("-starts_on")
        .values_list("value", flat=True)
        .first()
    )
