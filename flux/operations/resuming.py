"""Letting again a unit that works, or a technical vacancy, kept out of the flow: its life is one story."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from flux.models import Ledger, OutsideFlow, Programme, Resumption, StockAssignment, Unit, Vacancy
from flux.operations.cancellation import declare_instead
from flux.operations.decision import (
    DecisionStanding,
    RoutingRefused,
    already_cancelled,
    lock,
    open_batch,
)
from flux.operations.known import foresee_again
from flux.operations.vacancy import check_in_stock, has_been_let
from flux.queries.known import queue_of
from flux.queries.returning import works_of
from flux.situation import OverCommitted, categories_of, load
from reservations.models import User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.words import day, to, upper_first

Kind = Vacancy.Kind


class ResumptionRefused(RoutingRefused):
    """This unit cannot be let again so; the sentence says what to do next."""


@atomic
def resume_vacancy(*, vacancy: Vacancy, by: User, now: datetime | None = None) -> Vacancy:
    """The unit can be let again. Returns the vacancy that goes on.

    Of the flow, and taken out for works: it is the same vacancy, with its notice, in the account of its year. It enters
    that account anew, as what it is now, and is decided at once: each right of its day is credited, and whoever takes
    the unit is charged with it; those who gave it back before the works may have it again. In an account of before
    (`Ledger.accounting` 1), what was due stayed due: nothing is credited again. One that was handed on for one turn
    beside the flow is so again.

    A technical vacancy never had a place in the order: it takes one now, in the exercise of the day, as a declaration
    with the same notice that `replaces` it, under the class that the unit has (a title, outside what shares bear on, a
    first letting, the flow). Of the same year it is counted once, as what it became; of a year before, the technical
    vacancy stays counted there, closed.

    Raises ResumptionRefused: not out, taken over from the past, or a unit that is no longer of the flow; VacancyRefused
    when the unit left the stock, and what `declare_vacancy` raises.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    check_in_stock(in_order(Unit.objects.all()).get(pk=vacancy.unit_id), today)
    if vacancy.kind == Kind.TECHNICAL:
        return _declare_again(vacancy, by=by, now=now, today=today)
    [standing] = lock([vacancy.pk])
    _check(standing, today)
    return _enter_again(standing, by=by, now=now)


def _declare_again(vacancy: Vacancy, *, by: User, now: datetime, today: date) -> Vacancy:
    unit = Unit.objects.select_related("commune", "programme", "landlord").get(pk=vacancy.unit_id)
    if vacancy.is_cancelled:
        raise ResumptionRefused(already_cancelled(vacancy))
    if vacancy.closed_on is not None:
        raise ResumptionRefused(
            f"{unit} est déjà remis en location, depuis le {day(vacancy.closed_on)} : rechargez la page."
        )
    text = "Le logement redevient louable."
    return declare_instead(
        vacancy=vacancy,
        kind=_kind_of(unit, today),
        text=text,
        by=by,
        now=now,
        closes=vacancy.registered_on.year < today.year,
    )


def _kind_of(unit: Unit, today: date) -> str:
    """Under which class a unit that can be let again is declared."""
    if StockAssignment.objects.living(today).filter(unit=unit).exists():
        return Kind.STOCK
    if OutsideFlow.objects.in_force(today).filter(unit=unit).exists():
        return Kind.OUTSIDE
    programme = Programme.objects.get(pk=unit.programme_id)
    if programme.allotment_agreed_on is not None and not has_been_let(unit):
        return Kind.FIRST_LETTING
    return Kind.IN_FLOW


def _check(standing: DecisionStanding, today: date) -> None:
    """Raises ResumptionRefused unless works took this unit out, and it is still of the flow."""
    unit = standing.vacancy.unit
    if not standing.is_out:
        raise ResumptionRefused(f"{unit} n’est pas sorti de la location : il n’y a rien à reprendre.")
    if standing.vacancy.is_past:
        raise ResumptionRefused(
            f"La sortie de {unit} est reprise de votre ancien outil : déclarez-le au congé qui suit, ou entrez là ce "
            "qu’il est devenu."
        )
    if standing.vacancy.kind == Kind.IN_FLOW and _kind_of(unit, today) in (Kind.STOCK, Kind.OUTSIDE):
        raise ResumptionRefused(
            f"{unit} n’est plus du flux : il porte un droit en stock, ou il est hors de l’assiette. Reclassez cette "
            "déclaration, sur la page « Annuler ou reclasser »."
        )


def _enter_again(standing: DecisionStanding, *, by: User, now: datetime) -> Vacancy:
    """Decide in memory who gets it, at once: it is late. Raises ResumptionRefused where over 100 % is promised."""
    vacancy, before = standing.vacancy, standing.recommendation
    assert before is not None, "what is out was recommended"
    own = before.ledger_id if vacancy.kind != Kind.IN_FLOW or vacancy.ledger_id is None else vacancy.ledger_id
    ledger = Ledger.objects.select_related("landlord", "departement").get(pk=own)
    batch = open_batch(load(ledger), now=now)
    situation, categories = batch.situation, vacancy.categories
    try:
        queue = queue_of(ledger, situation.rights, batch.window)
        sequence, length = ledger.sequence + 1, batch.window.length
        if vacancy.kind == Kind.IN_FLOW and ledger.credits_once:
            entered = situation.enter(vacancy, sequence=sequence, waiting=queue, window=length)
        else:
            categories = categories_of(before)
            entered = situation.offer_again(
                vacancy,
                sequence=sequence,
                categories=categories,
                counted=vacancy.kind != Kind.IN_FLOW,
                returned=situation.suspended(vacancy, on=timezone.localdate(now)),
                chain=None,
                waiting=queue,
                window=length,
            )
    except OverCommitted as error:
        raise ResumptionRefused(
            f"{upper_first(to(error.excess.commune))}, les conventions promettent plus de 100 % du flux : corrigez-les "
            "d’abord, sans quoi ce logement n’aurait pas de destination."
        ) from error
    enters = vacancy.kind == Kind.IN_FLOW and ledger.credits_once
    batch.decide(vacancy, entered, categories, attempt=before.attempt + 1, due_at=now, enters=enters)
    batch.write()
    Resumption.objects.create(given_back=works_of(vacancy), resumed_at=now, resumed_by=by)
    foresee_again(ledger.pk)
    return vacancy
