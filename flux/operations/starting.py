"""Beginning to route here: the day, and a trial on accounts that are thrown away."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from flux.models import GoLive, Ledger, Rehearsal, Unit, Vacancy
from flux.operations.covering import nowhere
from flux.operations.decision import open_batch
from flux.operations.vacancy import declare_vacancy
from flux.operations.window import refuse_gone_by
from flux.situation import OverCommitted, load
from flux.wakeups import wake_ledger
from reservations.models import Landlord, ReservationHolder, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.refusals import Refusal
from reservations.words import to

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
    the last of those that wait, and all of it is undone; only what was said of it stays.

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
