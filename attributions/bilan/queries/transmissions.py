"""What was sent of a balance and of the forecasts beside it: which act, on which day, by whom, to how many."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.utils import timezone

from attributions.bilan.models import AnnualBalance, BalanceVersion
from flux.models import Forecast
from reservations.models import Landlord, Membership


@dataclass(frozen=True, slots=True)
class Transmission:
    """One act, in a département (`departement` its code, `place` its name), of a balance (`version` its number) or of a
    forecast (None). `is_seal`: the last signature, that has no recipient; else it was sent, by somebody, to some
    organisations."""

    exercise: int
    version: int | None
    departement: str
    place: str
    is_seal: bool
    on: date
    by: str
    recipients: int | None


def transmissions(
    landlord: Landlord, year: int, departements: Collection[int], *, member: Membership | None
) -> tuple[Transmission, ...]:
    """Of a balance in some départements (ids), as far as the person reads them: the forecast of its year, its versions,
    the forecast of the next year, that goes with it (CCH, R441-5). By département then day. Two queries."""
    seen = Forecast.objects.all() if member is None else Forecast.objects.visible_to(member)
    forecasts = (
        seen.filter(landlord=landlord, departement__in=departements, exercise__in=(year, year + 1))
        .exclude(sent_at=None)
        .select_related("departement", "sent_by")
        .annotate(recipients=Count("dispatches"))
        .order_by("departement__code", "exercise")
    )
    found = [
        Transmission(
            each.exercise,
            None,
            each.departement.code,
            each.departement.name,
            False,
            timezone.localdate(each.sent_at),
            str(each.sent_by),
            each.recipients,
        )
        for each in forecasts
    ]
    balances = AnnualBalance.objects.all() if member is None else AnnualBalance.objects.visible_to(member)
    versions = (
        BalanceVersion.objects.filter(
            balance__in=balances.filter(landlord=landlord, departement__in=departements, exercise=year).order_by()
        )
        .select_related("balance__departement", "sent_by")
        .annotate(recipients=Count("dispatches"))
        .order_by("balance__departement__code", "number")
    )
    for each in versions:
        about = (year, each.number, each.balance.departement.code, each.balance.departement.name)
        sent = timezone.localdate(each.sent_at)
        found.append(Transmission(*about, False, sent, str(each.sent_by), each.recipients))
        if each.sealed_at:
            found.append(Transmission(*about, True, timezone.localdate(each.sealed_at), "", None))
    return tuple(
        sorted(found, key=lambda each: (each.departement, each.on, each.version or 0, each.exercise, each.is_seal))
    )
