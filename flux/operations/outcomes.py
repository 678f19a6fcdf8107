"""The acts on outcomes.

* What became of a routed unit: allocated by the committee, then let. Each is one entry of the account.
* Letting again a unit that works, or a technical vacancy, kept out of the flow: its life is one story.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Q, Sum
from django.utils import timezone

from flux.models import FlowEntry, Ledger, OutsideFlow, Programme, Resumption, Routing, StockAssignment, Unit, Vacancy
from flux.operations.cancellation import declare_instead
from flux.operations.decision import (
    DecisionState,
    RoutingRefused,
    already_cancelled,
    lock,
    open_batch,
)
from flux.operations.departures import foresee_again
from flux.operations.vacancy import check_in_stock, check_not_free_again, has_been_let
from flux.queries.departures import queue_of
from flux.queries.first_letting import dated_by_lease, outcomes
from flux.queries.returns import works_of
from flux.situation import OverCommitted, categories_of, load
from reservations.models import HistoryEntry, ReservationHolder, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day, to, upper_first

Stage = FlowEntry.Stage


class OutcomeRefused(Refusal):
    """The unit cannot be stated allocated or let; the sentence says what to do first."""


@atomic
def record_allocation(*, vacancy: Vacancy, on: date, by: User, today: date) -> Routing:
    """The committee allocated the unit to a household of the holder it is routed to, on a day (CCH, R441-3).

    Raises OutcomeRefused: not routed, already allocated, a day before the routing or still to come.
    """
    routing = _routed(vacancy)
    _check_day(routing, on, today)
    if _still_counted(routing, Stage.ALLOCATED):
        raise OutcomeRefused("Ce logement est déjà attribué. Rechargez la page.")
    _add(routing, Stage.ALLOCATED, 1, on=on, by=by)
    return routing


@atomic
def record_lease(*, vacancy: Vacancy, on: date, by: User, today: date) -> Routing:
    """The lease was signed on a day: the allocation is effective (CCH, L441-1). Allocated the same day if not before.

    Raises OutcomeRefused: not routed, already let, a day before the routing or still to come.
    """
    routing = _routed(vacancy)
    _check_day(routing, on, today)
    if _still_counted(routing, Stage.LEASED):
        raise OutcomeRefused("Le bail de ce logement est déjà signé. Rechargez la page.")
    if not _still_counted(routing, Stage.ALLOCATED):
        _add(routing, Stage.ALLOCATED, 1, on=on, by=by)
    _add(routing, Stage.LEASED, 1, on=on, by=by)
    return routing


@atomic
def date_allocation(*, vacancy: Vacancy, on: date, by: User, today: date) -> Routing:
    """The committee allocated the unit on a day, and the account has that of the lease alone: two entries take the one
    back and write the other. The day of the lease itself may be confirmed.

    Raises OutcomeRefused: no such allocation, or a day outside the routing and the lease.
    """
    routing = _routed(vacancy)
    found = outcomes([vacancy]).get(vacancy.pk, {})
    if not dated_by_lease(found):
        raise OutcomeRefused(
            "Le jour de l’attribution n’est pas connu par le seul bail : annulez ce qui est faux, puis "
            "enregistrez-le à nouveau."
        )
    routed_on, signed_on = timezone.localdate(routing.routed_at), found[Stage.LEASED]
    if not routed_on <= on <= signed_on:
        raise OutcomeRefused(
            f"Choisissez un jour entre l’orientation, le {routed_on:%d/%m/%Y}, et celui du bail, le "
            f"{signed_on:%d/%m/%Y}.",
            field="on",
        )
    _add(routing, Stage.ALLOCATED, -1, on=today, by=by, why="L’attribution n’était connue que par son bail.")
    _add(routing, Stage.ALLOCATED, 1, on=on, by=by)
    return routing


@atomic
def withdraw_outcome(*, vacancy: Vacancy, why: str, by: User | None, today: date) -> Routing:
    """Undo the latest of the two: the lease, else the allocation, by an entry of the opposite sign.

    Raises OutcomeRefused: nothing to undo, or no reason given.
    """
    routing = _routed(vacancy)
    if not why.strip():
        raise OutcomeRefused("Dites pourquoi, en une phrase : le compte la garde.", field="why")
    for stage in (Stage.LEASED, Stage.ALLOCATED):
        if _still_counted(routing, stage):
            if stage == Stage.LEASED:
                check_not_free_again(vacancy)
            with constraints_speak(Vacancy):
                _add(routing, stage, -1, on=today, by=by, why=why)
            return routing
    raise OutcomeRefused("Ce logement n’est ni attribué ni loué : il n’y a rien à annuler.")


def _routed(vacancy: Vacancy) -> Routing:
    """The open routing of a unit of an account, its ledger held."""
    if vacancy.ledger_id is None:
        raise OutcomeRefused("Ce logement n’entre dans aucun compte : son bail se suit hors du flux.")
    in_order(Ledger.objects.all()).get(pk=vacancy.ledger_id)
    gone = Vacancy.declared.select_related("unit").filter(pk=vacancy.pk, cancelled_at__isnull=False)
    for cancelled in gone.order_by("pk"):
        raise OutcomeRefused(already_cancelled(cancelled))
    routing = vacancy.routings.select_related("holder__organisation").filter(closed_at=None).order_by("pk").first()
    if routing is None:
        raise OutcomeRefused("Ce logement n’est orienté vers personne : confirmez d’abord son orientation.")
    return routing


def _check_day(routing: Routing, on: date, today: date) -> None:
    routed_on = timezone.localdate(routing.routed_at)
    if not routed_on <= on <= today:
        raise OutcomeRefused(
            f"Choisissez un jour entre l’orientation, le {routed_on:%d/%m/%Y}, et aujourd’hui, le {today:%d/%m/%Y}.",
            field="on",
        )


def _still_counted(routing: Routing, stage: Stage) -> bool:
    entries = routing.vacancy.entries.filter(stage=stage, holder=routing.holder_id)
    return bool(entries.aggregate(sum=Sum("quantity"))["sum"])


def _add(routing: Routing, stage: Stage, quantity: int, *, on: date, by: User | None, why: str = "") -> None:
    """Write it for the holder of the routing, and in the yearly account that counts a first letting as received.

    A return that used its holder's turn left that holder its unit: it is not the one who houses.
    """
    own = routing.vacancy.ledger_id
    assert own is not None, "`_routed` lets only the units of an account through"
    FlowEntry.objects.bulk_create(
        FlowEntry(
            ledger_id=ledger,
            holder_id=holder,
            vacancy=routing.vacancy,
            stage=stage,
            quantity=quantity,
            on=on,
        )
        for ledger, holder in ((own, routing.holder_id), *_received_elsewhere(routing))
    )
    record(routing.vacancy, HistoryEntry.Act.RECORDED, by=by, why=why, details={stage: [0, quantity]})


def _received_elsewhere(routing: Routing) -> list[tuple[int, int]]:
    """(ledger, holder) of the other account where a first letting inside the percentages counts, none otherwise.

    There it counts for the routing's holder, or for the landlord when that holder's convention leaves it out.
    """
    routed = (
        routing.vacancy.entries.filter(stage=Stage.ROUTED)
        .exclude(Q(ledger=routing.vacancy.ledger_id) | Q(ledger__kind=Ledger.Kind.ONE_TURN))
        .order_by("ledger", "holder")
        .values("ledger", "holder", "holder__contingent")
        .annotate(net=Sum("quantity"))
        .filter(net__gt=0)
    )
    receivers = {
        row["ledger"]: row["holder"]
        for row in sorted(routed, key=lambda row: row["holder"] == routing.holder_id)
        if row["holder"] == routing.holder_id or row["holder__contingent"] == ReservationHolder.Contingent.NOT_RESERVED
    }
    return sorted(receivers.items())


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
    [state] = lock([vacancy.pk])
    _check(state, today)
    return _enter_again(state, by=by, now=now)


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


def _check(state: DecisionState, today: date) -> None:
    """Raises ResumptionRefused unless works took this unit out, and it is still of the flow."""
    unit = state.vacancy.unit
    if not state.is_out:
        raise ResumptionRefused(f"{unit} n’est pas sorti de la location : il n’y a rien à reprendre.")
    if state.vacancy.is_past:
        raise ResumptionRefused(
            f"La sortie de {unit} est reprise de votre ancien outil : déclarez-le au congé qui suit, ou entrez là ce "
            "qu’il est devenu."
        )
    if state.vacancy.kind == Kind.IN_FLOW and _kind_of(unit, today) in (Kind.STOCK, Kind.OUTSIDE):
        raise ResumptionRefused(
            f"{unit} n’est plus du flux : il porte un droit en stock, ou il est hors de l’assiette. Reclassez cette "
            "déclaration, sur la page « Annuler ou reclasser »."
        )


def _enter_again(state: DecisionState, *, by: User, now: datetime) -> Vacancy:
    """Decide in memory who gets it, at once: it is late. Raises ResumptionRefused where over 100 % is promised."""
    vacancy, before = state.vacancy, state.recommendation
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
