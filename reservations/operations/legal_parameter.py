"""Recording what the law fixes, when it changes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from reservations.models import HistoryEntry, LegalParameter, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.operations.unconfirmed import leave_to_confirm
from reservations.pages.legal_parameters import fault
from reservations.refusals import Refusal, constraints_speak


class ParameterRefused(Refusal):
    """A value or a date that cannot be."""


@atomic
def record_legal_parameter(
    *, code: str, value: Decimal, starts_on: date, source: str, would_confirm: str = "", by: User, today: date
) -> LegalParameter:
    """Record a value from a day on; the one that ran until then ends the day before. Nothing past is rewritten.

    The latest value, when it starts on `today` or later, is replaced by one that starts on the same day (mistyped).

    `value` is in the measure of its code (a percentage has four decimals at most), `source` the article or the decree;
    `would_confirm`, what text is still to be read, when it is not sure.
    Raises ParameterRefused, by field, or Refusal when somebody records the same at the same time.
    """
    if sentence := fault(code, value):
        raise ParameterRefused(sentence, field="value")
    if not source.strip():
        raise ParameterRefused("Citez l’article, le décret ou l’arrêté.", field="source")
    source = source.strip()
    running = LegalParameter.objects.select_for_update().filter(code=code).order_by("-starts_on").first()
    if running is not None:
        if starts_on == running.starts_on >= today:
            changed = {"value": [_plain(running.value), _plain(value)], "source": [running.source, source]}
            running.value, running.source = value, source
            running.save(update_fields=["value", "source"])
            leave_to_confirm(running, would_confirm)
            record(running, HistoryEntry.Act.EDITED, by=by, details={k: v for k, v in changed.items() if v[0] != v[1]})
            return running
        if starts_on <= running.starts_on:
            raise ParameterRefused(
                f"La valeur la plus récente court depuis le {running.starts_on:%d/%m/%Y} : "
                "choisissez un jour après celui-là.",
                field="starts_on",
            )
        if running.ends_on is None or running.ends_on >= starts_on:
            running.ends_on = starts_on - timedelta(days=1)
            running.save(update_fields=["ends_on"])
    with constraints_speak(LegalParameter):
        recorded = LegalParameter.objects.create(code=code, value=value, starts_on=starts_on, source=source)
    leave_to_confirm(recorded, would_confirm)
    record(
        recorded,
        HistoryEntry.Act.RECORDED,
        by=by,
        details={
            "value": [None if running is None else _plain(running.value), _plain(value)],
            "starts_on": [None, starts_on.isoformat()],
            "source": [None if running is None else running.source, source],
        },
    )
    return recorded


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
