"""Recording a rate that a CIA sets for its territory, or for one landlord there (CCH, L441-1-6)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from attributions.models import Objective
from reservations.models import HistoryEntry, Landlord, Territory, User
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak
from reservations.templatetags.french import day


class ObjectiveRefused(Refusal):
    """A rate or a date that cannot be."""


@transaction.atomic
def set_objective(
    *,
    code: str,
    territory: Territory,
    landlord: Landlord | None = None,
    percent: Decimal,
    starts_on: date,
    source: str,
    by: User,
    now: datetime | None = None,
) -> Objective:
    """Record a rate from a day on; the one that ran there until then ends the day before. No past rate is rewritten.

    `percent` has four decimals at most, `source` names the CIA. A rate that starts today or later is replaced by one
    that starts on the same day (mistyped).
    Raises ObjectiveRefused, by field: an objective that only the law settles, a rate out of 0 to 100, no source, a day
    that does not follow the latest rate; Refusal when somebody records the same at the same time.
    """
    today = timezone.localdate(now)
    _check(code, percent, source)
    running = (
        Objective.objects.select_for_update(of=("self",))
        .filter(code=code, territory=territory, landlord=landlord)
        .order_by("-starts_on")
        .first()
    )
    before = None if running is None else _plain(running.percent)
    if running is not None:
        if starts_on == running.starts_on >= today:
            running.percent, running.source = percent, source.strip()
            running.save(update_fields=["percent", "source"])
            record(running, HistoryEntry.Act.EDITED, by=by, details={"percent": [before, _plain(percent)]})
            return running
        if starts_on <= running.starts_on:
            raise ObjectiveRefused(
                f"Le taux le plus récent court depuis le {day(running.starts_on)} : choisissez un jour après celui-là.",
                field="starts_on",
            )
        if running.ends_on is None or running.ends_on >= starts_on:
            running.ends_on = starts_on - timedelta(days=1)
            running.save(update_fields=["ends_on"])
    with constraints_speak(Objective):
        recorded = Objective.objects.create(
            code=code,
            territory=territory,
            landlord=landlord,
            percent=percent,
            starts_on=starts_on,
            source=source.strip(),
        )
    details = {"percent": [before, _plain(percent)], "starts_on": [None, starts_on.isoformat()]}
    record(recorded, HistoryEntry.Act.RECORDED, by=by, details=details)
    return recorded


def _check(code: str, percent: Decimal, source: str) -> None:
    """Raises ObjectiveRefused when it cannot be a rate of a CIA."""
    if code not in Objective.Code.values:
        raise ObjectiveRefused("Choisissez l’objectif dans la liste.", field="code")
    if code in Objective.CEILINGS:
        raise ObjectiveRefused(
            "Ce plafond est celui de la loi : une convention intercommunale ne le change pas.", field="code"
        )
    if not 0 <= percent <= 100 or percent != percent.quantize(Decimal("0.0001")):
        raise ObjectiveRefused("Un taux va de 0 % à 100 %, avec quatre décimales au plus.", field="percent")
    if not source.strip():
        raise ObjectiveRefused("Citez la convention intercommunale d’attribution (CIA) et sa date.", field="source")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
