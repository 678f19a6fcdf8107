"""The acts on the first days.

* Beginning to route here: the day, and a trial on accounts that are thrown away.
* Choosing how many known departures are planned together: the version of the rule, from a date on.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from flux.models import DecisionWindow, GoLive, Ledger, Recommendation, Rehearsal, Unit, Vacancy
from flux.models.starting import DAYS, LENGTH
from flux.operations.decision import open_batch
from flux.operations.departures import nowhere
from flux.operations.vacancy import declare_vacancy
from flux.situation import OverCommitted, load
from flux.wakeups import wake_ledger
from reservations.bounds import first_fault
from reservations.models import HistoryEntry, Landlord, ReservationHolder, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal
from reservations.wakeups import wake
from reservations.words import to

#: Known by its name: what states the holders lives upstairs.
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
    have a right then are notified (`attributions/notices/announcing.py`). `from_file`: chosen elsewhere, and notified
    on its day.

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
    """Raises Refusal for a choice of the past: the rule ran without it. A file that comes from where it was made states
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


#: How far ahead a landlord may say that it begins.
FURTHEST = timedelta(days=366)


@atomic
def set_go_live(
    *, landlord: Landlord, on: date, by: User, now: datetime | None = None, from_file: bool = False
) -> GoLive:
    """Choose the day from which a landlord's vacancies are routed. What waits then is decided, in its order.

    `from_file`: it began elsewhere, on a day that may be gone by as long as nothing was decided here.
    Raises Refusal: a day gone by, or further than a year, or when units are decided already.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    if on < today and from_file:
        refuse_gone_by(landlord, on, today=today, from_file=from_file)
    elif not today <= on <= today + FURTHEST:
        raise Refusal("Choisissez un jour à partir d’aujourd’hui, d’ici un an.", field="on")
    decided = Vacancy.objects.filter(
        source=Vacancy.Source.HERE, ledger__landlord=landlord, recommendations__isnull=False
    )
    if on > today and decided.filter(recommendations__isnull=False).exists():
        raise Refusal(
            "Des logements sont déjà décidés ici : l’orientation a commencé, elle ne s’arrête pas.", field="on"
        )
    chosen = GoLive.objects.create(landlord=landlord, on=on, set_by=by, set_at=now)
    if on <= today:
        waiting = Vacancy.objects.waiting().filter(ledger__landlord=landlord).order_by("ledger")
        for ledger in waiting.values_list("ledger", flat=True).distinct():
            if ledger is not None:
                wake_ledger(ledger)
    return chosen


@atomic
def rehearse(*, unit: Unit, by: User, now: datetime | None = None) -> Rehearsal:
    """Try what the rule would decide if this unit fell vacant now: it is declared and decided on the real accounts, as
    the last of those that wait, and all of it is undone; only what was stated of it stays.

    Raises Refusal when the unit cannot be declared in the flow today.
    """
    now = now or timezone.now()
    holder, sentence = None, ""
    try:
        with transaction.atomic():
            holder, sentence = _tried(unit, by, now)
            raise _Undone
    except _Undone:
        return Rehearsal.objects.create(unit=unit, holder=holder, sentence=sentence, tried_by=by, tried_at=now)


class _Undone(Exception):
    """What was tried is thrown away."""


def _tried(unit: Unit, by: User, now: datetime) -> tuple[ReservationHolder | None, str]:
    """Who would have this unit, and why; nobody where nothing can be decided."""
    today = timezone.localdate(now)
    vacancy = declare_vacancy(
        unit=unit,
        kind=Vacancy.Kind.IN_FLOW,
        notice_on=today,
        available_on=today + timedelta(days=90),
        confirmed=True,
        by=by,
        now=now,
    )
    if vacancy.kind == Vacancy.Kind.STOCK:
        return vacancy.routings.get().holder, "Il porte un droit en stock : il va à son titulaire, hors du flux."
    ledger = Ledger.objects.select_related("landlord").get(vacancies=vacancy)
    batch = open_batch(load(ledger), now=now)
    if not batch.situation.held_at(vacancy):
        return None, nowhere(vacancy)
    try:
        entered = batch.situation.enter(vacancy, sequence=ledger.sequence + 1)
    except OverCommitted as error:
        return None, f"Plus de 100 % du flux est promis {to(error.excess.commune)} : corrigez une convention."
    recommended = batch.decide(vacancy, entered, vacancy.categories, attempt=1, due_at=now)
    return recommended.holder, recommended.sentence
