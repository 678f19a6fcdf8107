"""Choosing how many known departures are planned together: the version of the rule, from a date on."""

from __future__ import annotations

from datetime import date

from flux.models import DecisionWindow, Recommendation, Vacancy
from flux.models.window import DAYS, LENGTH
from flux.wakeups import wake_ledger
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, Landlord, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.history import record
from reservations.refusals import Refusal
from reservations.wakeups import wake

#: Known by its name: what tells the holders lives upstairs.
ANNOUNCE = "attributions.announce_decision_windows"


@atomic
def set_decision_window(
    *,
    landlord: Landlord,
    length: int,
    days: int,
    starts_on: date,
    by: User,
    today: date,
    from_file: bool = False,
) -> DecisionWindow:
    """Choose how many known departures are planned together, and how long one waits for others, from a date on.

    A `length` of 1 is version 1 of the rule. Without a choice, eight are planned together: to choose that is a choice
    too, which is dated. What is already recommended does not change; what waits is decided as the choice in force
    that day says. A choice for the same day, not yet gone by, is put right: the last one counts. The holders that
    have a right then are told (`attributions/notices/announcing.py`). `from_file`: chosen elsewhere, and told on its
    day.

    Raises Refusal: a figure out of its bounds, a date gone by, or a choice that changes nothing.
    """
    if fault := first_fault((LENGTH, DAYS), {"length": length, "days": days}):
        raise Refusal(fault[1], field=fault[0])
    days = days if length > 1 else 0
    refuse_gone_by(landlord, starts_on, today=today, from_file=from_file)
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    before = DecisionWindow.objects.of(landlord, starts_on)
    if before.pk is not None and (before.length, before.days) == (length, days) and not from_file:
        raise Refusal("C’est déjà ce qui est en vigueur ce jour-là : changez l’un des deux chiffres.", field="length")
    window, new = DecisionWindow.objects.update_or_create(
        landlord=landlord, starts_on=starts_on, defaults={"length": length, "days": days}
    )
    record(
        window,
        HistoryEntry.Act.RECORDED if new else HistoryEntry.Act.EDITED,
        by=by,
        details={"length": [before.length, length], "days": [before.days, days]},
    )
    if starts_on <= today:
        _wake_waiting(landlord)
    wake(ANNOUNCE)
    return window


def refuse_gone_by(landlord: Landlord, starts_on: date, *, today: date, from_file: bool) -> None:
    """Raises Refusal for a choice of the past: the rule ran without it. A file that comes from where it was made tells
    it on its day, as long as nothing was decided here since."""
    if starts_on >= today:
        return
    if not from_file:
        raise Refusal("Choisissez une date à partir d’aujourd’hui : le passé ne change pas.", field="starts_on")
    decided = Recommendation.objects.filter(ledger__landlord=landlord, recorded_at__date__gte=starts_on)
    if decided.exists():
        raise Refusal(
            "Des logements ont été décidés ici depuis ce jour : choisissez une date à partir d’aujourd’hui.",
            field="starts_on",
        )


def _wake_waiting(landlord: Landlord) -> None:
    """What waits today is decided, or forecast, as the new choice says."""
    waiting = Vacancy.objects.waiting().filter(ledger__landlord=landlord).order_by("ledger")
    for ledger in waiting.values_list("ledger", flat=True).distinct():
        if ledger is not None:
            wake_ledger(ledger)
